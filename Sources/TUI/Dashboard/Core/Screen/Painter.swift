import Engine
import TerminalKit

/// Draws a frame: text in roles, together with clickable areas and the time of the next change.
package struct Painter {
  package private(set) var frame: Frame
  private(set) var hits: [Hit] = []
  /// The second at which a displayed time changes next.
  package private(set) var nextChange: Int64?
  package let theme: Theme
  package let glyphs: Glyphs
  package let usesUnicode: Bool
  package let usesColor: Bool
  package let now: Int64

  package init(_ size: Size, settings: Settings, now: Int64) {
    theme = settings.shownTheme
    glyphs = settings.glyphs
    usesUnicode = settings.usesUnicode
    usesColor = settings.usesColor
    self.now = now
    frame = Frame(size, style: theme[.text])
  }

  package var ellipsis: String { glyphs.ellipsis }

  /// Text that is safe to draw: without escape sequences, and with question marks for what the terminal cannot show.
  package func drawable(_ text: String) -> String {
    guard !CellText.isPlain(text) else { return text }
    let text = text.utf8.contains { $0 < 0x20 || $0 == 0x7F } ? SafeText.line(text) : text
    guard !usesUnicode else { return text }
    return String(
      text.flatMap { character -> [Character] in
        if let ascii = character.asciiValue { return [Character(Unicode.Scalar(ascii))] }
        switch character {
        case "…": return ["~"]
        case "·": return ["-"]
        case "→": return ["-", ">"]
        case "─": return ["-"]
        case "–", "—": return ["-"]
        case "“", "”", "„": return ["\""]
        case "‘", "’": return ["'"]
        case "•": return ["*"]
        case "✓": return ["+"]
        case "✗": return ["x"]
        case "↑": return ["^"]
        case "↓": return ["v"]
        default: return Array(repeating: "?", count: max(1, CellText.width(of: character)))
        }
      })
  }

  /// Writes text, truncated at its end if it is longer than `width`.
  ///
  /// - Returns: the number of cells written.
  @discardableResult
  package mutating func put(_ text: String, _ role: Role, x: Int, y: Int, width: Int, middle: Bool = false) -> Int {
    put(text, theme[role], x: x, y: y, width: width, middle: middle)
  }

  @discardableResult
  package mutating func put(_ text: String, _ style: Style, x: Int, y: Int, width: Int, middle: Bool = false) -> Int {
    guard width > 0 else { return 0 }
    let text = drawable(text)
    let cut =
      middle ? CellText.cutMiddle(text, to: width, sign: ellipsis) : CellText.cutEnd(text, to: width, sign: ellipsis)
    return frame.write(cut, x: x, y: y, limit: width, style: style)
  }

  /// Writes right-aligned text.
  package mutating func putRight(_ text: String, _ role: Role, right: Int, y: Int, width: Int) {
    let text = CellText.cutEnd(drawable(text), to: width, sign: ellipsis)
    frame.write(text, x: right - CellText.width(text), y: y, limit: width, style: theme[role])
  }

  /// Writes spans one after the other.
  @discardableResult
  package mutating func put(_ spans: [Span], x: Int, y: Int, width: Int, skipping: Int = 0) -> Int {
    var at = x - skipping
    let end = x + width
    for span in spans where at < end {
      var text = drawable(span.text)
      var room = end - at
      if at < x {
        // What is left of the edge is omitted, character by character.
        var hidden = x - at
        var rest = Substring(text)
        while hidden > 0, let first = rest.first {
          hidden -= CellText.width(of: first)
          rest = rest.dropFirst()
        }
        at += CellText.width(text) - CellText.width(rest)
        text = String(rest)
        if at < x { continue }
        room = end - at
      }
      at += frame.write(text, x: at, y: y, limit: room, style: span.style)
    }
    return at - x
  }

  /// The time since a moment, which keeps growing.
  package mutating func age(since moment: Int64?) -> String {
    guard let moment else { return "" }
    let (text, changesIn) = ClockText.span(now - moment)
    changes(at: now + changesIn)
    return text
  }

  /// Records when the screen has to be drawn again.
  package mutating func changes(at moment: Int64) { nextChange = min(nextChange ?? moment, moment) }

  /// A progress bar.
  package func bar(_ count: StepProgress.Count, cells: Int = 10) -> String {
    let filled = count.filled(of: cells)
    return String(repeating: usesUnicode ? "█" : "#", count: filled)
      + String(repeating: usesUnicode ? "░" : ".", count: cells - filled)
  }

  /// A horizontal line.
  package mutating func rule(_ rect: Rect) {
    frame.fill(
      glyphs.horizontal.unicodeScalars.first ?? "-", x: rect.x, y: rect.y, count: rect.width, style: theme[.rule])
  }

  package mutating func clear(_ rect: Rect) { frame.clear(rect, style: theme[.text]) }

  package mutating func hit(_ rect: Rect, _ target: Target) { hits.append(Hit(rect: rect, target: target)) }

  /// What is covered can no longer be clicked.
  mutating func coverHits() { hits = [] }

  package mutating func restyle(_ rect: Rect, _ change: (inout Style) -> Void) { frame.restyle(rect, change) }

  /// Highlights the selected row.
  package mutating func select(_ rect: Rect, focused: Bool) {
    let style = theme[focused ? .selected : .selectedElsewhere]
    frame.restyle(rect) { cell in
      if focused, style.attributes.contains(.reverse) {
        // In a single color: each part reversed in its own color would be a row of blocks.
        cell = style
      } else if style.background != theme[.text].background {
        cell.background = style.background
        if focused { cell.attributes.formUnion(.bold) }
      }
    }
  }

  mutating func showCursor(x: Int, y: Int) {
    guard x >= 0, x < frame.columns, y >= 0, y < frame.rows else { return }
    frame.cursor = Frame.Place(x: x, y: y)
  }
}
