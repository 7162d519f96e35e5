/// Emulates enough of an xterm to read the screen of a full-screen program. It records unsupported sequences, so that a
/// gap here is not mistaken for a fault of the program.
struct VirtualTerminal {
  private(set) var columns: Int
  private(set) var rows: Int
  private(set) var modes: Set<Int> = []
  private(set) var unknown: Set<String> = []
  /// The texts that programs have put on the clipboard, as base64.
  private(set) var clipboard: [String] = []
  private var cells: [[TerminalCell]]
  /// The rows as text, and the rows changed since: tests compare the screen after each read, when few rows have
  /// changed.
  private var lines: [String]
  private var changed: Set<Int> = []
  private var saved: (cells: [[TerminalCell]], x: Int, y: Int)?
  private var mark = (x: 0, y: 0)
  private var x = 0
  private var y = 0
  private var region: ClosedRange<Int>
  private var last: Character = " "
  private var style = TerminalStyle()
  private var pending: [UInt8] = []

  init(columns: Int, rows: Int) {
    self.columns = columns
    self.rows = rows
    cells = Self.blank(columns, rows)
    lines = [String](repeating: "", count: rows)
    region = 0...(rows - 1)
  }

  private static func blank(_ columns: Int, _ rows: Int) -> [[TerminalCell]] {
    [[TerminalCell]](repeating: [TerminalCell](repeating: TerminalCell(), count: columns), count: rows)
  }

  /// An erased cell: a blank with the current background, as in xterm.
  private var erased: TerminalCell { TerminalCell(style: TerminalStyle(background: style.background)) }

  /// The current contents with their styles.
  var screen: TerminalScreen {
    TerminalScreen(
      columns: columns, rows: rows, cells: cells,
      cursor: modes.contains(25) ? (min(x, columns - 1), y) : nil)
  }

  /// Whether a program is in the middle of drawing a frame.
  var isDrawing: Bool { modes.contains(2026) || !pending.isEmpty }

  /// The screen as lines without trailing blanks.
  var text: String { lines.joined(separator: "\n") }

  private static func line(_ row: [TerminalCell]) -> String {
    let end = row.lastIndex { $0.character != " " && $0.character != TerminalCell.restOfWide }.map { $0 + 1 } ?? 0
    var line = ""
    for cell in row[..<end] where cell.character != TerminalCell.restOfWide { line.append(cell.character) }
    return line
  }

  private mutating func readLines() {
    for at in changed { lines[at] = Self.line(cells[at]) }
    changed = []
  }

  mutating func resize(columns: Int, rows: Int) {
    var resized = Self.blank(columns, rows)
    for y in 0..<min(rows, self.rows) {
      for x in 0..<min(columns, self.columns) { resized[y][x] = cells[y][x] }
    }
    (cells, self.columns, self.rows, region) = (resized, columns, rows, 0...(rows - 1))
    (x, y) = (min(x, columns - 1), min(y, rows - 1))
    lines = cells.map(Self.line)
  }

  mutating func feed(_ bytes: ArraySlice<UInt8>) {
    pending += bytes
    var at = 0
    while at < pending.count, let length = sequence(from: at) { at += length }
    pending.removeFirst(at)
    readLines()
  }

  /// Handles the sequence at this position, and returns its length; nil if it is not complete yet.
  private mutating func sequence(from start: Int) -> Int? {
    let byte = pending[start]
    switch byte {
    case 0x1B: return escape(from: start)
    case 0x08: x = max(0, x - 1)
    case 0x09: x = min(columns - 1, (x / 8 + 1) * 8)
    case 0x0A, 0x0B: lineFeed()
    case 0x0D: x = 0
    case 0..<0x20: break
    default:
      let length = byte < 0x80 ? 1 : byte < 0xE0 ? 2 : byte < 0xF0 ? 3 : 4
      guard start + length <= pending.count else { return nil }
      // A program that is ended by a signal may stop in the middle of a character.
      guard pending[(start + 1)..<(start + length)].allSatisfy({ $0 & 0xC0 == 0x80 }) else { return 1 }
      if let character = String(decoding: pending[start..<start + length], as: UTF8.self).first { put(character) }
      return length
    }
    return 1
  }

  private mutating func escape(from start: Int) -> Int? {
    guard start + 1 < pending.count else { return nil }
    switch pending[start + 1] {
    case UInt8(ascii: "["):
      guard let end = pending[(start + 2)...].firstIndex(where: { (0x40...0x7E).contains($0) }) else { return nil }
      control(String(decoding: pending[(start + 2)..<end], as: UTF8.self), Character(UnicodeScalar(pending[end])))
      return end - start + 1
    case UInt8(ascii: "]"):
      guard let end = pending[(start + 2)...].firstIndex(where: { $0 == 0x07 || $0 == 0x5C }) else { return nil }
      let text = String(decoding: pending[(start + 2)..<end], as: UTF8.self)
      if text.hasPrefix("52;") { clipboard.append(text.split(separator: ";").last.map(String.init) ?? "") }
      return end - start + 1
    case UInt8(ascii: "("), UInt8(ascii: ")"): return start + 2 < pending.count ? 3 : nil
    case UInt8(ascii: "M"):
      if y == region.lowerBound { scroll(-1) } else { y = max(0, y - 1) }
    case UInt8(ascii: "7"): mark = (x, y)
    case UInt8(ascii: "8"): (x, y) = mark
    case UInt8(ascii: "="), UInt8(ascii: ">"): break
    default: unknown.insert("ESC \(UnicodeScalar(pending[start + 1]))")
    }
    return 2
  }

