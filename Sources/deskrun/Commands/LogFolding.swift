import Engine
import Synchronization

/// Removes the runner's own diagnostics from the lines of several pods.
final class LogFolding: Sendable {
  private let isOn: Bool
  private let state = Lock<(folds: [String: RunnerLogFold], hasFolded: Bool)>(([:], false))

  init(isOn: Bool) { self.isOn = isOn }

  /// The number of pods with stored state.
  var count: Int { state.withLock { $0.folds.count } }

  /// Removes the state of a pod whose log has ended.
  func forget(_ pod: String) { state.withLock { $0.folds[pod] = nil } }

  /// The lines to show.
  ///
  /// - Returns: the lines, and whether some were removed for the first time.
  func shown(_ lines: [LogLine]) -> (lines: [LogLine], isFirstFold: Bool) {
    guard isOn else { return (lines, false) }
    return state.withLock { state in
      let shown = lines.filter { !state.folds[$0.pod, default: RunnerLogFold()].isDiagnostic($0.text) }
      let isFirst = shown.count < lines.count && !state.hasFolded
      if isFirst { state.hasFolded = true }
      return (shown, isFirst)
    }
  }
}
