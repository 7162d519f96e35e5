import ARC
import Basics
import Synchronization

extension LogRecorder {
  /// The progress of reading a log, across all its streams.
  final class Reading: Sendable {
    private struct State {
      var hasHeard = false
      var hadJob = false
      var hasEnd = false
      var hasReadAgain = false
      var failures = 0
    }

    private let state = Lock(State())
    /// The number of attempts for a log that cannot be read and whose runner no longer has a job.
    private static let tries = 5

    /// Lines have arrived.
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

    /// The cluster reports that the runner has or had a job.
    func noteJob() { state.withLock { $0.hadJob = true } }

    /// Whether the runner logged the result of its job.
    var hasEnd: Bool { state.withLock { $0.hasEnd } }
    /// Whether the runner has or had a job.
    var hadJob: Bool { state.withLock { $0.hadJob } }

    /// Whether the log of a container that has ended must be read once more.
    func readsAgain() -> Bool {
      state.withLock { state in
        defer { state.hasReadAgain = true }
        return !state.hasReadAgain
      }
    }

    /// Counts a failure.
    ///
    /// - Returns: whether to request the log again.
    func triesAgain() -> Bool {
      state.withLock { state in
        state.failures += 1
        return state.failures < Self.tries
      }
    }

    /// Why the log does not contain the job's result; nil if it does.
    var unknownEnd: UnknownEnd? {
      state.withLock { state in
        if state.hasEnd { return nil }
        if state.hasHeard { return .noResult }
        return state.failures >= Self.tries ? .logUnreadable : .podDeleted
      }
    }
  }
}
