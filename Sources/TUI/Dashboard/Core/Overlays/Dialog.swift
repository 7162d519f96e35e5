import Engine
import TerminalKit

/// A question with answers. The first answer changes nothing and is the default.
package struct DialogState: Sendable, Equatable {
  package struct Button: Sendable, Equatable {
    package var label: String
    package var action: Action
  }

  package enum Action: Sendable, Equatable {
    case close
    case quit
    /// Runs requests one after the other, each as an activity.
    case run([PlanRequest])
    case cancelActivity(Int)
    case answer(Int, Bool)
  }

  package enum Line: Sendable, Equatable {
    case text(String)
    case warning(String)
    case pair(String, String)
    /// A busy runner, shown with the current duration of its job.
    case busy(runner: String)
    /// A text and the caches at its end, shown with their size once measured.
    case caches(String, String)
  }

  package var title: String
  package var lines: [Line]
  package var buttons: [Button]
  package var index = 0
  /// The index of its cluster.
  var cluster = 0
  /// The installation whose caches are being measured, and their size.
  var cachesOf: String?
  var cacheSize: String?
}

extension DialogState: OverlayContent {
  func footer(_ settings: Settings) -> [(key: String, word: String)]? {
    [("Tab", "choose"), ("Enter", "confirm"), ("Esc", "cancel")]
  }

  func press(_ key: Key, _ model: inout Model) {
    var state = self
    let count = max(1, buttons.count)
    switch key {
    case .escape, .control("c"), .character("n"), .character("q"): return answer(0, &model)
    case .tab, .right, .down, .character("l"), .character("j"): state.index = (index + 1) % count
    case .backTab, .left, .up, .character("h"), .character("k"): state.index = (index + count - 1) % count
    case .enter: return answer(index, &model)
    default: return
    }
    model.replaceOverlay(.dialog(state))
  }

  func click(_ target: Target, _ model: inout Model) {
    if case .button(let index) = target { answer(index, &model) }
  }

  private func answer(_ index: Int, _ model: inout Model) {
    model.closeOverlay()
    guard buttons.indices.contains(index) else { return }
    switch buttons[index].action {
    case .close: return
    case .quit: model.ask(.quit)
    case .answer(let id, let isYes): model.ask(.answer(activity: id, isYes))
    case .run(let requests): for request in requests { model.start(request, on: cluster) }
    case .cancelActivity(let id):
      if let at = model.activities.firstIndex(where: { $0.id == id }) { model.activities[at].isCancelling = true }
      model.ask(.cancel(activity: id))
    }
  }

  func draw(_ painter: inout Painter, _ model: Model) {
    let width = min(model.size.columns, 84)
    let inner = max(1, width - 4)
    var lines: [[Span]] = []
    for line in self.lines { lines += spans(line, inner, &painter, model) }
    let rows = buttonRows(inner)
    let rect = Box(title: title).draw(
      &painter, size: model.size, width: width, height: lines.count + rows.count + 3)
    // Answers are never truncated.
    let room = max(0, rect.height - rows.count - (rect.height > rows.count + 1 ? 1 : 0))
    for (index, line) in lines.prefix(room).enumerated() {
      painter.put(line, x: rect.x, y: rect.y + index, width: rect.width)
    }
    var y = rect.bottom - rows.count
    for row in rows {
      var x = rect.x + 1
      for button in row {
        let label = " \(buttons[button].label) "
        let text = button == index ? "[\(label)]" : " \(label) "
        let used = painter.put(text, button == index ? .inputFocused : .text, x: x, y: y, width: rect.right - x)
        painter.hit(Rect(x: x, y: y, width: used, height: 1), .button(button))
        x += used + 1
      }
      y += 1
    }
  }

  /// The answers, wrapped into as many rows as needed.
  private func buttonRows(_ width: Int) -> [[Int]] {
    var rows: [[Int]] = [[]]
    var used = 1
    for (index, button) in buttons.enumerated() {
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

  private func spans(_ line: DialogState.Line, _ width: Int, _ painter: inout Painter, _ model: Model) -> [[Span]] {
    switch line {
    case .text(let text):
      return CellText.wrapped(text, to: width).map { [Span($0, painter.theme[.text])] }
    case .warning(let text):
      return CellText.wrapped(text, to: width).map { [Span($0, painter.theme[.warning].with(.bold))] }
    case .caches(let name, let text):
      return spans(.pair(name, text + (cacheSize.map { " (\($0))" } ?? "")), width, &painter, model)
    case .pair(let name, let text):
      return CellText.wrapped(text, to: max(1, width - 8)).enumerated().map { index, part in
        [
          Span(
            index == 0 ? name + String(repeating: " ", count: max(1, 8 - name.count)) : "        ", painter.theme[.dim]),
          Span(part, painter.theme[.text]),
        ]
      }
    case .busy(let name):
      let record = model.job(of: name, in: cluster)
      let job = model.clusters[cluster].snapshot?.runner(name)?.state.job ?? record?.job
      let since = record?.started
      let age = since == nil ? "" : "  for \(painter.age(since: since))"
      let room = max(8, width - 2 - CellText.width(age))
      let shown = CellText.cutMiddle(name, to: min(30, room / 2))
      let what = "\(job?.name ?? "")  \(job?.repository ?? "") \(job?.workflow ?? "")"
      let text = CellText.cutEnd("\(shown)  \(what)", to: room)
      return [[Span("  " + text, painter.theme[.busy]), Span(age, painter.theme[.dim])]]
    }
  }
}

extension Model {
  /// Asks a question. The first answer changes nothing and is the default.
  package mutating func ask(
    _ title: String, _ lines: [DialogState.Line], on cluster: Int = 0, cachesOf: String? = nil,
    orNot: String = "Cancel",
    _ answers: [(label: String, action: DialogState.Action)], otherwise: DialogState.Action = .close
  ) {
    let buttons = [(orNot, otherwise)] + answers
    overlays.append(
      .dialog(
        DialogState(
          title: title, lines: lines, buttons: buttons.map { .init(label: $0.0, action: $0.1) }, cluster: cluster,
          cachesOf: cachesOf)))
  }

  mutating func take(caches size: String, of installation: String) {
    for index in overlays.indices {
      guard case .dialog(var dialog) = overlays[index], dialog.cachesOf == installation else { continue }
      dialog.cacheSize = size
      overlays[index] = .dialog(dialog)
    }
  }
}
