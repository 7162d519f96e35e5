import Engine

/// The lines kept of a log, limited by number and bytes. Line numbers never change. Each line is examined once, when it
/// arrives: its meaning to GitHub, its group, and what must be hidden in it.
package struct LogBuffer: Sendable, Equatable {
  package static let lineLimit = 10_000
  package static let byteLimit = 8 << 20

  private struct Entry: Sendable, Equatable {
    var line: LogLine
    /// Whether it is from the runner's own diagnostics.
    var isDiagnostic: Bool
    var markup: LogMarkup
    /// The line number of its group's title, its own for a title.
    var group: Int?
  }

  /// The state of a pod's lines.
  private struct Place: Sendable, Equatable {
    var fold = RunnerLogFold()
    var commands = LogCommands()
    /// The title of the open group.
    var group: Int?
  }

  private var entries: [Entry] = []
  private var places: [String: Place] = [:]
  private var groups = LogGroups()
  /// The numbers of error lines.
  private var errorLines: [Int] = []
  private var masks = LogMasks()
  /// The number of lines at the start of the array that were already dropped; they are removed in bulk.
  private var dead = 0
  package private(set) var bytes = 0
  /// The number of lines dropped to stay within the limits.
  package private(set) var dropped = 0
  /// The number of the first line.
  package private(set) var first = 0

  package init() {}

  package var count: Int { entries.count - dead }
  /// The number of the last line plus one.
  package var end: Int { first + count }
  package var isEmpty: Bool { count == 0 }

  private func entry(_ number: Int) -> Entry { entries[dead + number - first] }

  /// A line by its number.
  package subscript(number: Int) -> LogLine { entry(number).line }

  /// Whether a line is from the runner's own diagnostics.
  package func isDiagnostic(_ number: Int) -> Bool { entry(number).isDiagnostic }

  /// The meaning of a line to GitHub.
  package func markup(_ number: Int) -> LogMarkup { entry(number).markup }

  /// The title of a line's group, its own number for a title; nil outside of groups, and if the title was dropped.
  package func groupHead(_ number: Int) -> Int? { entry(number).group.flatMap { $0 < first ? nil : $0 } }

  /// The group with a title line.
  package func group(_ head: Int) -> LogGroup? { groups[head] }

  package var hasGroups: Bool { groups.last.map { $0 >= first } ?? false }

  /// The next group title after or before a line.
  package func nextGroup(_ number: Int, forward: Bool) -> Int? {
    groups.next(number, forward: forward).flatMap { $0 < first ? nil : $0 }
  }

  /// The numbers of error lines.
  package var errors: ArraySlice<Int> { errorLines[errorLines.partition { $0 >= first }...] }

  package mutating func append(_ new: [LogLine]) {
    for line in new { append(line) }
    while count > Self.lineLimit || (bytes > Self.byteLimit && count > 1) {
      bytes -= entries[dead].line.text.utf8.count
      dead += 1
      first += 1
      dropped += 1
    }
    if dead > 2048 {
      entries.removeFirst(dead)
      dead = 0
      errorLines.removeFirst(errorLines.partition { $0 >= first })
      groups.drop(before: first)
    }
  }

  private mutating func append(_ line: LogLine) {
    var line = line
    var markup = places[line.pod, default: Place()].commands.next(line.text)
    if markup.kind == .mask {
      masks.learn(markup.secrets(line.text))
      line.text = markup.withoutSecret(line.text)
    } else if !masks.isEmpty, let masked = masks.masked(line.text) {
      line.text = masked
      markup = places[line.pod]?.commands.again(masked) ?? LogMarkup(masked)
    }
    let number = end
    let time = line.time ?? markup.time(line.text)
    let (isDiagnostic, group) = place(line, markup.kind, number, time)
    if markup.kind == .error { errorLines.append(number) }
    entries.append(Entry(line: line, isDiagnostic: isDiagnostic, markup: markup, group: group))
    bytes += line.text.utf8.count
  }

  /// The state for the next line of a pod: whether it belongs to the diagnostics, and its group.
  private mutating func place(
    _ line: LogLine, _ kind: LogMarkup.Kind, _ number: Int, _ time: Int64?
  ) -> (isDiagnostic: Bool, group: Int?) {
    let isDiagnostic = places[line.pod, default: Place()].fold.isDiagnostic(line.text)
    guard !isDiagnostic else { return (true, nil) }
    if kind == .group {
      if let open = places[line.pod]?.group { groups.end(open, at: time) }
      groups.begin(number, at: time)
      places[line.pod]?.group = number
      return (false, number)
    }
    guard let open = places[line.pod]?.group else { return (false, nil) }
    // What the runner reports about itself concerns the whole job.
    let isOver = kind != .endGroup && RunnerLogLine.isOfTerminal(line.text)
    if isOver || kind == .endGroup {
      groups.end(open, at: time)
      places[line.pod]?.group = nil
    }
    guard !isOver else { return (false, nil) }
    if kind != .endGroup { groups.count(open) }
    return (false, open)
  }

  /// Removes all lines; numbering continues with the next ones.
  package mutating func clear() {
    first = end
    entries = []
    places = [:]
    groups = LogGroups()
    errorLines = []
    dead = 0
    bytes = 0
    dropped = 0
  }
}

extension [Int] {
  /// The number of elements before the first one that satisfies the condition; all later ones must satisfy it too.
  fileprivate func partition(_ isBehind: (Int) -> Bool) -> Int {
    var (low, high) = (0, count)
    while low < high {
      let middle = (low + high) / 2
      if isBehind(self[middle]) { high = middle } else { low = middle + 1 }
    }
    return low
  }
}
