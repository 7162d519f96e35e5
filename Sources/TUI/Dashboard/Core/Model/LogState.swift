import Engine

/// Whose log is shown.
package enum LogTarget: Hashable, Sendable {
  /// A container of a runner's pod, or what is kept of it when the pod is gone.
  case runner(name: String, scaleSet: String, container: String)
  /// A container of a job's pod.
  case pod(name: String, container: String)
  /// All runners of an installation, line by line with their names.
  case installation(String, scaleSets: Set<String>)
  case listener(scaleSet: String)
  case controller

  /// How the pane is titled.
  package var title: String {
    switch self {
    case .runner(let name, _, let container): container == "runner" ? name : "\(name) · \(container)"
    case .pod(let name, let container): "\(name) · \(container)"
    case .installation(let name, _): "\(name) · all runners"
    case .listener(let scaleSet): "\(scaleSet) · listener"
    case .controller: "controller"
    }
  }

  package var isMerged: Bool { if case .installation = self { true } else { false } }
}

/// The log pane.
package struct LogState: Sendable, Equatable {
  package enum Phase: Sendable, Equatable {
    /// Nothing was asked for.
    case none
    case loading
    case live
    /// The container is gone; what it said is here.
    case ended
    case failed(EngineError)
  }

  package var target: LogTarget?
  package var phase = Phase.none
  /// Answers to other questions than this are stale.
  package var request = 0
  package var buffer = LogBuffer()
  /// Whether the end is shown. It is a property of the place: scrolling up ends it, going to the end begins it.
  package var follows = true
  /// The line at the top, and which of its rows, while the end is not followed.
  package var top = LogPlace()
  /// One more than the last line there was when following ended.
  package var seenEnd = 0
  package var wraps = true
  package var showsTime = true
  /// Whether the runner's own diagnostics are shown, which the official image writes among the lines of the terminal.
  package var showsDiagnostics = false
  /// Cells scrolled to the right where lines are not wrapped.
  package var column = 0
  package var filter = ""
  package var search = ""
  /// The line of the current match.
  package var match: Int?
  /// Whether it was chosen for itself and does not follow the selection.
  package var isPinned = false

  /// Nothing asked for.
  package init() {}

  /// Lines that came while something else was looked at.
  package var unseen: Int { follows ? 0 : max(0, buffer.end - max(seenEnd, buffer.first)) }

  mutating func take(_ news: LogNews) {
    switch news {
    case .lines(let lines):
      phase = .live
      buffer.append(lines)
      if top.line < buffer.first { top = LogPlace(line: buffer.first) }
    case .ended: phase = .ended
    case .failed(let error): phase = .failed(error)
    }
  }
}

/// A row of a log: a line, and which of the rows it is wrapped to.
package struct LogPlace: Sendable, Equatable {
  package var line: Int
  package var row: Int

  package init(line: Int = 0, row: Int = 0) { (self.line, self.row) = (line, row) }
}
