import TerminalKit

/// A picture of the model, with what the mouse can hit in it and when it changes by itself.
package struct Rendered: Sendable {
  package var frame: Frame
  var hits: [Hit]
  /// The second at which it has to be drawn again though nothing happened; nil when time changes nothing.
  package var nextChange: Int64?

  /// What is at a place: what was drawn last lies on top.
  package func target(x: Int, y: Int) -> Target? { hits.last { $0.rect.contains(x: x, y: y) }?.target }
}

/// Draws the model. A function of it alone.
package func render(_ model: Model) -> Rendered {
  var painter = Painter(model.size, settings: model.settings, now: model.now)
  let isCovered = model.size.rows >= 3 && model.overlays.contains { $0.content.coversAll }
  if !isCovered { DashboardScreen(model: model).draw(&painter) }
  for overlay in model.overlays where !overlay.content.coversAll || isCovered { overlay.content.draw(&painter, model) }
  ToastLines(model: model).draw(&painter)
  return Rendered(frame: painter.frame, hits: painter.hits, nextChange: painter.nextChange)
}