  private mutating func control(_ parameters: String, _ final: Character) {
    if let mark = parameters.first, "?>=<".contains(mark) {
      let numbers = parameters.dropFirst().split(separator: ";").compactMap { Int($0) }
      if mark == "?", final == "h" || final == "l" { mode(numbers, isOn: final == "h") }
      return
    }
    let numbers = parameters.split(separator: ";", omittingEmptySubsequences: false).map { Int($0) ?? 0 }
    let first = numbers.first ?? 0
    let count = max(1, first)
    switch final {
    case "H", "f":
      y = min(rows, count) - 1
      x = min(columns, max(1, numbers.count > 1 ? numbers[1] : 1)) - 1
    case "A": y = max(0, y - count)
    case "B": y = min(rows - 1, y + count)
    case "C": x = min(columns - 1, x + count)
    case "D": x = max(0, x - count)
    case "G": x = min(columns, count) - 1
    case "d": y = min(rows, count) - 1
    case "I": x = min(columns - 1, (x / 8 + count) * 8)
    case "Z": x = max(0, ((x + 7) / 8 - count) * 8)
    case "J":
      eraseLine(first)
      for line in 0..<rows where first == 2 || (first == 0 ? line > y : line < y) { clear(line, 0..<columns) }
    case "K": eraseLine(first)
    case "X": clear(y, x..<min(columns, x + count))
    case "P":
      changed.insert(y)
      cells[y].removeSubrange(x..<min(columns, x + count))
      while cells[y].count < columns { cells[y].append(erased) }
    case "@":
      changed.insert(y)
      cells[y].insert(contentsOf: [TerminalCell](repeating: erased, count: min(count, columns - x)), at: x)
      cells[y].removeLast(cells[y].count - columns)
    case "L": shift(from: y, by: -count)
    case "M": shift(from: y, by: count)
    case "S": scroll(count)
    case "T": scroll(-count)
    case "b": for _ in 0..<count { put(last) }
    case "r":
      // A region meant for a larger screen, before a resize, is limited to this one.
      let bottom = min(rows, max(1, numbers.count > 1 && numbers[1] > 0 ? numbers[1] : rows))
      region = (min(max(1, first), bottom) - 1)...(bottom - 1)
      (x, y) = (0, 0)
    case "m": style.apply(parameters)
    case "t", "n", "c", "h", "l": break
    default: unknown.insert("CSI \(final)")
    }
  }

  private mutating func mode(_ numbers: [Int], isOn: Bool) {
    for number in numbers {
      if number == 1049 {
        if isOn {
          saved = (cells, x, y)
          cells = Self.blank(columns, rows)
        } else if let saved {
          (cells, x, y) = saved
        }
        changed = Set(0..<rows)
      }
      if isOn { modes.insert(number) } else { modes.remove(number) }
    }
  }

  private mutating func put(_ character: Character) {
    guard let scalar = character.unicodeScalars.first else { return }
    if scalar.properties.generalCategory == .nonspacingMark || scalar.value == 0xFE0F {
      let before = x > 1 && cells[y][x - 1].character == TerminalCell.restOfWide ? x - 2 : x - 1
      if before >= 0 {
        changed.insert(y)
        cells[y][before].character = Character(String(cells[y][before].character) + String(character))
      }
      return
    }
    let isWide =
      (0x1100...0x115F).contains(scalar.value) || (0x2E80...0xA4CF).contains(scalar.value)
      || (0xAC00...0xD7A3).contains(scalar.value) || (0x1F300...0x1FAFF).contains(scalar.value)
      || (0xFF01...0xFF60).contains(scalar.value) || (0x20000...0x3FFFD).contains(scalar.value)
      || (scalar.value > 0xFF && scalar.properties.isEmojiPresentation)
    if x >= columns {
      x = 0
      lineFeed()
    }
    last = character
    changed.insert(y)
    cells[y][x] = TerminalCell(character: character, style: style)
    x += 1
    if isWide, x < columns {
      cells[y][x] = TerminalCell(character: TerminalCell.restOfWide, style: style)
      x += 1
    }
  }

  private mutating func clear(_ line: Int, _ range: Range<Int>) {
    changed.insert(line)
    for at in range { cells[line][at] = erased }
  }

  private mutating func eraseLine(_ what: Int) {
    let at = min(x, columns - 1)
    clear(y, what == 0 ? at..<columns : what == 1 ? 0..<(at + 1) : 0..<columns)
  }

  private mutating func lineFeed() {
    if y == region.upperBound { scroll(1) } else { y = min(rows - 1, y + 1) }
  }

  private mutating func scroll(_ count: Int) {
    let former = y
    y = region.lowerBound
    shift(from: region.lowerBound, by: count)
    y = former
  }

  /// Deletes or inserts lines within the scrolled region.
  private mutating func shift(from line: Int, by count: Int) {
    guard region.contains(line) else { return }
    let blank = [TerminalCell](repeating: erased, count: columns)
    for _ in 0..<min(abs(count), region.count) {
      cells.remove(at: count > 0 ? line : region.upperBound)
      cells.insert(blank, at: count > 0 ? region.upperBound : line)
    }
    changed.formUnion(line...region.upperBound)
  }
}
