/// A line that a program rewrote with carriage returns, as progress bars do, in its final state on a terminal.
package enum RewrittenLine {
  /// The final state of the line: later text covers earlier text, and `ESC [ K` erases.
  ///
  /// Takes time proportional to the length of the line, however often it is rewritten.
  ///
  /// - Returns: nil for a line without a carriage return, which stays unchanged.
  package static func shown(_ bytes: UnsafeBufferPointer<UInt8>) -> [UInt8]? {
    guard bytes.contains(0x0D) else { return nil }
    let parts = bytes.split(separator: 0x0D)
    // Most such lines only end with a carriage return.
    if parts.count <= 1, !bytes.contains(0x1B) { return parts.first.map { Array($0) } ?? [] }
    var row = Row()
    for part in parts { row.write(Array(part)) }
    return row.bytes
  }

  /// The visible cells of a line.
  private struct Row {
    /// One character per cell; invalid bytes become the replacement character.
    private var cells: [Character] = []
    /// A part with colors, instead of the cells: it cannot be overlaid cell by cell.
    private var colored: [UInt8]?

    var bytes: [UInt8] { colored ?? Array(String(cells).utf8) }

    /// Writes a part, starting at the first cell.
    mutating func write(_ part: [UInt8]) {
      var cursor = 0
      var text: [UInt8] = []
      var all: [UInt8] = []
      var at = 0
      while at < part.count {
        guard let (end, erases) = Self.erasure(part, at) else {
          text.append(part[at])
          at += 1
          continue
        }
        put(text, &cursor)
        all += text
        text = []
        erase(erases, cursor)
        at = end
      }
      all += text
      // What remains visible beside a part with colors is the rest of a line.
      if all.contains(0x1B) {
        (colored, cells) = (all, [])
      } else {
        if colored != nil, !all.isEmpty { (colored, cells) = (nil, []) }
        put(text, &cursor)
      }
    }

    private mutating func put(_ text: [UInt8], _ cursor: inout Int) {
      guard !text.isEmpty else { return }
      while cells.count < cursor { cells.append(" ") }
      for character in String(decoding: text, as: UTF8.self) {
        if cursor < cells.count { cells[cursor] = character } else { cells.append(character) }
        cursor += 1
      }
    }

    private enum Erasure { case rest, beginning, all }

    /// Erases; the cursor stays where it is.
    private mutating func erase(_ what: Erasure, _ cursor: Int) {
      colored = nil
      switch what {
      case .rest: cells.removeSubrange(min(cursor, cells.count)...)
      case .beginning where cursor < cells.count: for at in 0..<cursor { cells[at] = " " }
      case .beginning, .all: cells = []
      }
    }

    /// The erase sequence at an offset, and where it ends.
    private static func erasure(_ part: [UInt8], _ at: Int) -> (end: Int, what: Erasure)? {
      guard part[at] == 0x1B, at + 1 < part.count, part[at + 1] == UInt8(ascii: "[") else { return nil }
      var end = at + 2
      while end < part.count, (0x30...0x3F).contains(part[end]) { end += 1 }
      guard end < part.count, part[end] == UInt8(ascii: "K") else { return nil }
      switch part[(at + 2)..<end] {
      case [UInt8(ascii: "1")]: return (end + 1, .beginning)
      case [UInt8(ascii: "2")]: return (end + 1, .all)
      default: return (end + 1, .rest)
      }
    }
  }
}
