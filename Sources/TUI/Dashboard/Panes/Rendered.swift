import DashboardCore
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
  let form: FormState? = model.overlays.lazy.compactMap { if case .form(let form) = $0 { form } else { nil } }.last
  if let form, model.size.rows >= 3 {
    FormScreen(model: model, form: form).draw(&painter)
  } else {
    DashboardScreen(model: model).draw(&painter)
  }
  for overlay in model.overlays {
    switch overlay {
    case .form: break
    case .help(let page), .page(let page): PageScreen(model: model, page: page).draw(&painter)
    case .palette(let state): PaletteBox(model: model, state: state).draw(&painter)
    case .picker(let state): PickerBox(model: model, state: state).draw(&painter)
    case .dialog(let state): DialogBox(model: model, state: state).draw(&painter)
    case .prompt(let state): PromptLine(model: model, state: state).draw(&painter)
    }
  }
  ToastLines(model: model).draw(&painter)
  return Rendered(frame: painter.frame, hits: painter.hits, nextChange: painter.nextChange)
}
