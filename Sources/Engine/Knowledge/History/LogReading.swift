import ARC
import Basics
import Synchronization

extension LogRecorder {
  /// What the reading of one log has come to, over all its streams.
  final class Reading: Sendable {
    private struct State {
      var hasHeard = false
      var hadJob = false
      var hasEnd = false
      var hasReadAgain = false
      var failures = 0
    }

    private let state = Lock(State())
    /// How often a log is asked for that nobody answers for and whose runner has no job any more.
    private static let tries = 5

    /// Lines have come.
    func hasHeard() { state.withLock { ($0.hasHeard, $0.failures) = (true, 0) } }

    func note(_ mark: Mark) {
      state.withLock { state in
        switch mark {
        case .started: state.hadJob = true
        case .ended: (state.hadJob, state.hasEnd) = (true, true)
        case .hint, .unknownEnd: break
        }
      }
    }

    /// The cluster says that the runner has a job, or had one.
    func noteJob() { state.withLock { $0.hadJob = true } }

    /// Whether the runner said how its job ended.
    var hasEnd: Bool { state.withLock { $0.hasEnd } }
    /// Whether the runner has a job, or had one.
    var hadJob: Bool { state.withLock { $0.hadJob } }

    /// Whether the log of a container that has ended was not read once more yet.
    func readsAgain() -> Bool {
      state.withLock { state in
        defer { state.hasReadAgain = true }
        return !state.hasReadAgain
      }
    }

    /// Counts a failure.
    ///
    /// - Returns: whether the log is to be asked for again.
    func triesAgain() -> Bool {
      state.withLock { state in
        state.failures += 1
        return state.failures < Self.tries
      }
    }

    /// Why the log does not tell how the job ended; nil when it does.
    var unknownEnd: UnknownEnd? {
      state.withLock { state in
        if state.hasEnd { return nil }
        if state.hasHeard { return .noResult }
        return state.failures >= Self.tries ? .logUnreadable : .podDeleted
      }
    }
  }
}
