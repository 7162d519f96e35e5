import TerminalKit

/// A box over the dashboard.
struct Box {
  package let title: String

  /// Draws the frame of a box in the center of the screen, or as much of it as fits.
  ///
  /// - Returns: the area for its contents.
  func draw(_ painter: inout Painter, size: Size, width: Int, height: Int) -> Rect {
    let width = max(4, min(width, size.columns))
    let height = max(3, min(height, size.rows))
    let rect = Rect(x: (size.columns - width) / 2, y: (size.rows - height) / 2, width: width, height: height)
    painter.clear(rect)
    painter.coverHits()
    let glyphs = painter.glyphs
    let line = String(repeating: glyphs.horizontal, count: max(0, width - 2))
    painter.put(glyphs.topLeft + line + glyphs.topRight, .rule, x: rect.x, y: rect.y, width: width)
    painter.put(glyphs.bottomLeft + line + glyphs.bottomRight, .rule, x: rect.x, y: rect.bottom - 1, width: width)
    for y in (rect.y + 1)..<(rect.bottom - 1) {
      painter.put(glyphs.vertical, .rule, x: rect.x, y: y, width: 1)
      painter.put(glyphs.vertical, .rule, x: rect.right - 1, y: y, width: 1)
    }
    painter.put(" \(title) ", .titleFocused, x: rect.x + 1, y: rect.y, width: width - 2)
    return rect.inset(left: 2, top: 1, right: 2, bottom: 1)
  }
}
