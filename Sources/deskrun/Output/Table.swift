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
    /// The fewest cells it is cut to on a narrow terminal while another column can be left out; nil when it stays whole
    /// as long as anything else can be cut.
    package var minimum: Int?
    /// Its place among the columns that a narrow terminal leaves out, from 1; nil when it is needed.
    package var leavesAt: Int?
    /// What stands before it where a narrow terminal shows it below the row, in whole words; nil where it stays in the
    /// row.
    package var below: PrintableText?
    /// Whether the last column goes on in further lines where a narrow terminal has no room, instead of being cut.
    package var wraps: Bool

    package init(
      _ title: PrintableText, _ alignment: Alignment = .leading, onlyWide: Bool = false, minimum: Int? = nil,
      leavesAt: Int? = nil, below: PrintableText? = nil, wraps: Bool = false
    ) {
      self.title = title
      self.alignment = alignment
      self.onlyWide = onlyWide
      self.minimum = minimum
      self.leavesAt = leavesAt
      self.below = below
      self.wraps = wraps
    }
  }

  package struct Cell: Sendable, ExpressibleByStringInterpolation {
    /// The text on one line.
    package let text: PrintableText
    package let role: Role
    /// A sign that stands before the text.
    package let mark: Mark?
    /// What says the same where the text has no room.
    package let short: PrintableText?

    package init(_ text: String, _ role: Role = .plain, mark: Mark? = nil, short: String? = nil) {
      self.text = PrintableText(text)
      self.role = role
      self.mark = mark
      self.short = short.map { PrintableText($0) }
    }

    /// The title of a column.
    package init(title: PrintableText) {
      text = title
      role = .faint
      mark = nil
      short = nil
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

  /// The lines, each with its newline. Where the terminal is narrower than the table, what matters least is cut or left
  /// out until every line fits. With `wide` all columns were asked for, and nothing is.
  ///
  /// - Parameter width: cells of the terminal; nil for a file or pipe, where nothing is cut.
  package func text(style: Style, width: Int? = nil, wide: Bool = false, headers: Bool = true) -> PrintableText {
    var shown = columns.indices.filter { wide || !columns[$0].onlyWide }
    let natural = columns.indices.map { index in
      let cells = rows.map { plain($0[index], style).width }
      return max(headers ? columns[index].title.width : 0, cells.max() ?? 0)
    }
    var widths = shown.map { natural[$0] }
    var below: [Int] = []
    // What was asked for as wide is never shortened: the terminal breaks its lines.
    if let width, !wide, Self.total(widths) > width {
      below = shown.filter { columns[$0].below != nil }
      shown.removeAll(where: below.contains)
      let leaving = shown.filter { columns[$0].leavesAt != nil }.sorted {
        (columns[$0].leavesAt ?? 0) < (columns[$1].leavesAt ?? 0)
      }
      for index in leaving where Self.total(shown.map { fewest($0, natural) }) > width {
        shown.removeAll { $0 == index }
      }
      widths = shown.map { natural[$0] }
      shrink(&widths, to: width, least: shown.map { fewest($0, natural) })
      // What may be cut, further; then all of it.
      shrink(&widths, to: width, least: zip(shown, widths).map { columns[$0].minimum == nil ? $1 : 4 })
      shrink(&widths, to: width, least: shown.map { _ in 1 })
      while shown.count > 1, Self.total(widths) > width {
        shown.removeLast()
        widths.removeLast()
      }
      if let only = widths.first, shown.count == 1 { widths[0] = min(only, width) }
    }
    var lines: PrintableText = ""
    if headers {
      lines += line(shown.map { Cell(title: columns[$0].title) }, shown, widths, style)
    }
    for row in rows {
      lines += line(shown.map { row[$0] }, shown, widths, style)
      for index in below { lines += underneath(row[index], columns[index].below ?? "", style, width ?? 0) }
    }
    return lines
  }

  /// The fewest cells a column is cut to while others can be left out.
  private func fewest(_ index: Int, _ natural: [Int]) -> Int {
    columns[index].minimum.map { min($0, natural[index]) } ?? natural[index]
  }

  /// The lines below a row. A command in it is never broken, so that it can be copied.
  private func underneath(
    _ cell: Cell, _ label: PrintableText, _ style: Style, _ width: Int
  ) -> PrintableText {
    let text = plain(cell, style)
    guard !text.isEmpty else { return "" }
    var label = label
    return text.wrapped(to: width - 4 - label.width).reduce(into: "") { lines, line in
      lines += "    " + style.paint(label, .strong) + style.paint(line, cell.role) + "\n"
      label = PrintableText(blanks: label.width)
    }
  }

  private static let gap = "  "

  private static func total(_ widths: [Int]) -> Int { widths.reduce(0, +) + gap.count * max(0, widths.count - 1) }

  private func plain(_ cell: Cell, _ style: Style) -> PrintableText {
    let text = style.usesUnicode ? cell.text : cell.text.withoutTypography
    guard let mark = cell.mark else { return text }
    return text.isEmpty ? style.sign(mark) : style.sign(mark) + " " + text
  }

  /// Takes from the widest column that may be cut, until the line fits or nothing may be cut any more.
  ///
  /// - Parameter least: the fewest cells of each.
  private func shrink(_ widths: inout [Int], to width: Int, least: [Int]) {
    var excess = Self.total(widths) - width
    while excess > 0 {
      let candidates = widths.indices.filter { widths[$0] > least[$0] }
      guard let widest = candidates.max(by: { widths[$0] < widths[$1] }) else { return }
      widths[widest] -= 1
      excess -= 1
    }
  }

  private func line(_ cells: [Cell], _ shown: [Int], _ widths: [Int], _ style: Style) -> PrintableText {
    var text: PrintableText = ""
    var further: PrintableText = ""
    var pending = 0
    for (at, cell) in cells.enumerated() {
      var full = plain(cell, style)
      if full.width > widths[at], let short = cell.short { full = style.usesUnicode ? short : short.withoutTypography }
      if columns[shown[at]].wraps, at == cells.count - 1, full.width > widths[at], cell.mark == nil {
        let lines = full.wrapped(to: widths[at]).flatMap { $0.broken(to: widths[at]) }
        let indent = PrintableText(blanks: widths.dropLast().reduce(0) { $0 + $1 + Self.gap.count })
        full = lines.first ?? ""
        for line in lines.dropFirst() {
          further += indent + style.paint(line.cut(to: widths[at], ellipsis: style.ellipsis), cell.role) + "\n"
        }
      }
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
    return text + "\n" + further
  }

  private func painted(_ cell: Cell, _ fitting: PrintableText, _ style: Style) -> PrintableText {
    guard let mark = cell.mark, let rest = fitting.droppingPrefix(style.sign(mark)) else {
      return style.paint(fitting, cell.role)
    }
    return style.paint(mark) + style.paint(rest, cell.role)
  }
}
