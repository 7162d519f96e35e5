/// Rows under headings, aligned by what they take on the screen.
package struct Table: Sendable {
  package enum Alignment: Sendable {
    case leading
    case trailing
  }

  package struct Column: Sendable {
    package var title: PrintableText
    /// Numbers stand right.
    var alignment: Alignment
    /// Shown with `-o wide` alone.
    package var onlyWide: Bool
    /// The fewest cells it can be cut to on a narrow terminal, or nil when it must stay whole.
    package var minimum: Int?
    /// Left out where the terminal is narrower than the table, before anything is cut.
    package var givesWay: Bool

    package init(
      _ title: PrintableText, _ alignment: Alignment = .leading, onlyWide: Bool = false, minimum: Int? = nil,
      givesWay: Bool = false
    ) {
      self.givesWay = givesWay
      self.title = title
      self.alignment = alignment
      self.onlyWide = onlyWide
      self.minimum = minimum
    }
  }

  package struct Cell: Sendable, ExpressibleByStringInterpolation {
    /// The text on one line.
    package let text: PrintableText
    package let role: Role
    /// A sign that stands before the text.
    package let mark: Mark?

    package init(_ text: String, _ role: Role = .plain, mark: Mark? = nil) {
      self.text = PrintableText(text)
      self.role = role
      self.mark = mark
    }

    /// The title of a column.
    package init(title: PrintableText) {
      text = title
      role = .faint
      mark = nil
    }

    package init(stringLiteral value: String) { self.init(value) }
  }

  package let columns: [Column]
  package private(set) var rows: [[Cell]] = []

  package init(_ columns: [Column]) { self.columns = columns }

  /// Adds a row; missing cells at its end stay empty.
  package mutating func add(_ cells: [Cell]) {
    rows.append(Array((cells + Array(repeating: "", count: max(0, columns.count - cells.count))).prefix(columns.count)))
  }

  /// The lines, each with its newline. Nothing is cut unless the terminal is narrower than the table.
  package func text(style: Style, width: Int? = nil, wide: Bool = false, headers: Bool = true) -> PrintableText {
    var shown = columns.indices.filter { wide || !columns[$0].onlyWide }
    var widths = shown.map { index in
      let cells = rows.map { plain($0[index], style).width }
      return max(headers ? columns[index].title.width : 0, cells.max() ?? 0)
    }
    if let width {
      if !wide, Self.total(widths) > width {
        let stays = shown.map { !columns[$0].givesWay }
        widths = zip(widths, stays).filter(\.1).map(\.0)
        shown = zip(shown, stays).filter(\.1).map(\.0)
      }
      shrink(&widths, shown, to: width)
    }
    var lines: PrintableText = ""
    if headers {
      lines += line(shown.map { Cell(title: columns[$0].title) }, shown, widths, style)
    }
    for row in rows { lines += line(shown.map { row[$0] }, shown, widths, style) }
    return lines
  }

  private static let gap = "  "

  private static func total(_ widths: [Int]) -> Int { widths.reduce(0, +) + gap.count * max(0, widths.count - 1) }

  private func plain(_ cell: Cell, _ style: Style) -> PrintableText {
    let text = style.usesUnicode ? cell.text : cell.text.withoutTypography
    guard let mark = cell.mark else { return text }
    return text.isEmpty ? style.sign(mark) : style.sign(mark) + " " + text
  }

  /// Takes from the widest column that may be cut, until the line fits or nothing may be cut any more.
  private func shrink(_ widths: inout [Int], _ shown: [Int], to width: Int) {
    var excess = Self.total(widths) - width
    while excess > 0 {
      let candidates = widths.indices.filter { at in columns[shown[at]].minimum.map { widths[at] > $0 } ?? false }
      guard let widest = candidates.max(by: { widths[$0] < widths[$1] }) else { return }
      widths[widest] -= 1
      excess -= 1
    }
  }

  private func line(_ cells: [Cell], _ shown: [Int], _ widths: [Int], _ style: Style) -> PrintableText {
    var text: PrintableText = ""
    var pending = 0
    for (at, cell) in cells.enumerated() {
      let full = plain(cell, style)
      let fitting = full.cut(to: widths[at], ellipsis: style.ellipsis)
      let padding = widths[at] - fitting.width
      let isTrailing = columns[shown[at]].alignment == .trailing
      if at > 0 { pending += Self.gap.count }
      if isTrailing { pending += padding }
      if !fitting.isEmpty {
        text += PrintableText(blanks: pending) + painted(cell, fitting, style)
        pending = 0
      }
      if !isTrailing { pending += padding }
    }
    return text + "\n"
  }

  private func painted(_ cell: Cell, _ fitting: PrintableText, _ style: Style) -> PrintableText {
    guard let mark = cell.mark, let rest = fitting.droppingPrefix(style.sign(mark)) else {
      return style.paint(fitting, cell.role)
    }
    return style.paint(mark) + style.paint(rest, cell.role)
  }
}
