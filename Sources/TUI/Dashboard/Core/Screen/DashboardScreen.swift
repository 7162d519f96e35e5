import Engine
import TerminalKit

/// Draws the dashboard: header, the three panes and footer.
struct DashboardScreen {
  package let model: Model

  func draw(_ painter: inout Painter) {
    let layout = model.layout
    // Something that is waiting or starting can become a finding just by the passing of time.
    for cluster in model.clusters {
      if cluster.knowledge.awaits { painter.changes(at: model.now + 10) }
      if cluster.knowledge.judgesLater { painter.changes(at: model.now + 1) }
    }
    if let header = layout.header { HeaderLine(model: model).draw(&painter, header) }
    if model.isEmpty, !model.isZoomed, model.focus != .bottom, model.tab != .activity, layout.body.height >= 8 {
      WelcomeScreen(model: model).draw(&painter, layout.body)
    } else {
      if let rect = layout.panes[.first] { draw(&painter, model.panes.first, 1, rect) }
      if let rect = layout.panes[.second] {
        let (line, inner) = rect.split(left: layout.isWide ? 1 : 0)
        draw(&painter, model.panes.second, 2, inner)
        for y in line.y..<line.bottom where layout.isWide {
          painter.put(y == line.y ? painter.glyphs.teeDown : painter.glyphs.vertical, .rule, x: line.x, y: y, width: 1)
        }
      }
      if let rect = layout.panes[.bottom] { BottomPane(model: model).draw(&painter, rect) }
    }
    if let footer = layout.footer { FooterLine(model: model).draw(&painter, footer) }
  }

  /// Draws a pane with its title.
  private func draw(_ painter: inout Painter, _ pane: any Pane, _ number: Int, _ rect: Rect) {
    let (title, body) = rect.split(top: 1)
    PaneTitle(
      pane: pane.id, isFocused: model.focusedPane.id == pane.id,
      parts: ["\(number) \(pane.title)"] + pane.counts(model), right: pane.note(model)
    ).draw(&painter, title, column: .column(pane.id, model[table: pane.id].sort))
    painter.hit(body, .pane(pane.id))
    pane.draw(&painter, body, model)
  }
}
