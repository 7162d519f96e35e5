import TerminalKit

/// A temporary message.
package struct Toast: Sendable, Equatable {
  package enum Tone: Sendable, Equatable { case good, plain, bad }

  package var text: String
  package var tone: Tone
  package var until: Int64
  /// The command that the message reports as unavailable: once it is available, the message is out of date.
  package var refused: Command?

  /// Maximum number of rows.
  private static let rows = 3

  private func mark(_ glyphs: Glyphs) -> String {
    switch tone {
    case .good: glyphs.succeeded + " "
    case .plain: ""
    case .bad: glyphs.failed + " "
    }
  }

  /// Its rows, wrapped at words.
  ///
  /// - Parameter columns: the width of the screen.
  func lines(_ columns: Int, _ glyphs: Glyphs) -> [String] {
    let room = max(1, columns - 4)
    let all = CellText.wrapped(mark(glyphs) + text, to: room)
    guard all.count > Self.rows else { return all }
    let last = all[(Self.rows - 1)...].joined(separator: " ")
    return all.prefix(Self.rows - 1) + [CellText.cutEnd(last, to: room, sign: glyphs.ellipsis)]
  }
}

/// Toasts, above the footer on the right, in rows that the layout reserves. If there are none, the newest one replaces
/// the footer.
struct ToastLines {
  package let model: Model

  func draw(_ painter: inout Painter) {
    guard let newest = model.toasts.last, model.size.rows >= 2 else { return }
    for toast in model.toasts { painter.changes(at: toast.until) }
    let footer = model.size.rows - 1
    guard model.layout.toastRows > 0 else {
      let text = newest.lines(model.size.columns, painter.glyphs).joined(separator: " ")
      painter.clear(Rect(x: 0, y: footer, width: model.size.columns, height: 1))
      return draw(
        CellText.cutEnd(text, to: max(1, model.size.columns - 4), sign: painter.ellipsis), newest.tone, y: footer,
        &painter)
    }
    // What a prompt says is not covered.
    let bottom = footer - model.layout.promptRows
    var y = bottom
    for toast in model.toasts.reversed() {
      let lines = toast.lines(model.size.columns, painter.glyphs)
      guard y - lines.count >= bottom - model.layout.toastRows else { return }
      y -= lines.count
      let width = lines.map { CellText.width($0) }.max() ?? 0
      for (row, line) in lines.enumerated() {
        let blanks = String(repeating: " ", count: width - CellText.width(line))
        draw(line + blanks, toast.tone, y: y + row, &painter)
      }
    }
  }

  private func draw(_ text: String, _ tone: Toast.Tone, y: Int, _ painter: inout Painter) {
    let role: Role =
      switch tone {
      case .good: .good
      case .plain: .toast
      case .bad: .bad
      }
    let text = " " + text + " "
    let width = min(CellText.width(painter.drawable(text)), model.size.columns)
    let x = max(0, model.size.columns - width - 1)
    painter.put(text, role, x: x, y: y, width: width)
    painter.restyle(Rect(x: x, y: y, width: width, height: 1)) { $0.attributes.insert(.reverse) }
  }
}

extension Model {
  /// Shows a message for some seconds. It replaces an earlier one that only answered a key.
  package mutating func toast(
    _ text: String, _ tone: Toast.Tone, seconds: Int64? = nil, refused: Command? = nil
  ) {
    toasts.removeAll { $0.text == text || tone == .plain && $0.tone == .plain }
    let seconds = seconds ?? (tone == .bad ? 8 : 4)
    toasts.append(Toast(text: text, tone: tone, until: now + seconds, refused: refused))
    if toasts.count > 3 { toasts.removeFirst(toasts.count - 3) }
    if tone == .bad, rings { ask(.bell) }
  }

  /// Removes messages that are out of date.
  mutating func settleToasts() {
    let untrue = toasts.filter { toast in
      if let command = toast.refused, case .yes = availability(command) { true } else { false }
    }
    toasts.removeAll(where: untrue.contains)
  }

  /// The number of rows of the newest toasts that fit into `room` rows.
  func toastRows(within room: Int) -> Int {
    var rows = 0
    for toast in toasts.reversed() {
      let count = toast.lines(size.columns, settings.glyphs).count
      guard rows + count <= room else { break }
      rows += count
    }
    return rows
  }
}
