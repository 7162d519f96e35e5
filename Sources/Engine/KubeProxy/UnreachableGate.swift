import Basics

/// While the cluster cannot be reached, a single request at a time checks whether that is still so; the others fail
/// with the result of that one.
///
/// Each request that `kubectl proxy` cannot forward runs the kubeconfig's credential plugin: two hundred logs that are
/// resumed every few seconds would run it a hundred times a second.
final class UnreachableGate: Sendable {
  private struct State {
    var said: String
    /// When the next request may be sent.
    var until: ContinuousClock.Instant
    var backoff = Backoff(first: .milliseconds(250), limit: .seconds(2))
    var isAsking = false
  }
  private let state = Lock<State?>(nil)

  /// The latest error, for a request that should not be sent now; nil for one that should.
  func refusal() -> String? {
    state.withLock { state in
      guard let current = state else { return nil }
      guard !current.isAsking, current.until <= .now else { return current.said }
      state?.isAsking = true
      return nil
    }
  }

  /// The cluster could not be reached.
  func isUnreachable(_ said: String) {
    state.withLock { state in
      var next = state ?? State(said: said, until: .now)
      next.said = said
      next.isAsking = false
      next.until = .now + next.backoff.next()
      state = next
    }
  }

  /// The cluster has responded.
  func isReachable() { state.withLock { $0 = nil } }

  /// A request ended with neither result: the next one may be sent.
  func isOver() { state.withLock { $0?.isAsking = false } }
}
