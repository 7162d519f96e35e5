import Engine
import TerminalKit

/// Draws the form on the whole screen.
struct FormScreen {
  package let model: Model
  package let form: FormState

  func draw(_ painter: inout Painter) {
    let rect = Rect(x: 0, y: 0, width: model.size.columns, height: model.size.rows)
    painter.clear(rect)
    let (header, rest) = rect.split(top: 1)
    HeaderLine(model: model).draw(&painter, header)
    painter.coverHits()
    let (title, below) = rest.split(top: 1)
    let (inner, footer) = below.split(top: max(0, below.height - 1))
    let body = inner.split(top: max(0, inner.height - model.layout.toastRows)).0
    PaneTitle(
      pane: nil, isFocused: true,
      parts: [
        (form.original.map { "Change \($0.name)" } ?? "Add an installation")
          + (model.hasSeveralClusters ? " on \(model.clusters[form.cluster].label)" : "")
      ],
      right: form.isEdit ? "Esc closes without changes" : "Esc closes, draft is kept"
    ).draw(&painter, title)
    guard let view = model.formView else { return }
    for row in 0..<body.height {
      let index = form.top + row
      guard view.lines.indices.contains(index) else { break }
      draw(&painter, view.lines[index], y: body.y + row, width: rect.width)
    }
    if form.top + body.height < view.lines.count, body.height > 0 {
      painter.put(painter.glyphs.descending, .dim, x: rect.width - 2, y: body.bottom - 1, width: 1)
    }
    if footer.height > 0 { FooterLine(model: model).draw(&painter, footer) }
  }

  private func draw(_ painter: inout Painter, _ line: FormView.Line, y: Int, width: Int) {
    let isFocused = line.fields.contains { $0.field == form.focus }
    if !line.label.isEmpty {
      let isMarked = line.fields.contains { $0.field == form.fix?.field }
      painter.put(line.label, isMarked ? .warning : isFocused ? .strong : .text, x: 2, y: y, width: 14)
      if isMarked { painter.put(painter.glyphs.bar, .warning, x: 0, y: y, width: 1) }
    }
    var x = line.indent
    for part in line.parts { x += painter.put(part.text, part.role, x: x, y: y, width: max(0, width - 1 - x)) }
    for place in line.fields {
      if let at = form.visible.firstIndex(of: place.field) {
        painter.hit(Rect(x: 0, y: y, width: place.x + place.width, height: 1), .field(at))
      }
      if place.field.isChoice {
        if place.field == form.focus {
          painter.put(painter.glyphs.bar, .accent, x: max(0, place.x - 2), y: y, width: 1)
        }
      } else {
        drawField(&painter, place.field, x: place.x, y: y, width: min(place.width, max(1, width - place.x - 1)))
      }
    }
    if line.fields.contains(where: { $0.field == .maximum }) { painter.put("at most", .dim, x: 35, y: y, width: 7) }
  }

  private func drawField(_ painter: inout Painter, _ field: FormField, x: Int, y: Int, width: Int) {
    let isFocused = field == form.focus
    let masked = field == .credential && form.masksCredential
    let text = form.fields[field] ?? TextField()
    let window = text.window(max(1, width - 1), masked: masked)
    let shown = min(width, field == .minimum || field == .maximum || field == .instances ? 7 : 46)
    let cells = max(shown, min(width, CellText.width(window.text) + 1))
    painter.put(String(repeating: " ", count: cells), .input, x: x, y: y, width: cells)
    painter.put(window.text, isFocused && text.isSelected ? .inputFocused : .input, x: x, y: y, width: width)
    if text.characters.isEmpty, !isFocused, let hint = placeholder(field) {
      painter.put(hint, .dim, x: x, y: y, width: width)
    }
    if isFocused { painter.showCursor(x: x + window.cursor, y: y) }
  }

  private func placeholder(_ field: FormField) -> String? {
    switch field {
    case .caches, .labels, .mounts, .valuesFile: "none"
    case .image, .workSize, .storageClass, .dindImage, .pullPolicy, .serviceAccount, .runnerGroup, .namespace:
      "the default"
    case .cpus, .memory: "no limit"
    case _ where field.setting != nil: "none"
    case .credential: form.isEdit ? "as it is" : nil
    default: nil
    }
  }
}
