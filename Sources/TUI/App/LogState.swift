import Engine

/// Whose log is shown.
enum LogTarget: Hashable, Sendable {
  /// A container of a runner's pod, or what is kept of it when the pod is gone.
  case runner(name: String, scaleSet: String, container: String)
  /// A container of a job's pod.
  case pod(name: String, container: String)
  /// All runners of an installation, line by line with their names.
  case installation(String, scaleSets: Set<String>)
  case listener(scaleSet: String)
  case controller

  /// How the pane is titled.
  var title: String {
    switch self {
    case .runner(let name, _, let container): container == "runner" ? name : "\(name) · \(container)"
    case .pod(let name, let container): "\(name) · \(container)"
    case .installation(let name, _): "\(name) · all runners"
    case .listener(let scaleSet): "\(scaleSet) · listener"
    case .controller: "controller"
    }
  }

  var isMerged: Bool { if case .installation = self { true } else { false } }
}

/// The log pane.
struct LogState: Sendable, Equatable {
  enum Phase: Sendable, Equatable {
    /// Nothing was asked for.
    case none
    case loading
    case live
    /// The container is gone; what it said is here.
    case ended
    case failed(EngineError)
  }

  var target: LogTarget?
  var phase = Phase.none
  /// Answers to other questions than this are stale.
  var request = 0
  var buffer = LogBuffer()
  /// Whether the end is shown. It is a property of the place: scrolling up ends it, going to the end begins it.
  var follows = true
  /// The line at the top, and which of its rows, while the end is not followed.
  var top = LogPlace()
  /// One more than the last line there was when following ended.
  var seenEnd = 0
  var wraps = true
  var showsTime = true
  /// Cells scrolled to the right where lines are not wrapped.
  var column = 0
  var filter = ""
  var search = ""
  /// The line of the current match.
  var match: Int?

  /// Lines that came while something else was looked at.
  var unseen: Int { follows ? 0 : max(0, buffer.end - max(seenEnd, buffer.first)) }
}

/// A row of a log: a line, and which of the rows it is wrapped to.
struct LogPlace: Sendable, Equatable {
  var line = 0
  var row = 0
}
