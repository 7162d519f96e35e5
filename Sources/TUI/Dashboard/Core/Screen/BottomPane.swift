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
    // If there is no room for all tabs, the visible one comes first.
    let all = model.tabs.map { (id: $0.id, label: $0.label(model)) }
    let needed = all.reduce(0) { $0 + CellText.width($1.label.text) + 3 }
    let tabs =
      needed > rect.width - 6 - reserved ? all.filter { $0.id == model.tab } + all.filter { $0.id != model.tab } : all
    for (index, tab) in tabs.enumerated() {
      let text = tab.label.text
      let width = CellText.width(text) + (index == 0 ? 1 : 3)
      guard index == 0 || x + width < limit - 1 else { break }
      if index > 0 { x += painter.put(painter.glyphs.separator + " ", .rule, x: x, y: rect.y, width: 2) }
      let isShown = tab.id == model.tab
      let role: Role = isShown ? (isFocused ? .titleFocused : .strong) : tab.label.tone
      let start = x
      let used = painter.put(text, role, x: x, y: rect.y, width: rect.right - x)
      if isShown { painter.restyle(Rect(x: x, y: rect.y, width: used, height: 1)) { $0.attributes.insert(.underline) } }
      x += used
      x += painter.put(" ", .rule, x: x, y: rect.y, width: 1)
      painter.hit(Rect(x: start, y: rect.y, width: x - start, height: 1), .tab(tab.id))
    }
    guard !right.isEmpty else { return }
    let text = " " + right + " "
    let room = rect.right - 1 - x
    guard room >= 10 else { return }
    painter.putRight(text, isFocused ? .titleFocused : .title, right: rect.right - 1, y: rect.y, width: room)
  }
}
