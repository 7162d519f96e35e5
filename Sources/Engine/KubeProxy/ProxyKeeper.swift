import Basics
import Synchronization
import Tools

/// Provides a proxy when one is needed: started with the first request, and again after it has ended, after the
/// kubeconfig has changed, and when the cluster keeps rejecting its credentials.
actor ProxyKeeper {
  private let toolbox: Toolbox
  /// Whether proxies are used for long.
  private let stays: Bool
  private let onFallback: @Sendable (String) -> Void
  private var current: ProxyProcess?
  private var starting: Task<ProxyProcess?, any Error>?
  /// Until when no proxy is used and each request is a process; nil while a proxy may be used.
  private let unavailable = Lock<Unavailable?>(nil)
  private var appendsServerPath = true
  private var isClosed = false
  /// Consecutive responses with status 401.
  private var refusals = 0

  private enum Unavailable: Sendable {
    case forGood
    case until(ContinuousClock.Instant)
  }

  /// The minimum time before a proxy with rejected credentials is replaced: the new one may have the same.
  private let refusalPatience: Duration
  private static let refusalLimit = 2
  /// Time before another start after one that timed out, or failed for a reason other than the cluster.
  private static let retry: Duration = .seconds(60)

  init(
    toolbox: Toolbox, stays: Bool, refusalPatience: Duration, onFallback: @escaping @Sendable (String) -> Void
  ) {
    self.toolbox = toolbox
    self.stays = stays
    self.refusalPatience = refusalPatience
    self.onFallback = onFallback
  }

  /// Whether proxies cannot be used.
  nonisolated var isUnavailable: Bool {
    switch unavailable.withLock({ $0 }) {
    case .forGood: true
    case .until(let end): end > .now
    case nil: false
    }
  }

  /// The current proxy; nil if none can be used and kubectl must be called directly.
  ///
  /// - Throws: `EngineError` with the reason why the cluster cannot be reached at all, `CancellationError`.
  func proxy(_ kubectl: Kubectl) async throws -> ProxyProcess? {
    if isClosed { throw CancellationError() }
    if isUnavailable { return nil }
    if let current, isGood(current, kubectl) { return current }
    if starting == nil {
      // Shared by all concurrent callers: cancellation of one must not end it for the others.
      starting = Task {
        defer { starting = nil }
        return try await replace(kubectl)
      }
    }
    return try await starting?.value
  }

  private func isGood(_ proxy: ProxyProcess, _ kubectl: Kubectl) -> Bool {
    if proxy.hasEnded { return false }
    if refusals >= Self.refusalLimit, proxy.started.duration(to: .now) >= refusalPatience { return false }
    return proxy.stamp == FileStamp(of: kubectl.configurationFiles)
  }

  /// A request was answered, with 401 or another status.
  func hasAnswered(_ status: Int) { refusals = status == 401 ? refusals + 1 : 0 }

  /// Whether a proxy whose stream broke was replaced or has ended. The end of a killed process is noticed some
  /// milliseconds after the end of its streams.
  func isGone(_ proxy: ProxyProcess) async -> Bool {
    for wait in [0, 10, 40, 100] {
      try? await Task.sleep(for: .milliseconds(wait))
      if current !== proxy || proxy.hasEnded { return true }
    }
    return false
  }

  /// The proxy's socket does not accept connections.
  func isLost(_ proxy: ProxyProcess) async {
    guard current === proxy else { return }
    current = nil
    await proxy.end()
  }

  private func replace(_ kubectl: Kubectl) async throws -> ProxyProcess? {
    let former = current
    current = nil
    refusals = 0
    let outcome: Result<ProxyProcess?, any Error>
    do { outcome = .success(try await start(kubectl)) } catch { outcome = .failure(error) }
    // Streams through the former proxy end with it and are resumed through the new one.
    await former?.end()
    let proxy = try outcome.get()
    guard !isClosed else {
      await proxy?.end()
      throw CancellationError()
    }
    current = proxy
    return proxy
  }

  private func start(_ kubectl: Kubectl) async throws -> ProxyProcess? {
    // Each followed log is a connection, and there may be hundreds.
    DescriptorRoom.want(600)
    // Runs while kubectl starts, so that nobody waits for it; finished when this returns.
    async let _ = OwnThread.value { [environment = toolbox.environment] in SocketFolder.removeStale(environment) }
    let folder: SocketFolder
    do { folder = try SocketFolder.make(toolbox.environment) } catch {
      return giveUp(.forGood, error.why ?? error.what)
    }
    do {
      switch try await ProxyProcess.start(kubectl, in: folder, stays: stays, appendsServerPath: appendsServerPath) {
      case .serves(let proxy): return proxy
      case .silent:
        folder.remove()
        return giveUp(.until(.now + Self.retry), "kubectl proxy did not start in time")
      case .ended(let call, let result):
        folder.remove()
        if appendsServerPath, result.errorText.contains("append-server-path") {
          appendsServerPath = false
          return try await start(kubectl)
        }
        let failure = kubectl.failure(of: call, result)
        // Failures that affect any other kubectl too are no reason to give up the proxy.
        if [.unreachable, .unauthorized, .timedOut].contains(failure.kind), !result.exit.isSuccess { throw failure }
        // A kubeconfig that is being written will be complete in a moment; a kubectl without the command never gets it.
        let isForGood = result.exit.isSuccess || result.errorText.contains("unknown ")
        return giveUp(isForGood ? .forGood : .until(.now + Self.retry), failure.why ?? failure.what)
      }
    } catch {
      folder.remove()
      throw error
    }
  }

  private func giveUp(_ howLong: Unavailable, _ why: String) -> ProxyProcess? {
    unavailable.withLock { $0 = howLong }
    onFallback(why)
    return nil
  }

  /// Ends the proxy for good.
  func close() async {
    isClosed = true
    starting?.cancel()
    _ = try? await starting?.value
    let former = current
    current = nil
    await former?.end()
  }
}
