import Basics
import Synchronization

/// Logs that cannot be kept now. Hundreds may be written to the same disk: when it is full, that is told once, and again
/// only after a log that could not be written could be.
final class LogTrouble: Sendable {
  private struct State {
    var failing: Set<LogRecorder.Target> = []
    var isTold = false
  }

  private let state = Lock(State())
  private let onProblem: @Sendable (EngineError) -> Void

  init(_ onProblem: @escaping @Sendable (EngineError) -> Void) { self.onProblem = onProblem }

  /// This log could not be written.
  func failed(_ target: LogRecorder.Target, _ error: EngineError) {
    let isNew = state.withLock { state in
      state.failing.insert(target)
      defer { state.isTold = true }
      return !state.isTold
    }
    if isNew { onProblem(error) }
  }

  /// All that is known of this log was written. Others may be written while one cannot: the last block of a file may
  /// have room on a disk that has none.
  func recovered(_ target: LogRecorder.Target) {
    state.withLock { state in
      if state.failing.remove(target) != nil, state.failing.isEmpty { state.isTold = false }
    }
  }

  /// What is not written of this log is given up.
  func gaveUp(_ target: LogRecorder.Target) { state.withLock { _ = $0.failing.remove(target) } }
}
