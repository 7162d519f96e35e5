/// The marks and lines a screen is drawn with.
struct Glyphs: Sendable, Equatable {
  var starting, idle, busy, finishing, failing, off: String
  var succeeded, failed, cancelled, lost: String
  var horizontal, vertical, teeDown, teeUp, corner: String
  var topLeft, topRight, bottomLeft, bottomRight: String
  var bar, ascending, descending, ellipsis, arrow, branch, separator, choiceOn, choiceOff, cursor: String
  var levels: [String]

  static let unicode = Glyphs(
    starting: "◌", idle: "●", busy: "▸", finishing: "◐", failing: "✗", off: "○",
    succeeded: "✓", failed: "✗", cancelled: "⊘", lost: "✗",
    horizontal: "─", vertical: "│", teeDown: "┬", teeUp: "┴", corner: "└",
    topLeft: "┌", topRight: "┐", bottomLeft: "└", bottomRight: "┘",
    bar: "▌", ascending: "▴", descending: "▾", ellipsis: "…", arrow: "→", branch: "└", separator: "│",
    choiceOn: "●", choiceOff: "○", cursor: "▌", levels: ["▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"])

  static let ascii = Glyphs(
    starting: "o", idle: "*", busy: ">", finishing: "~", failing: "x", off: ".",
    succeeded: "+", failed: "x", cancelled: "-", lost: "x",
    horizontal: "-", vertical: "|", teeDown: "+", teeUp: "+", corner: "`",
    topLeft: "+", topRight: "+", bottomLeft: "+", bottomRight: "+",
    bar: "|", ascending: "^", descending: "v", ellipsis: "~", arrow: "->", branch: "`", separator: "|",
    choiceOn: "(*)", choiceOff: "( )", cursor: "_", levels: [".", ":", "-", "=", "+", "*", "#", "@"])
}
