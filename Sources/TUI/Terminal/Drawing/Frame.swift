/// One cell of the screen.
package struct Cell: Hashable, Sendable {
  /// The character's first scalar; 0 in the right half of a wide character.
  package var scalar: UInt32 = 0x20
  /// A combining mark, or 0.
  package var mark: UInt32 = 0
  package var style = Style.plain
  /// 1, 2 for a wide character, 0 for its right half.
  package var width: UInt8 = 1
}

/// The contents of the whole screen, as a value: frames are compared, never cleared.
package struct Frame: Sendable, Equatable {
  package let columns: Int
  package let rows: Int
  package private(set) var cells: [Cell]
  /// The position of the cursor, if visible.
  package var cursor: Place?

  package struct Place: Sendable, Equatable {
    package var x: Int
    package var y: Int

    package init(x: Int, y: Int) { (self.x, self.y) = (x, y) }
  }

  package init(_ size: Size, style: Style = .plain) {
    columns = size.columns
    rows = size.rows
    cells = Array(repeating: Cell(style: style), count: columns * rows)
  }

  package subscript(x: Int, y: Int) -> Cell { cells[y * columns + x] }

  /// Writes text at a position, limited to `limit` cells and to the frame.
  ///
  /// - Returns: the number of cells written.
  @discardableResult
  package mutating func write(_ text: some StringProtocol, x: Int, y: Int, limit: Int, style: Style) -> Int {
    guard y >= 0, y < rows, x < columns, limit > 0 else { return 0 }
    let end = min(columns, x + limit)
    var at = x
    // Nearly all text is ASCII, in which each byte is a cell.
    if CellText.isPlain(text) {
      func put(_ bytes: some Sequence<UInt8>) {
        for byte in bytes {
          guard at < end else { break }
          if at >= 0 { set(Cell(scalar: UInt32(byte), style: style), at, y) }
          at += 1
        }
      }
      if text.utf8.withContiguousStorageIfAvailable({ put($0) }) == nil { put(text.utf8) }
      return at - x
    }
    for character in text {
      if let ascii = character.asciiValue {
        guard at < end else { break }
        if ascii < 0x20 || ascii == 0x7F { continue }
        if at >= 0 { set(Cell(scalar: UInt32(ascii), style: style), at, y) }
        at += 1
        continue
      }
      for glyph in CellText.glyphs(of: character) {
        guard at + glyph.width <= end else { return at - x }
        if at >= 0 {
          set(Cell(scalar: glyph.scalar, mark: glyph.mark, style: style, width: UInt8(glyph.width)), at, y)
        }
        at += glyph.width
      }
    }
    return at - x
  }

  /// Fills a part of a row with a narrow character, without examining text.
  package mutating func fill(_ scalar: Unicode.Scalar, x: Int, y: Int, count: Int, style: Style) {
    guard y >= 0, y < rows else { return }
    for at in span(x, x + count, columns) { set(Cell(scalar: scalar.value, style: style), at, y) }
  }

  /// Sets a cell and keeps wide characters intact: those that it splits become blank.
  private mutating func set(_ cell: Cell, _ x: Int, _ y: Int) {
    let row = y * columns
    if cells[row + x].width == 0, x > 0 { cells[row + x - 1] = Cell(style: cells[row + x - 1].style) }
    if cells[row + x].width == 2, x + 1 < columns { cells[row + x + 1] = Cell(style: cells[row + x + 1].style) }
    cells[row + x] = cell
    guard cell.width == 2 else { return }
    if cells[row + x + 1].width == 2, x + 2 < columns { cells[row + x + 2] = Cell(style: cells[row + x + 2].style) }
    cells[row + x + 1] = Cell(scalar: 0, style: cell.style, width: 0)
  }

  /// Fills an area with blanks.
  package mutating func clear(_ rect: Rect, style: Style = .plain) {
    for y in span(rect.y, rect.bottom, rows) {
      for x in span(rect.x, rect.right, columns) { set(Cell(style: style), x, y) }
    }
  }

  /// Changes the style of an area, not its text.
  package mutating func restyle(_ rect: Rect, _ change: (inout Style) -> Void) {
    for y in span(rect.y, rect.bottom, rows) {
      for x in span(rect.x, rect.right, columns) { change(&cells[y * columns + x].style) }
    }
  }

  /// The part of a range that is on the screen.
  private func span(_ from: Int, _ to: Int, _ count: Int) -> Range<Int> {
    let start = max(0, min(from, count))
    return start..<max(start, min(to, count))
  }

  /// Its text, one line per row, without trailing blanks.
  package var text: String {
    (0..<rows).map { y in
      var line = String.UnicodeScalarView()
      for x in 0..<columns {
        let cell = self[x, y]
        guard cell.width > 0 else { continue }
        line.append(Unicode.Scalar(cell.scalar) ?? "?")
        if cell.mark != 0, let mark = Unicode.Scalar(cell.mark) { line.append(mark) }
      }
      while line.last == " " { line.removeLast() }
      return String(line)
    }.joined(separator: "\n") + "\n"
  }
}
