/// Rows under headings, aligned by their width on the screen.
package struct Table: Sendable {
  package enum Alignment: Sendable {
    case leading
    case trailing
  }

  package struct Column: Sendable {
    package var title: PrintableText
    /// Numbers are right-aligned.
    var alignment: Alignment
    /// Only shown with `-o wide`.
    package var onlyWide: Bool
    /// The minimum width on a narrow terminal while another column can be omitted; nil if it is not truncated as long
    /// as anything else can be.
    package var minimum: Int?
    /// The order in which columns are omitted on a narrow terminal, from 1; nil if it is required.
    package var leavesAt: Int?
    /// The label before it if a narrow terminal shows it below the row, in whole words; nil if it stays in the row.
    package var below: PrintableText?
    /// Whether the last column continues on further lines on a narrow terminal, instead of being truncated.
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
    /// A symbol before the text.
    package let mark: Mark?
    /// A shorter text with the same meaning, if there is not enough room.
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

  /// Adds a row; missing cells at its end are empty.
  package mutating func add(_ cells: [Cell]) {
    rows.append(Array((cells + Array(repeating: "", count: max(0, columns.count - cells.count))).prefix(columns.count)))
  }

  /// The lines, each with its line end. If the terminal is narrower than the table, the least important parts are
  /// truncated or omitted until every line fits. With `wide` all columns were requested, and nothing is.
  ///
  /// - Parameter width: the width of the terminal; nil for a file or pipe, where nothing is truncated.
  package func text(style: Style, width: Int? = nil, wide: Bool = false, headers: Bool = true) -> PrintableText {
    var shown = columns.indices.filter { wide || !columns[$0].onlyWide }
    let natural = columns.indices.map { index in
      let cells = rows.map { plain($0[index], style).width }
      return max(headers ? columns[index].title.width : 0, cells.max() ?? 0)
    }
    var widths = shown.map { natural[$0] }
    var below: [Int] = []
    // Requested wide output is never shortened: the terminal wraps its lines.
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
      // First further truncation where allowed, then everywhere.
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

  /// The minimum width of a column while others can be omitted.
  private func fewest(_ index: Int, _ natural: [Int]) -> Int {
    columns[index].minimum.map { min($0, natural[index]) } ?? natural[index]
  }

  /// The lines below a row. Commands in them are never wrapped, so that they can be copied.
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

  /// Shortens the widest column that may be truncated, until the line fits or nothing more may be.
  ///
  /// - Parameter least: the minimum width of each column.
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
