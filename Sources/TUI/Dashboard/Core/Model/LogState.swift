import Engine
import TerminalKit

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
  /// The place among the clusters of the one whose log it is.
  package var cluster = 0
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
  /// The line that was gone to: a match, an error, the head of a group.
  package var match: Int?
  /// Whether lines are shown as they were written, and not as GitHub shows them.
  package var isRaw = false
  /// The groups that are folded.
  package var folds = LogFolds()
  /// Whether the first error is to be gone to as soon as there is one: the log is that of a job that failed.
  package var opensAtError = false
  /// The lines that are shown, as far as they were chosen.
  package private(set) var shown = ShownLines()

  /// Nothing asked for.
  package init() {}

  /// Chooses among the lines that came since, or among all where something else is shown than before.
  package mutating func chooseLines() { shown.update(buffer, .init(filter, showsDiagnostics, isRaw, folds)) }

  /// Whether a line is out of sight only because its group is folded.
  package func isFolded(_ number: Int) -> Bool {
    guard !isRaw, filter.isEmpty, folds.areAny, buffer.markup(number).kind != .endGroup,
      let head = buffer.groupHead(number)
    else { return false }
    return head != number && folds.isFolded(head)
  }

  /// Another log, or the same from its start.
  package mutating func restart(request: Int) {
    (self.request, buffer, shown) = (request, LogBuffer(), ShownLines())
    (follows, match, column) = (true, nil, 0)
    (folds, opensAtError) = (LogFolds(), false)
    phase = target == nil ? .none : .loading
  }

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

/// The numbers of the lines that the filter and the folds let through, so that a frame costs what is seen and not what is
/// kept.
package struct ShownLines: Sendable, Equatable {
  /// What decides which lines are shown.
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
  /// One more than the last line that was looked at.
  private var end = 0

  init() {}

  fileprivate mutating func update(_ buffer: LogBuffer, _ choice: Choice) {
    if choice != self.choice || end > buffer.end {
      self = ShownLines()
      self.choice = choice
    }
    guard end < buffer.end else { return }
    // Lines that are gone go in bulk.
    let gone = place(of: buffer.first)
    if gone > 2048 { numbers.removeFirst(gone) }
    let wanted = RowFilter(choice.filter)
    for number in max(end, buffer.first)..<buffer.end {
      guard choice.showsDiagnostics || !buffer.isDiagnostic(number) else { continue }
      if !choice.isRaw, buffer.markup(number).kind == .endGroup { continue }
      if wanted.isEmpty {
        // A filter finds what is folded too.
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

  /// How many come before a line.
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

  /// The line after or before another.
  package func next(_ line: Int, forward: Bool) -> Int? {
    let place = forward ? place(of: line + 1) : place(of: line) - 1
    return numbers.indices.contains(place) ? numbers[place] : nil
  }
}
