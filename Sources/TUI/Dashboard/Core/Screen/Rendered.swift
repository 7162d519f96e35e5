import TerminalKit

/// The screen for a model, with clickable areas and the time of its next change.
package struct Rendered: Sendable {
  package var frame: Frame
  var hits: [Hit]
  /// The second at which it must be drawn again even without events; nil if time changes nothing.
  package var nextChange: Int64?

  /// The target at a position: what was drawn last is on top.
  package func target(x: Int, y: Int) -> Target? { hits.last { $0.rect.contains(x: x, y: y) }?.target }
}

/// Draws the model. A pure function of it.
package func render(_ model: Model) -> Rendered {
  var painter = Painter(model.size, settings: model.settings, now: model.now)
  let isCovered = model.size.rows >= 3 && model.overlays.contains { $0.content.coversAll }
  if !isCovered { DashboardScreen(model: model).draw(&painter) }
  for overlay in model.overlays where !overlay.content.coversAll || isCovered { overlay.content.draw(&painter, model) }
  ToastLines(model: model).draw(&painter)
  return Rendered(frame: painter.frame, hits: painter.hits, nextChange: painter.nextChange)
}
