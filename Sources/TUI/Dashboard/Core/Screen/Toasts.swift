import TerminalKit

/// A sentence that goes away by itself.
package struct Toast: Sendable, Equatable {
  package enum Tone: Sendable, Equatable { case good, plain, bad }

  package var text: String
  package var tone: Tone
  package var until: Int64
}

/// Sentences that go away by themselves, above the footer at the right, in rows that the layout leaves to them.
struct ToastLines {
  package let model: Model

  func draw(_ painter: inout Painter) {
    guard !model.toasts.isEmpty, model.size.rows >= 4 else { return }
    var y = model.size.rows - 2
    for toast in model.toasts.reversed() where y > 0 {
      let (mark, role): (String, Role) =
        switch toast.tone {
        case .good: (painter.glyphs.succeeded, .good)
        case .plain: ("", .toast)
        case .bad: (painter.glyphs.failed, .bad)
        }
      let text = CellText.cutEnd(
        mark.isEmpty ? " \(toast.text) " : " \(mark) \(toast.text) ", to: model.size.columns - 2)
      let width = CellText.width(painter.drawable(text))
      let x = model.size.columns - width - 1
      painter.put(text, role, x: x, y: y, width: width)
      painter.restyle(Rect(x: x, y: y, width: width, height: 1)) { $0.attributes.insert(.reverse) }
      painter.changes(at: toast.until)
      y -= 1
    }
  }
}
