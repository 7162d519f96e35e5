import Basics
import Synchronization

/// Logs that cannot be written now. Hundreds may be on the same disk: if it is full, that is reported once, and again
/// only after such a log could be written.
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

  /// All known lines of this log were written. Others may be writable while one is not: the last block of a file may
  /// have room on a full disk.
  func recovered(_ target: LogRecorder.Target) {
    state.withLock { state in
      if state.failing.remove(target) != nil, state.failing.isEmpty { state.isTold = false }
    }
  }

  /// The unwritten lines of this log are given up.
  func gaveUp(_ target: LogRecorder.Target) { state.withLock { _ = $0.failing.remove(target) } }
}
