import Basics
import Kubernetes
import Tools

/// Watches the listeners of a controller that is not in the namespace of the scale sets, wherever it moves. That they
/// cannot be read, as by who may see the scale sets alone, ends no other watch.
struct ListenersElsewhere: Sendable {
  /// What it tells.
  enum News: Sendable {
    case events([WatchEvent<Pod>])
    /// What was told counts no longer, because the controller is not there, or because its pods cannot be read; why.
    case forget(EngineError?)
    /// How the watch of this path does.
    case report(WatchReport, path: String)
    /// The watch of this path has ended.
    case ended(path: String)
  }

  let api: any KubernetesAPI
  /// The namespace of the scale sets.
  let namespace: String
  let patience: WatchPatience
  /// The namespace of the controller, as it is known now.
  let controllerNamespace: @Sendable () -> String?
  let tell: @Sendable (News) -> Void

  /// Watches until the task is cancelled.
  ///
  /// - Parameter moves: tells that the controller may be in another namespace than before.
  func run(_ moves: AsyncStream<Void>) async {
    var watched: String?
    var watching: Task<Void, Never>?
    defer { watching?.cancel() }
    for await _ in moves {
      let found = controllerNamespace().flatMap { $0.isEmpty || $0 == namespace ? nil : $0 }
      guard found != watched else { continue }
      watching?.cancel()
      // What it was just told is not to follow what the next one is told.
      await watching?.value
      if let watched { tell(.ended(path: Self.path(watched))) }
      tell(.forget(nil))
      watched = found
      watching = found.map { found in Task { await watch(found) } }
    }
  }

  private static func path(_ namespace: String) -> String { "/api/v1/namespaces/\(namespace)/pods" }

  /// Watches one namespace, and tries again where that fails, after half a minute at most.
  private func watch(_ elsewhere: String) async {
    var backoff = Backoff(first: patience.wait.first, limit: patience.wait.most, useful: patience.useful)
    let path = Self.path(elsewhere)
    while !Task.isCancelled {
      let started = ContinuousClock.now
      do {
        var stream = WatchStream<Pod>(api: api, path: path, query: "&\(SnapshotReader.listeners(of: namespace))")
        stream.patience = patience
        try await stream.run { report in
          tell(.report(report, path: path))
        } _: { events in
          tell(.events(events))
        }
      } catch {
        guard !Task.isCancelled else { return }
        tell(.ended(path: path))
        tell(
          .forget(
            error as? EngineError
              ?? EngineError(.failed, "The listeners in \(elsewhere) cannot be read", why: String(describing: error))))
      }
      try? await Task.sleep(for: backoff.next(after: started.duration(to: .now)))
    }
  }
}
