import DashboardCore
import Engine
import TerminalKit

/// A box over the dashboard.
struct Box {
  package let title: String

  /// Draws the frame of a box in the middle of the screen, or as much of it as fits.
  ///
  /// - Returns: where its content goes.
  func draw(_ painter: inout Painter, size: Size, width: Int, height: Int) -> Rect {
    let width = max(4, min(width, size.columns))
    let height = max(3, min(height, size.rows))
    let rect = Rect(x: (size.columns - width) / 2, y: (size.rows - height) / 2, width: width, height: height)
    painter.clear(rect)
    painter.coverHits()
    let glyphs = painter.glyphs
    let line = String(repeating: glyphs.horizontal, count: max(0, width - 2))
    painter.put(glyphs.topLeft + line + glyphs.topRight, .rule, x: rect.x, y: rect.y, width: width)
    painter.put(glyphs.bottomLeft + line + glyphs.bottomRight, .rule, x: rect.x, y: rect.bottom - 1, width: width)
    for y in (rect.y + 1)..<(rect.bottom - 1) {
      painter.put(glyphs.vertical, .rule, x: rect.x, y: y, width: 1)
      painter.put(glyphs.vertical, .rule, x: rect.right - 1, y: y, width: 1)
    }
    painter.put(" \(title) ", .titleFocused, x: rect.x + 1, y: rect.y, width: width - 2)
    return rect.inset(left: 2, top: 1, right: 2, bottom: 1)
  }
}

/// A question with answers.
struct DialogBox {
  package let model: Model
  package let state: DialogState

  func draw(_ painter: inout Painter) {
    let width = min(model.size.columns, 84)
    let inner = max(1, width - 4)
    var lines: [[Span]] = []
    for line in state.lines { lines += spans(line, inner, &painter) }
    let rows = buttonRows(inner)
    let rect = Box(title: state.title).draw(
      &painter, size: model.size, width: width, height: lines.count + rows.count + 3)
    // The answers are never cut off.
    let room = max(0, rect.height - rows.count - (rect.height > rows.count + 1 ? 1 : 0))
    for (index, line) in lines.prefix(room).enumerated() {
      painter.put(line, x: rect.x, y: rect.y + index, width: rect.width)
    }
    var y = rect.bottom - rows.count
    for row in rows {
      var x = rect.x + 1
      for index in row {
        let label = " \(state.buttons[index].label) "
        let text = index == state.index ? "[\(label)]" : " \(label) "
        let used = painter.put(text, index == state.index ? .inputFocused : .text, x: x, y: y, width: rect.right - x)
        painter.hit(Rect(x: x, y: y, width: used, height: 1), .button(index))
        x += used + 1
      }
      y += 1
    }
  }

  /// The answers in as many rows as they need.
  private func buttonRows(_ width: Int) -> [[Int]] {
    var rows: [[Int]] = [[]]
    var used = 1
    for (index, button) in state.buttons.enumerated() {
      let length = CellText.width(button.label) + 5
      if used + length > width, !rows[rows.count - 1].isEmpty {
        rows.append([])
        used = 1
      }
      rows[rows.count - 1].append(index)
      used += length
    }
    return rows
  }

  private func spans(_ line: DialogState.Line, _ width: Int, _ painter: inout Painter) -> [[Span]] {
    switch line {
    case .text(let text):
      return CellText.wrapped(text, to: width).map { [Span($0, painter.theme[.text])] }
    case .warning(let text):
      return CellText.wrapped(text, to: width).map { [Span($0, painter.theme[.warning].with(.bold))] }
    case .pair(let name, let text):
      return CellText.wrapped(text, to: max(1, width - 8)).enumerated().map { index, part in
        [
          Span(
            index == 0 ? name + String(repeating: " ", count: max(1, 8 - name.count)) : "        ", painter.theme[.dim]),
          Span(part, painter.theme[.text]),
        ]
      }
    case .busy(let name):
      let job = model.snapshot?.runner(name)?.state.job ?? model.jobs[name]?.job
      let since = model.jobs[name]?.started
      let age = since == nil ? "" : "  for \(painter.age(since: since))"
      let room = max(8, width - 2 - CellText.width(age))
      let shown = CellText.cutMiddle(name, to: min(30, room / 2))
      let what = "\(job?.name ?? "")  \(job?.repository ?? "") \(job?.workflow ?? "")"
      let text = CellText.cutEnd("\(shown)  \(what)", to: room)
      return [[Span("  " + text, painter.theme[.busy]), Span(age, painter.theme[.dim])]]
    }
  }
}

/// Everything that can be done, found by typing.
struct PaletteBox {
  package let model: Model
  package let state: PaletteState

