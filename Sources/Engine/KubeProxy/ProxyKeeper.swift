import Basics
import Synchronization
import Tools

/// Sees to it that there is a proxy when one is needed: started with the first question, and again when it has ended,
/// when the kubeconfig has changed, and when the cluster keeps refusing its credentials.
actor ProxyKeeper {
  private let toolbox: Toolbox
  private let onFallback: @Sendable (String) -> Void
  private var current: ProxyProcess?
  private var starting: Task<ProxyProcess?, any Error>?
  /// Until when there is none, and each question is a process; nil while there may be one.
  private let unavailable = Lock<Unavailable?>(nil)
  private var appendsServerPath = true
  private var isClosed = false
  /// Questions in a row that were answered with 401.
  private var refusals = 0

  private enum Unavailable: Sendable {
    case forGood
    case until(ContinuousClock.Instant)
  }

  /// A proxy whose credentials are refused is not replaced sooner: the new one may have the same.
  private let refusalPatience: Duration
  private static let refusalLimit = 2
  /// Time until a start is tried again that took too long, or failed for another reason than the cluster.
  private static let retry: Duration = .seconds(60)

  init(toolbox: Toolbox, refusalPatience: Duration, onFallback: @escaping @Sendable (String) -> Void) {
    self.toolbox = toolbox
    self.refusalPatience = refusalPatience
    self.onFallback = onFallback
  }

  /// Whether proxies cannot be had here.
  nonisolated var isUnavailable: Bool {
    switch unavailable.withLock({ $0 }) {
    case .forGood: true
    case .until(let end): end > .now
    case nil: false
    }
  }

  /// The proxy that serves now; nil where there can be none, and kubectl is to be asked itself.
  ///
  /// - Throws: `EngineError` that says why the cluster cannot be asked at all, `CancellationError`.
  func proxy(_ kubectl: Kubectl) async throws -> ProxyProcess? {
    if isClosed { throw CancellationError() }
    if isUnavailable { return nil }
    if let current, isGood(current, kubectl) { return current }
    if starting == nil {
      // Shared by all who ask meanwhile: that one of them gives up must not end it for the others.
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

  /// A question was answered, with 401 or otherwise.
  func hasAnswered(_ status: Int) { refusals = status == 401 ? refusals + 1 : 0 }

  /// Whether a proxy whose stream broke was replaced or has ended. A process that was killed is known to be gone some
  /// milliseconds after its streams are.
  func isGone(_ proxy: ProxyProcess) async -> Bool {
    for wait in [0, 10, 40, 100] {
      try? await Task.sleep(for: .milliseconds(wait))
      if current !== proxy || proxy.hasEnded { return true }
    }
    return false
  }

  /// Nobody answers at this proxy's socket.
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
    // Streams that go on over the former end with it, and are taken up over the new one.
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
    // Hundreds of logs are as many connections.
    try? DescriptorRoom.check(600)
    // While kubectl starts, so that nobody waits for it; it has ended when this returns.
    async let _ = OwnThread.value { [environment = toolbox.environment] in SocketFolder.removeStale(environment) }
    let folder: SocketFolder
    do { folder = try SocketFolder.make(toolbox.environment) } catch {
      return giveUp(.forGood, error.why ?? error.what)
    }
    do {
      switch try await ProxyProcess.start(kubectl, in: folder, appendsServerPath: appendsServerPath) {
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
        // What would keep every other kubectl from the cluster too is no reason to do without.
        if [.unreachable, .unauthorized, .timedOut].contains(failure.kind), !result.exit.isSuccess { throw failure }
        // A kubeconfig that is just being written is complete in a moment; a program without the command never has it.
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

  /// Ends the proxy; there is no other after it.
  func close() async {
    isClosed = true
    starting?.cancel()
    _ = try? await starting?.value
    let former = current
    current = nil
    await former?.end()
  }
}
