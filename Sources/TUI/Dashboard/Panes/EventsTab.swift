import DashboardCore
import Engine
import TerminalKit

/// What Kubernetes reported, the newest first.
struct EventsTab {
  package let model: Model

  func draw(_ painter: inout Painter, _ rect: Rect) {
    guard !model.eventRows.isEmpty else {
      painter.put(
        model.events.isEmpty
          ? "No events were heard yet. Kubernetes keeps them for an hour." : "No event matches. Esc shows all.",
        .dim, x: rect.x + 1, y: rect.y, width: rect.width - 2)
      return
    }
    let isFocused = model.focus == .bottom
    for line in 0..<rect.height {
      let index = model.eventTable.offset + line
      guard model.eventRows.indices.contains(index) else { break }
      let event = model.events[model.eventRows[index]]
      let row = Rect(x: rect.x, y: rect.y + line, width: rect.width, height: 1)
      var x = row.x + 1
      painter.put(
        event.isWarning ? "!" : " ", .warning, x: x, y: row.y, width: 1)
      x += 2
      painter.putRight(painter.age(since: event.last), .dim, right: x + 5, y: row.y, width: 5)
      x += 7
      x += painter.put(event.object, .text, x: x, y: row.y, width: min(28, row.width / 3), middle: true) + 2
      x +=
        painter.put(event.reason, event.isWarning ? .warning : .busy, x: x, y: row.y, width: max(0, row.right - x)) + 2
      let count = event.count > 1 ? " (\(event.count)x)" : ""
      painter.put(event.message + count, .text, x: x, y: row.y, width: max(0, row.right - 1 - x))
      painter.hit(row, .row(.bottom, index))
      if index == model.eventTable.index {
        painter.put(painter.glyphs.bar, .accent, x: row.x, y: row.y, width: 1)
        painter.select(Rect(x: row.x + 1, y: row.y, width: row.width - 1, height: 1), focused: isFocused)
      }
    }
  }
}
