import Engine
import TerminalKit

/// The containers whose log is shown.
package enum LogTarget: Hashable, Sendable {
  /// A container of a runner's pod, or its archived log if the pod was deleted.
  case runner(name: String, scaleSet: String, container: String)
  /// A container of a job pod.
  case pod(name: String, container: String)
  /// All runners of an installation, merged, with the runner's name in each line.
  case installation(String, scaleSets: Set<String>)
  case listener(scaleSet: String)
  case controller

  /// The pane's title.
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

/// The state of the log pane.
package struct LogState: Sendable, Equatable {
  package enum Phase: Sendable, Equatable {
    /// No log was requested.
    case none
    case loading
    case live
    /// The container exited; its whole log is shown.
    case ended
    case failed(EngineError)
  }

  package var target: LogTarget?
  /// The index of the log's cluster.
  package var cluster = 0
  package var phase = Phase.none
  /// The number of the current request; responses to others are outdated.
  package var request = 0
  package var buffer = LogBuffer()
  /// Whether the end is shown and followed. Scrolling up stops following, scrolling to the end resumes it.
  package var follows = true
  /// The line at the top and the row within it, while the end is not followed.
  package var top = LogPlace()
  /// One more than the number of the last line when following stopped.
  package var seenEnd = 0
  package var wraps = true
  package var showsTime = true
  /// Whether to show the runner's own diagnostics, which the official image writes between terminal lines.
  package var showsDiagnostics = false
  /// The horizontal scroll position in cells, if lines are not wrapped.
  package var column = 0
  package var filter = ""
  package var search = ""
  /// The current line: a match, an error or the head of a group.
  package var match: Int?
  /// Whether lines are shown unmodified, and not formatted as on GitHub.
  package var isRaw = false
  /// The folded groups.
  package var folds = LogFolds()
  /// Whether to jump to the first error as soon as there is one: the log belongs to a failed job.
  package var opensAtError = false
  /// The visible lines, as last selected.
  package private(set) var shown = ShownLines()

  /// Creates a state without a log.
  package init() {}

  /// Selects the visible lines among new lines, or among all if the criteria changed.
  package mutating func chooseLines() { shown.update(buffer, .init(filter, showsDiagnostics, isRaw, folds)) }

  /// Whether a line is hidden only because its group is folded.
  package func isFolded(_ number: Int) -> Bool {
    guard !isRaw, filter.isEmpty, folds.areAny, buffer.markup(number).kind != .endGroup,
      let head = buffer.groupHead(number)
    else { return false }
    return head != number && folds.isFolded(head)
  }

  /// Starts another log, or the same from its start.
  package mutating func restart(request: Int) {
    (self.request, buffer, shown) = (request, LogBuffer(), ShownLines())
    (follows, match, column) = (true, nil, 0)
    (folds, opensAtError) = (LogFolds(), false)
    phase = target == nil ? .none : .loading
  }

  /// The number of new lines while the end is not followed.
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

/// A row of a log: a line, and the row within it if wrapped.
package struct LogPlace: Sendable, Equatable {
  package var line: Int
  package var row: Int

  package init(line: Int = 0, row: Int = 0) { (self.line, self.row) = (line, row) }
}

/// The numbers of the lines that match the filter and are not folded, so that the cost of a frame depends on the
/// visible lines and not on all lines.
package struct ShownLines: Sendable, Equatable {
  /// The criteria for visible lines.
  fileprivate struct Choice: Sendable, Equatable {
    var filter = ""
    var showsDiagnostics = false
    var isRaw = false
    var folds = LogFolds()

    init() {}

    init(_ filter: String, _ showsDiagnostics: Bool, _ isRaw: Bool, _ folds: LogFolds) {
      (self.filter, self.showsDiagnostics, self.isRaw, self.folds) = (filter, showsDiagnostics, isRaw, folds)
    }
  }

  private var choice = Choice()
  private var numbers: [Int] = []
  /// One more than the last line that was checked.
  private var end = 0

  init() {}

  fileprivate mutating func update(_ buffer: LogBuffer, _ choice: Choice) {
    if choice != self.choice || end > buffer.end {
      self = ShownLines()
      self.choice = choice
    }
    guard end < buffer.end else { return }
    // Remove the numbers of dropped lines in bulk.
    let gone = place(of: buffer.first)
    if gone > 2048 { numbers.removeFirst(gone) }
    let wanted = RowFilter(choice.filter)
    for number in max(end, buffer.first)..<buffer.end {
      guard choice.showsDiagnostics || !buffer.isDiagnostic(number) else { continue }
      if !choice.isRaw, buffer.markup(number).kind == .endGroup { continue }
      if wanted.isEmpty {
        // A filter also matches folded lines.
        if !choice.isRaw, choice.folds.areAny, let head = buffer.groupHead(number), head != number,
          choice.folds.isFolded(head)
        {
          continue
        }
        numbers.append(number)
      } else if wanted.matches(ColoredText.plain(buffer[number].text)) {
        numbers.append(number)
      }
    }
    end = buffer.end
  }

  /// The number of visible lines before a line.
  private func place(of line: Int) -> Int {
    var (low, high) = (0, numbers.count)
    while low < high {
      let middle = (low + high) / 2
      if numbers[middle] < line { low = middle + 1 } else { high = middle }
    }
    return low
  }

  package func contains(_ line: Int) -> Bool {
    let place = place(of: line)
    return place < numbers.count && numbers[place] == line
  }

  /// The visible line after or before another.
  package func next(_ line: Int, forward: Bool) -> Int? {
    let place = forward ? place(of: line + 1) : place(of: line) - 1
    return numbers.indices.contains(place) ? numbers[place] : nil
  }
}
