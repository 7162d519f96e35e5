import DashboardCore
import Engine
import TerminalKit

/// The activities of deskrun itself: the steps of a plan, and the output of the tools.
package struct ActivityPane: Pane {
  package static let id = PaneID.activity
  package let title = "Activity"
  package let bindings = [
    Binding([.character("X")], .cancelActivity, "cancel"),
    Binding([.character("R")], .runAgain, "run again"),
    Binding([.character("n")], .nextActivity, "next"),
    Binding([.character("N")], .previousActivity),
    Binding([.character("c")], .copy, "copy"),
  ]

  package func label(_ model: Model) -> (text: String, tone: Role) {
    let count = model.activities.filter { !$0.isOver }.count
    return count > 0 ? ("\(title) \(count)", .warning) : (title, .title)
  }

  package func note(_ model: Model) -> String {
    guard model.activities.count > 1, let at = model.currentActivityIndex else { return "" }
    return "\(at + 1) of \(model.activities.count)"
  }

  package func availability(_ command: Command, _ model: Model) -> Availability? {
    switch command {
    case .cancelActivity: return running(model) != nil ? .yes : .no("nothing runs")
    case .runAgain:
      guard let activity = model.currentActivity else { return .no("nothing has run") }
      return activity.isOver ? .yes : .no("it still runs")
    case .copy where model.focusedPane.id == id: return model.currentActivity == nil ? .no("nothing has run") : .yes
    case .nextActivity, .previousActivity: return model.activities.count > 1 ? .yes : .no("no other found")
    default: return nil
    }
  }

  package func perform(_ command: Command, _ model: inout Model) -> Bool {
    switch command {
    case .tabActivity: model.go(to: id)
    case .cancelActivity: confirmCancel(&model)
    case .runAgain: if let activity = model.currentActivity { model.start(activity.request, on: activity.cluster) }
    case .nextActivity: move(by: 1, &model)
    case .previousActivity: move(by: -1, &model)
    default: return false
    }
    return true
  }

  package func move(by rows: Int, _ model: inout Model) {
    guard rows != 0, let current = model.currentActivityIndex else { return }
    let next = max(0, min(model.activities.count - 1, current + (rows > 0 ? 1 : -1)))
    model.shownActivity = model.activities[next].id
  }

  /// The displayed text, with the complete output of the tools.
  package func copyText(_ model: Model) -> String? {
    guard let activity = model.currentActivity else { return nil }
    var lines = [activity.title]
    lines += activity.steps.map { "  \($0.title): \($0.state.rawValue)" + ($0.note.map { ", \($0)" } ?? "") }
    if case .failed(let error) = activity.phase {
      lines += [error.what, error.why, error.fix.map { "Do: \($0)" }].compactMap { $0 } + error.details
    }
    return (lines + activity.warnings.map { "! \($0)" } + activity.output).joined(separator: "\n")
  }

  /// The displayed activity if it is running, else the newest running one.
  private func running(_ model: Model) -> Activity? {
    if let shown = model.currentActivity, !shown.isOver { return shown }
    return model.activities.last { !$0.isOver }
  }

  private func confirmCancel(_ model: inout Model) {
    guard let activity = running(model) else { return }
    model.ask(
      "Cancel: \(activity.title)?", [.text("Completed steps are kept, and running it again continues from there.")],
      orNot: "Go on", [("Cancel it", .cancelActivity(activity.id))])
  }

  // MARK: Drawing

  package func draw(_ painter: inout Painter, _ rect: Rect, _ model: Model) {
    guard let activity = model.currentActivity else {
      let text = "Nothing was done yet. Add, edit, remove and scale show their steps here."
      for (line, part) in CellText.wrapped(text, to: rect.width - 2).prefix(rect.height).enumerated() {
        painter.put(part, .dim, x: rect.x + 1, y: rect.y + line, width: rect.width - 2)
      }
      return
    }
    var y = rect.y
    drawHead(&painter, activity, Rect(x: rect.x, y: y, width: rect.width, height: 1))
    y += 1
    var lines: [(Int, String, Role)] = []
    if let who = activity.waitsFor, !activity.isOver {
      for part in CellText.wrapped("waiting for \(SafeText.line(who)) to finish", to: rect.width - 6) {
        lines.append((5, part, .text))
      }
    }
    if case .failed(let error) = activity.phase {
      for (index, text) in [error.what, error.why, error.fix.map { "Do: \($0)" }].compactMap({ $0 }).enumerated() {
        for part in CellText.wrapped(text, to: rect.width - 6) { lines.append((5, part, index == 0 ? .bad : .text)) }
      }
      for detail in error.details.prefix(4) { lines.append((5, SafeText.line(detail), .dim)) }
    }
    for warning in activity.warnings {
      for part in CellText.wrapped("! " + warning, to: rect.width - 4) { lines.append((3, part, .warning)) }
    }
    // Running and failed steps must be visible; then the reason, then as much output as fits.
    let room = rect.bottom - y
    let steps = shownSteps(activity, max(1, room - min(lines.count, room / 2)))
    for step in steps where y < rect.bottom {
      drawStep(&painter, step, Rect(x: rect.x, y: y, width: rect.width, height: 1))
      y += 1
    }
    for (indent, text, role) in lines where y < rect.bottom {
      painter.put(text, role, x: rect.x + indent, y: y, width: rect.width - indent - 1)
      y += 1
    }
    let left = rect.bottom - y
    guard left > 0 else { return }
    for line in activity.output.suffix(left) {
      painter.put(line, .dim, x: rect.x + 3, y: y, width: rect.width - 4)
      y += 1
    }
  }

  private func drawHead(_ painter: inout Painter, _ activity: Activity, _ rect: Rect) {
    let (mark, role, word): (String, Role, String) =
      switch activity.phase {
      case .planning where activity.waitsFor != nil: (painter.glyphs.starting, .warning, "waiting")
      case .planning: (painter.glyphs.starting, .warning, "finding out what has to be done")
      case .running where activity.isCancelling: (painter.glyphs.starting, .warning, "being canceled")
      case .running: (painter.glyphs.starting, .warning, "\(activity.progress.text) \(painter.bar(activity.progress))")
      case .done: (painter.glyphs.succeeded, .good, "done")
      case .failed: (painter.glyphs.failed, .bad, "failed · R runs it again")
      case .cancelled: (painter.glyphs.cancelled, .dim, "canceled · R runs it again")
      }
    var x = rect.x + 1
    x += painter.put(mark + " ", role, x: x, y: rect.y, width: 2)
    x += painter.put(activity.title, .strong, x: x, y: rect.y, width: max(0, rect.width - 30)) + 2
    painter.put(word, role, x: x, y: rect.y, width: max(0, rect.right - 8 - x))
    let time =
      activity.ended.map { ClockText.span($0 - activity.started).text } ?? painter.age(since: activity.started)
    painter.putRight(time, .dim, right: rect.right - 1, y: rect.y, width: 6)
  }

  /// As many steps as fit, around the current one.
  private func shownSteps(_ activity: Activity, _ room: Int) -> ArraySlice<Activity.Step> {
    let steps = activity.steps
    guard steps.count > room else { return steps[...] }
    let at =
      steps.firstIndex { $0.state == .running || $0.state == .failed }
      ?? (activity.isOver ? steps.count - 1 : 0)
    let start = max(0, min(at - room / 2, steps.count - room))
    return steps[start..<min(steps.count, start + room)]
  }

  private func drawStep(_ painter: inout Painter, _ step: Activity.Step, _ rect: Rect) {
    let (mark, role): (String, Role) =
      switch step.state {
      case .waiting: (" ", .dim)
      case .running: (painter.glyphs.starting, .warning)
      case .done: (painter.glyphs.succeeded, .good)
      case .unchanged, .skipped: (painter.glyphs.succeeded, .dim)
      case .failed: (painter.glyphs.failed, .bad)
      }
    painter.put(mark, role, x: rect.x + 3, y: rect.y, width: 1)
    var x = rect.x + 5
    let half = max(10, (rect.width - 14) * 3 / 5)
    x += painter.put(step.title, step.state == .waiting ? .dim : .text, x: x, y: rect.y, width: half) + 2
    if let count = step.count {
      x +=
        painter.put("\(painter.bar(count)) \(count.text)", .busy, x: x, y: rect.y, width: max(0, rect.right - 8 - x))
        + 1
    }
    if let note = step.note { painter.put(note, .dim, x: x, y: rect.y, width: max(0, rect.right - 8 - x)) }
    let time =
      step.state == .running
      ? painter.age(since: step.started) : step.seconds.map { ClockText.span(Int64($0)).text } ?? ""
    painter.putRight(time, .dim, right: rect.right - 1, y: rect.y, width: 6)
  }
}

extension Model {
  fileprivate var currentActivityIndex: Int? {
    activities.firstIndex { $0.id == shownActivity } ?? activities.indices.last
  }

  fileprivate var currentActivity: Activity? { currentActivityIndex.map { activities[$0] } }
}
