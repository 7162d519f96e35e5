import Basics

/// The symbols and lines that screens are drawn with. Symbols are those of `Sign`, which commands print too.
package struct Glyphs: Sendable, Equatable {
  private var isUnicode: Bool
  package var horizontal, vertical, teeDown, teeUp, corner: String
  package var topLeft, topRight, bottomLeft, bottomRight: String
  package var bar, ascending, descending, ellipsis, arrow, branch, separator, choiceOn, choiceOff, cursor,
    atLeast: String
  /// Before the title of a section that can be folded.
  package var folded, unfolded: String
  package var levels: [String]

  package static let unicode = Glyphs(
    isUnicode: true,
    horizontal: "─", vertical: "│", teeDown: "┬", teeUp: "┴", corner: "└",
    topLeft: "┌", topRight: "┐", bottomLeft: "└", bottomRight: "┘",
    bar: "▌", ascending: "▴", descending: "▾", ellipsis: "…", arrow: "→", branch: "└", separator: "│",
    choiceOn: "●", choiceOff: "○", cursor: "▌", atLeast: "≥ ", folded: "▶", unfolded: "▼",
    levels: ["▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"])

  package static let ascii = Glyphs(
    isUnicode: false,
    horizontal: "-", vertical: "|", teeDown: "+", teeUp: "+", corner: "`",
    topLeft: "+", topRight: "+", bottomLeft: "+", bottomRight: "+",
    bar: "|", ascending: "^", descending: "v", ellipsis: "~", arrow: "->", branch: "`", separator: "|",
    choiceOn: "(*)", choiceOff: "( )", cursor: "_", atLeast: ">=", folded: "[+]",
    unfolded: "[-]", levels: [".", ":", "-", "=", "+", "*", "#", "@"])

  package func sign(_ sign: Sign) -> String { isUnicode ? sign.unicode : sign.ascii }

  package var starting: String { sign(.pending) }
  package var idle: String { sign(.healthy) }
  package var busy: String { sign(.busy) }
  package var finishing: String { sign(.finishing) }
  package var failing: String { sign(.failing) }
  package var off: String { sign(.off) }
  package var succeeded: String { sign(.done) }
  package var failed: String { sign(.failing) }
  package var cancelled: String { sign(.cancelled) }
  package var lost: String { sign(.failing) }
  package var warning: String { sign(.warning) }
  package var unknown: String { sign(.unknown) }
}
