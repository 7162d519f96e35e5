/// The marks and lines a screen is drawn with.
package struct Glyphs: Sendable, Equatable {
  package var starting, idle, busy, finishing, failing, off: String
  package var succeeded, failed, cancelled, lost: String
  package var horizontal, vertical, teeDown, teeUp, corner: String
  package var topLeft, topRight, bottomLeft, bottomRight: String
  package var bar, ascending, descending, ellipsis, arrow, branch, separator, choiceOn, choiceOff, cursor,
    atLeast: String
  package var levels: [String]

  package static let unicode = Glyphs(
    starting: "◌", idle: "●", busy: "▸", finishing: "◐", failing: "✗", off: "○",
    succeeded: "✓", failed: "✗", cancelled: "⊘", lost: "✗",
    horizontal: "─", vertical: "│", teeDown: "┬", teeUp: "┴", corner: "└",
    topLeft: "┌", topRight: "┐", bottomLeft: "└", bottomRight: "┘",
    bar: "▌", ascending: "▴", descending: "▾", ellipsis: "…", arrow: "→", branch: "└", separator: "│",
    choiceOn: "●", choiceOff: "○", cursor: "▌", atLeast: "≥ ", levels: ["▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"])

  package static let ascii = Glyphs(
    starting: "o", idle: "*", busy: ">", finishing: "~", failing: "x", off: ".",
    succeeded: "+", failed: "x", cancelled: "-", lost: "x",
    horizontal: "-", vertical: "|", teeDown: "+", teeUp: "+", corner: "`",
    topLeft: "+", topRight: "+", bottomLeft: "+", bottomRight: "+",
    bar: "|", ascending: "^", descending: "v", ellipsis: "~", arrow: "->", branch: "`", separator: "|",
    choiceOn: "(*)", choiceOff: "( )", cursor: "_", atLeast: ">=", levels: [".", ":", "-", "=", "+", "*", "#", "@"])
}
