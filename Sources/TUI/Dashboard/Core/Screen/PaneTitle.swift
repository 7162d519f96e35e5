import TerminalKit

/// The rule above a pane, with its name, filter, number of rows, and sort order.
struct PaneTitle {
  /// The pane that a click on it focuses.
  var pane: PaneID?
  var isFocused: Bool
  package var parts: [String]
  var right: String

  func draw(_ painter: inout Painter, _ rect: Rect, column: (Target)? = nil) {
    guard rect.height > 0, rect.width > 0 else { return }
    painter.rule(rect)
    if let pane { painter.hit(Rect(x: rect.x, y: rect.y, width: rect.width, height: 1), .pane(pane)) }
    var x = rect.x + 1
    for (index, part) in parts.enumerated() {
      let text = " " + part + " "
      guard x + CellText.width(text) < rect.right else { break }
      x += painter.put(
        text, index == 0 ? (isFocused ? .titleFocused : .title) : .title, x: x, y: rect.y, width: rect.right - x)
      x += 1
    }
    guard !right.isEmpty else { return }
    let text = " " + right + " "
    let width = CellText.width(text)
    guard rect.right - width - 1 > x else { return }
    painter.putRight(text, isFocused ? .titleFocused : .title, right: rect.right - 1, y: rect.y, width: width)
    if let column { painter.hit(Rect(x: rect.right - 1 - width, y: rect.y, width: width, height: 1), column) }
  }
}
