import DashboardCore
import Engine
import TerminalKit

/// A log in a rectangle: which rows are visible, and how scrolling and searching move them. Its cost depends on the
/// number of visible rows, not of lines, unless lines are filtered.
package struct LogView {
  package let log: LogState
  /// The width for text, including times and names.
  package let width: Int
  package let height: Int

  package init(log: LogState, width: Int, height: Int) {
    var log = log
    log.chooseLines()
    self.log = log
    self.width = max(1, width - 2)
    self.height = max(1, height)
  }

  /// The width of what precedes the text.
  package var prefixWidth: Int {
    guard width >= 40 else { return 0 }
    return (log.showsTime ? 9 : 0) + (log.target?.isMerged == true ? 17 : 0)
  }

  private var textWidth: Int { max(1, width - prefixWidth) }

  private func isShown(_ number: Int) -> Bool { log.shown.contains(number) }

  /// The number of rows of a line.
  package func rows(of number: Int) -> Int {
    let line = LogLineText(log: log)
    guard log.wraps, !line.isHead(number) else { return 1 }
    let text = line.plain(number)
    if text.utf8.count <= textWidth, CellText.isPlain(text) { return 1 }
    return Self.breaks(text, to: textWidth).count + 1
  }

  /// The positions at which a line is wrapped: after the last space of a row if the row is then more than half full,
  /// otherwise where it is full. Counted in characters from the start of the line.
  static func breaks(_ text: String, to cells: Int) -> [Int] {
    var breaks: [Int] = []
    var used = 0
    var start = 0
    // The last position at which a row may end, and its width up to there.
    var space: (after: Int, cells: Int)?
    // A space after a full row stays there, invisible.
    var isFull = false
    var index = 0
    func end(at place: Int, cells left: Int) {
      breaks.append(place)
      start = place
      used -= left
      space = nil
    }
    for character in text {
      let width = CellText.width(of: character)
      if isFull {
        end(at: index, cells: used)
        isFull = false
      } else if used + width > cells, index > start {
        if character == " " {
          isFull = true
        } else if let found = space, found.cells * 2 > cells {
          end(at: found.after, cells: found.cells)
        } else {
          end(at: index, cells: used)
        }
      }
      index += 1
      used += width
      if character == " ", !isFull { space = (index, used) }
    }
    return breaks
  }

  /// The spans in rows of at most this width.
  package static func cut(_ spans: [Span], to cells: Int) -> [[Span]] {
    let breaks = breaks(spans.map(\.text).joined(), to: cells)
    var rows: [[Span]] = []
    var row: [Span] = []
    var index = 0
    for span in spans {
      var part = ""
      for character in span.text {
        if rows.count < breaks.count, breaks[rows.count] == index {
          if !part.isEmpty { row.append(Span(part, span.style)) }
          rows.append(row)
          (row, part) = ([], "")
        }
        part.append(character)
        index += 1
      }
      if !part.isEmpty { row.append(Span(part, span.style)) }
    }
    if !row.isEmpty || rows.isEmpty { rows.append(row) }
    return rows
  }

  /// The next visible line after or before another.
  private func next(_ number: Int, forward: Bool) -> Int? {
    log.shown.next(number, forward: forward).flatMap { $0 < log.buffer.first ? nil : $0 }
  }

  /// The position at the top when the end is visible.
  private var topOfEnd: LogPlace {
    var left = height
    var place = LogPlace(line: log.buffer.end)
    while left > 0, let line = next(place.line, forward: false) {
      let count = rows(of: line)
      place = LogPlace(line: line, row: max(0, count - left))
      left -= count
    }
    return place
  }

  /// The current position at the top.
  package var top: LogPlace {
    if log.follows { return topOfEnd }
    var line = max(log.buffer.first, min(log.top.line, max(log.buffer.first, log.buffer.end - 1)))
    if line < log.buffer.end, !isShown(line) { line = next(line, forward: true) ?? next(line, forward: false) ?? line }
    return LogPlace(line: line, row: line == log.top.line ? log.top.row : 0)
  }

  /// The visible rows, from the top.
  package var visible: [LogPlace] {
    var places: [LogPlace] = []
    guard !log.buffer.isEmpty else { return [] }
    var place = top
    guard place.line < log.buffer.end, isShown(place.line) else { return [] }
    var count = rows(of: place.line)
    while places.count < height {
      if place.row < count {
        places.append(place)
        place.row += 1
      } else {
        guard let line = next(place.line, forward: true) else { break }
        place = LogPlace(line: line)
        count = rows(of: line)
      }
    }
    return places
  }

  /// Fixes the view at its position.
  func freeze(_ log: inout LogState) {
    guard log.follows, !log.buffer.isEmpty else { return }
    log.top = top
    log.follows = false
    log.seenEnd = log.buffer.end
  }

  /// Scrolls by rows; at the end, the view follows it again.
  func scroll(_ log: inout LogState, by rows: Int) {
    guard !log.buffer.isEmpty, rows != 0 else { return }
    if rows > 0, log.follows { return }
    if rows >= 1_000_000 { return log.follows = true }
    if rows <= -1_000_000 {
      freeze(&log)
      log.top = LogPlace(line: log.buffer.first)
      return
    }
    var place = top
    var left = abs(rows)
    while left > 0 {
      if rows < 0 {
        if place.row > 0 {
          place.row -= 1
        } else {
          guard let line = next(place.line, forward: false) else { break }
          place = LogPlace(line: line, row: self.rows(of: line) - 1)
        }
      } else if place.row + 1 < self.rows(of: place.line) {
        place.row += 1
      } else {
        guard let line = next(place.line, forward: true) else { break }
        place = LogPlace(line: line)
      }
      left -= 1
    }
    let end = topOfEnd
    if rows > 0, place.line > end.line || (place.line == end.line && place.row >= end.row) {
      log.follows = true
      return
    }
    // A log that is completely visible cannot be scrolled.
    if rows < 0, end.line <= log.buffer.first, end.row == 0 { return }
    freeze(&log)
    log.top = place
  }

  /// Goes to the next line that contains the search text.
  ///
  /// - Returns: whether there is one.
  package func find(_ log: inout LogState, forward: Bool) -> Bool {
    guard !log.search.isEmpty, !log.buffer.isEmpty else { return false }
    let wanted = log.search.lowercased()
    let line = LogLineText(log: log)
    var at = start(forward: forward)
    for _ in 0..<log.buffer.count {
      at += forward ? 1 : -1
      if at >= log.buffer.end { at = log.buffer.first }
      if at < log.buffer.first { at = log.buffer.end - 1 }
      guard isShown(at) || log.isFolded(at), line.plain(at).lowercased().contains(wanted) else { continue }
      reveal(&log, at)
      return true
    }
    log.match = nil
    return false
  }

  /// Goes to the next error, wrapping around after the last.
  ///
  /// - Returns: whether there is one.
  package func findError(_ log: inout LogState, forward: Bool) -> Bool {
    let errors = log.buffer.errors.filter { isShown($0) || log.isFolded($0) }
    // From the end, go to the first one: later errors are mostly its consequences.
    let at = log.match ?? (log.follows ? (forward ? log.buffer.first - 1 : log.buffer.end) : start(forward: forward))
    let next =
      forward ? errors.first(where: { $0 > at }) ?? errors.first : errors.last(where: { $0 < at }) ?? errors.last
    guard let next else { return false }
    reveal(&log, next)
    return true
  }

  /// Goes to the next group.
  ///
  /// - Returns: whether there is one.
  package func findGroup(_ log: inout LogState, forward: Bool) -> Bool {
    guard !log.isRaw else { return false }
    var at = log.match ?? start(forward: forward)
    while let head = log.buffer.nextGroup(at, forward: forward) {
      at = head
      guard isShown(head) else { continue }
      reveal(&log, head)
      return true
    }
    return false
  }

  /// Where a search starts that has not found anything yet.
  private func start(forward: Bool) -> Int {
    let seen = visible
    let at = log.match ?? (forward ? (seen.first?.line ?? 0) - 1 : (seen.last?.line ?? 0) + 1)
    return max(at, log.buffer.first - 1)
  }

  /// The group to use if none was selected: that of the newest line while following the end, otherwise the first
  /// visible one.
  private var groupInSight: Int? {
    let seen = visible.map(\.line)
    if let match = log.match, seen.contains(match), let head = log.buffer.groupHead(match) { return head }
    for line in log.follows ? seen.reversed() : seen {
      if let head = log.buffer.groupHead(line) { return head }
    }
    return nil
  }

  /// Folds or unfolds the current group.
  ///
  /// - Returns: whether there is one.
  package func fold(_ log: inout LogState) -> Bool {
    guard !log.isRaw, log.filter.isEmpty, let head = groupInSight else { return false }
    log.folds.toggle(head)
    if log.follows {
      log.match = head
      log.chooseLines()
    } else {
      reveal(&log, head)
    }
    return true
  }

  /// Shows a line with some lines before it, and marks it as current.
  package func reveal(_ log: inout LogState, _ line: Int) {
    if log.isFolded(line), let head = log.buffer.groupHead(line) { log.folds.toggle(head) }
    log.match = line
    let view = LogView(log: log, width: width + 2, height: height)
    log.chooseLines()
    guard !view.visible.contains(where: { $0.line == line }) else { return }
    view.freeze(&log)
    log.follows = false
    log.seenEnd = max(log.seenEnd, log.buffer.end)
    log.top = LogPlace(line: line)
    var lead = height / 3
    while lead > 0, let before = view.next(log.top.line, forward: false) {
      log.top = LogPlace(line: before)
      lead -= view.rows(of: before)
    }
  }
}
