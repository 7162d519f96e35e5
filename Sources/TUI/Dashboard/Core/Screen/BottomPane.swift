import Engine
import TerminalKit

/// The bottom pane: its tabs and the visible one.
struct BottomPane {
  package let model: Model

  func draw(_ painter: inout Painter, _ rect: Rect) {
    let (title, body) = rect.split(top: 1)
    drawTabs(&painter, title)
    painter.hit(body, .pane(model.tab))
    model.shownTab.draw(&painter, body, model)
  }

  private func drawTabs(_ painter: inout Painter, _ rect: Rect) {
    guard rect.height > 0 else { return }
    let isFocused = model.focus == .bottom
    painter.rule(rect)
    painter.hit(rect, .pane(model.tab))
    var x = rect.x + 1
    x += painter.put(" 3 ", isFocused ? .titleFocused : .title, x: x, y: rect.y, width: rect.right - x)
    let right = model.shownTab.note(model)
    // The filter must stay visible, so tabs leave room for it.
    let reserved =
      model.shownTab.narrowing(model) == nil || right.isEmpty ? 0 : min(CellText.width(right) + 2, rect.width / 2)
    let limit = rect.right - reserved
    let all = model.tabs.map { (id: $0.id, label: $0.label(model)) }
    let shown = Self.shownTabs(
      widths: all.map { CellText.width($0.label.text) }, selected: all.firstIndex { $0.id == model.tab } ?? 0,
      width: limit - 1 - x)
    func mark(_ neighbor: Int) {
      let start = x
      x += painter.put(painter.glyphs.ellipsis + " ", .rule, x: x, y: rect.y, width: max(0, rect.right - x))
      painter.hit(Rect(x: start, y: rect.y, width: x - start, height: 1), .tab(all[neighbor].id))
    }
    if shown.lowerBound > 0 { mark(shown.lowerBound - 1) }
    for index in shown {
      let tab = all[index]
      if index > shown.lowerBound {
        x += painter.put(painter.glyphs.separator + " ", .rule, x: x, y: rect.y, width: 2)
      }
      let isShown = tab.id == model.tab
      let role: Role = isShown ? (isFocused ? .titleFocused : .strong) : tab.label.tone
      let start = x
      let used = painter.put(tab.label.text, role, x: x, y: rect.y, width: max(0, rect.right - x))
      if isShown { painter.restyle(Rect(x: x, y: rect.y, width: used, height: 1)) { $0.attributes.insert(.underline) } }
      x += used
      x += painter.put(" ", .rule, x: x, y: rect.y, width: 1)
      painter.hit(Rect(x: start, y: rect.y, width: x - start, height: 1), .tab(tab.id))
    }
    let leastForNote = 10
    let free = rect.right - 1 - x
    // On a very narrow screen the note, "paused" for instance, says more than the mark.
    let isMarkLess = !right.isEmpty && (leastForNote..<leastForNote + 2).contains(free)
    if shown.upperBound < all.count, !isMarkLess { mark(shown.upperBound) }
    guard !right.isEmpty else { return }
    let text = " " + right + " "
    let room = rect.right - 1 - x
    guard room >= leastForNote else { return }
    painter.putRight(text, isFocused ? .titleFocused : .title, right: rect.right - 1, y: rect.y, width: room)
  }
  /// The tabs that have room in `width` columns, in their order and with the selected one among them. Tabs keep their
  /// places as long as the selected one is in sight; a mark of two columns is where some are left out.
  static func shownTabs(widths: [Int], selected: Int, width: Int) -> Range<Int> {
    func end(from start: Int) -> Int {
      var used = start > 0 ? 2 : 0
      for index in start..<widths.count {
        used += widths[index] + (index == start ? 1 : 3)
        if used + (index + 1 < widths.count ? 2 : 0) > width { return index }
      }
      return widths.count
    }
    var start = 0
    while start < selected, end(from: start) <= selected { start += 1 }
    return start..<max(end(from: start), min(start + 1, widths.count))
  }
}
