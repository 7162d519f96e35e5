/// Draws rows of a terminal's screen as SVG elements. Styles become CSS classes.
struct ScreenDrawing {
  let colors: PictureColors
  /// The classes of colors and fonts, by their CSS.
  private var classes: [String: String] = [:]
  private var order: [String] = []

  init(_ colors: PictureColors) { self.colors = colors }

  /// The CSS of the used classes.
  var styleSheet: String { order.map { ".\(classes[$0] ?? ""){\($0)}" }.joined() }

  /// Draws a row.
  mutating func row(_ y: Int, of screen: TerminalScreen) -> String {
    var cells = screen.cells[y]
    if let cursor = screen.cursor, cursor.y == y { cells[cursor.x].style.isReversed.toggle() }
    let top = Double(y) * PictureCell.height
    return grounds(cells, top) + lines(cells, top) + texts(cells, top)
  }

  // MARK: Backgrounds

  /// A rectangle for each span with a background other than the picture's.
  private mutating func grounds(_ cells: [TerminalCell], _ top: Double) -> String {
    var result = ""
    for (start, end, ground) in Self.stretches(cells, by: { colors.colors(of: $0.style).ground }) {
      guard ground != colors.background else { continue }
      let (x, width) = (Double(start) * PictureCell.width, Double(end - start) * PictureCell.width)
      result += #"<path class="\#(fill(ground))" d="\#(Self.rectangle(x, top, width, PictureCell.height))"/>"#
    }
    return result
  }

  // MARK: Lines and blocks

  /// A path for each color: parts that touch across cells are joined.
  private mutating func lines(_ cells: [TerminalCell], _ top: Double) -> String {
    var paths: [UInt32: [LineDrawing.Part]] = [:]
    var order: [UInt32] = []
    for (x, cell) in cells.enumerated() {
      guard let parts = LineDrawing.parts(of: cell.character) else { continue }
      let color = colors.colors(of: cell.style).text
      if paths[color] == nil { order.append(color) }
      for part in parts {
        var placed = part
        placed.x += Double(x) * PictureCell.width
        placed.y += top
        Self.add(placed, to: &paths[color, default: []])
      }
    }
    return order.map { color in
      let outline = (paths[color] ?? []).map { Self.rectangle($0.x, $0.y, $0.width, $0.height) }.joined()
      return #"<path class="\#(fill(color))" d="\#(outline)"/>"#
    }.joined()
  }

  private static func add(_ part: LineDrawing.Part, to parts: inout [LineDrawing.Part]) {
    if let last = parts.last, last.y == part.y, last.height == part.height, last.x + last.width >= part.x - 0.01 {
      parts[parts.count - 1].width = max(last.width, part.x + part.width - last.x)
    } else {
      parts.append(part)
    }
  }

  private static func rectangle(_ x: Double, _ y: Double, _ width: Double, _ height: Double) -> String {
    let text = PictureCell.text
    return "M\(text(x)) \(text(y))h\(text(width))v\(text(height))h-\(text(width))z"
  }

  // MARK: Text

  /// Text that is written in one element.
  private struct Run {
    var start: Int
    var columns: Int
    var text: String
    var style: TerminalStyle
    /// Whether it is a symbol or a wide character, whose width depends on the font.
    var isAlone: Bool
  }

  private mutating func texts(_ cells: [TerminalCell], _ top: Double) -> String {
    let runs = Self.runs(cells)
    guard !runs.isEmpty else { return "" }
    let spans = runs.map { run -> String in
      var attributes = #" x="\#(PictureCell.text(Double(run.start) * PictureCell.width))""#
      if run.isAlone || run.columns > 1 {
        attributes += #" textLength="\#(PictureCell.text(Double(run.columns) * PictureCell.width))""#
      }
      if run.isAlone { attributes += #" lengthAdjust="spacingAndGlyphs""# }
      let kinds = classes(of: run.style)
      return #"<tspan\#(attributes) class="\#(kinds)">\#(Self.escaped(run.text))</tspan>"#
    }
    return #"<text y="\#(PictureCell.text(top + PictureCell.baseline))">\#(spans.joined())</text>"#
  }

  /// Spans of one style, without surrounding blanks.
  private static func runs(_ cells: [TerminalCell]) -> [Run] {
    var runs: [Run] = []
    var isOpen = false
    var blanks = 0
    for (x, cell) in cells.enumerated() {
      if cell.character == TerminalCell.restOfWide { continue }
      let isDrawn = LineDrawing.parts(of: cell.character) != nil
      if isDrawn || (cell.character == " " && !cell.style.isUnderlined) {
        blanks += 1
        if isDrawn || blanks > 1 { isOpen = false }
        continue
      }
      let isWide = x + 1 < cells.count && cells[x + 1].character == TerminalCell.restOfWide
      let isAlone = isWide || !isPlain(cell.character)
      if isOpen, !isAlone, let last = runs.last, !last.isAlone, looksAlike(last.style, cell.style) {
        runs[runs.count - 1].text += String(repeating: " ", count: blanks) + String(cell.character)
        runs[runs.count - 1].columns += blanks + 1
      } else {
        runs.append(
          Run(
            start: x, columns: isWide ? 2 : 1, text: String(cell.character), style: cell.style, isAlone: isAlone))
      }
      isOpen = true
      blanks = 0
    }
    return runs
  }

  /// Compares styles. The background is drawn separately.
  private static func looksAlike(_ one: TerminalStyle, _ other: TerminalStyle) -> Bool { one == other }

  /// Whether the character is in every terminal font with the normal width.
  private static func isPlain(_ character: Character) -> Bool {
    guard let scalar = character.unicodeScalars.first, character.unicodeScalars.count == 1 else { return false }
    return scalar.value < 0x250 || "…–—‘’“”•".unicodeScalars.contains(scalar)
  }

  static func escaped(_ text: String) -> String {
    var result = ""
    for character in text {
      switch character {
      case "<": result += "&lt;"
      case ">": result += "&gt;"
      case "&": result += "&amp;"
      default: result.append(character)
      }
    }
    return result
  }

  // MARK: Classes

  private mutating func classes(of style: TerminalStyle) -> String {
    var names = [fill(colors.colors(of: style).text)]
    if style.isBold { names.append(name("font-weight:700")) }
    if style.isItalic { names.append(name("font-style:italic")) }
    if style.isUnderlined { names.append(name("text-decoration:underline")) }
    return names.joined(separator: " ")
  }

  private mutating func fill(_ rgb: UInt32) -> String { name("fill:\(Self.hexadecimal(rgb))") }

  private mutating func name(_ meaning: String) -> String {
    if let name = classes[meaning] { return name }
    let letter = order.count < 26 ? String(UnicodeScalar(UInt8(97 + order.count))) : "k\(order.count)"
    classes[meaning] = letter
    order.append(meaning)
    return letter
  }

  static func hexadecimal(_ rgb: UInt32) -> String {
    let digits = String(rgb, radix: 16)
    return "#" + String(repeating: "0", count: 6 - digits.count) + digits
  }

  private static func stretches<Value: Equatable>(
    _ cells: [TerminalCell], by value: (TerminalCell) -> Value
  ) -> [(start: Int, end: Int, value: Value)] {
    var result: [(start: Int, end: Int, value: Value)] = []
    for (x, cell) in cells.enumerated() {
      let here = value(cell)
      if let last = result.last, last.value == here {
        result[result.count - 1].end = x + 1
      } else {
        result.append((x, x + 1, here))
      }
    }
    return result
  }
}
