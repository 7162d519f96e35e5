import Basics

/// While the cluster cannot be reached, one question at a time finds out whether it still cannot; the others are
/// answered with what that one heard.
///
/// Each question that `kubectl proxy` cannot pass on runs the kubeconfig's credential plugin: two hundred logs that are
/// taken up again every few seconds would run it a hundred times a second.
final class UnreachableGate: Sendable {
  private struct State {
    var said: String
    /// When somebody may ask again.
    var until: ContinuousClock.Instant
    var backoff = Backoff(first: .milliseconds(250), limit: .seconds(2))
    var isAsking = false
  }
  private let state = Lock<State?>(nil)

  /// What the newest question heard, for one that is not to be asked now; nil for one that is.
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

  /// The cluster has answered.
  func isReachable() { state.withLock { $0 = nil } }

  /// A question has ended without an answer of either kind: the next one may be asked.
  func isOver() { state.withLock { $0?.isAsking = false } }
}