  func draw(_ painter: inout Painter) {
    let items = model.paletteItems(state.field.text)
    let width = min(model.size.columns, 76)
    let height = min(model.size.rows, 20)
    let rect = Box(title: "What to do").draw(&painter, size: model.size, width: width, height: height)
    let (input, list) = rect.split(top: 1)
    painter.put(":", .key, x: input.x, y: input.y, width: 1)
    let window = state.field.window(max(1, input.width - 2), masked: false)
    painter.put(window.text, .strong, x: input.x + 2, y: input.y, width: input.width - 2)
    painter.showCursor(x: input.x + 2 + window.cursor, y: input.y)
    let top = max(0, min(state.index - list.height / 2, items.count - list.height))
    for line in 0..<list.height {
      let index = top + line
      guard items.indices.contains(index) else { break }
      let (command, availability) = items[index]
      let row = Rect(x: list.x, y: list.y + line, width: list.width, height: 1)
      let key = Binding.key(of: command, in: [.installations, .anywhere]) ?? Self.anyKey(command)
      let label = key.map { model.settings.usesUnicode ? $0.label : $0.asciiLabel } ?? ""
      var text = command.title
      var role = Role.text
      if case .no(let why) = availability {
        text += "  (\(why))"
        role = .dim
      }
      painter.put(text, role, x: row.x + 1, y: row.y, width: row.width - 8)
      painter.putRight(label, .key, right: row.right - 1, y: row.y, width: 7)
      painter.hit(row, .item(index))
      if index == state.index { painter.select(row, focused: true) }
    }
    if items.isEmpty { painter.put("Nothing is called that.", .dim, x: list.x + 1, y: list.y, width: list.width - 1) }
  }

  private static func anyKey(_ command: Command) -> Key? {
    Binding.all.first { $0.command == command }?.keys.first
  }
}

/// A choice from a list.
struct PickerBox {
  package let model: Model
  package let state: PickerState

  func draw(_ painter: inout Painter) {
    let widest = state.items.map { CellText.width($0.label) + CellText.width($0.detail) + 4 }.max() ?? 0
    let rect = Box(title: state.title).draw(
      &painter, size: model.size, width: max(30, min(70, widest + 6)), height: state.items.count + 2)
    let top = max(0, min(state.index - rect.height / 2, state.items.count - rect.height))
    for line in 0..<rect.height {
      let index = top + line
      guard state.items.indices.contains(index) else { break }
      let item = state.items[index]
      let row = Rect(x: rect.x, y: rect.y + line, width: rect.width, height: 1)
      let used = painter.put(item.label, .text, x: row.x + 1, y: row.y, width: row.width - 2)
      painter.put(item.detail, .dim, x: row.x + used + 3, y: row.y, width: max(0, row.width - used - 4))
      painter.hit(row, .item(index))
      if index == state.index { painter.select(row, focused: true) }
    }
  }
}

/// One line that is asked for, in the place of the footer.
struct PromptLine {
  package let model: Model
  package let state: PromptState

  func draw(_ painter: inout Painter) {
    let y = model.size.rows - 1
    let rect = Rect(x: 0, y: y, width: model.size.columns, height: 1)
    painter.clear(rect)
    painter.coverHits()
    var x = 1
    x += painter.put(state.label + ": ", .key, x: x, y: y, width: max(1, rect.width * 2 / 3))
    let help = state.problem ?? count ?? "Enter keeps it   Esc leaves it"
    let room = max(4, rect.width - x - 1)
    let window = state.field.window(room, masked: false)
    painter.put(window.text, .strong, x: x, y: y, width: room)
    painter.showCursor(x: x + window.cursor, y: y)
    let end = x + CellText.width(state.field.text) + 3
    if rect.width - end > CellText.width(help) + 1 {
      painter.putRight(
        help, state.problem == nil ? .dim : .bad, right: rect.width - 1, y: y, width: CellText.width(help))
    } else if let problem = state.problem, y > 0 {
      painter.clear(Rect(x: 0, y: y - 1, width: rect.width, height: 1))
      painter.put(problem, .bad, x: 1, y: y - 1, width: rect.width - 2)
    }
  }

  private var count: String? {
    guard case .filterRows(let pane) = state.purpose else { return nil }
    switch pane {
    case .installations: return "\(model.installationRows.count) of \(model.statuses.count)"
    case .runners:
      return "\(model.runnerRows.reduce(0) { $0 + ($1.pod == nil ? 1 : 0) }) of \(model.snapshot?.runners.count ?? 0)"
    case .bottom: return nil
    }
  }
}

/// Sentences that go away by themselves, above the footer at the right.
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
