import DashboardCore
import Engine
import TerminalKit

/// The pane at the bottom: a tab each for logs, events, jobs, findings, activity and details.
struct BottomPane {
  package let model: Model

  func draw(_ painter: inout Painter, _ rect: Rect) {
    let (title, body) = rect.split(top: 1)
    drawTabs(&painter, title)
    painter.hit(body, .pane(.bottom))
    switch model.tab {
    case .logs: LogTab(model: model).draw(&painter, body)
    case .events: EventsTab(model: model).draw(&painter, body)
    case .jobs: JobsTab(model: model).draw(&painter, body)
    case .findings: FindingsTab(model: model).draw(&painter, body)
    case .activity: ActivityTab(model: model).draw(&painter, body)
    case .details: DetailsTab(model: model).draw(&painter, body)
    }
  }

  private func label(_ tab: Tab) -> String {
    switch tab {
    case .findings:
      let count = model.findings.count
      return count > 0 ? "Findings \(count)" : tab.title
    case .activity:
      let count = model.activities.filter { !$0.isOver }.count
      return count > 0 ? "Activity \(count)" : tab.title
    default: return tab.title
    }
  }

  private func drawTabs(_ painter: inout Painter, _ rect: Rect) {
    guard rect.height > 0 else { return }
    let isFocused = model.focus == .bottom
    painter.rule(rect)
    painter.hit(rect, .pane(.bottom))
    var x = rect.x + 1
    x += painter.put(" 3 ", isFocused ? .titleFocused : .title, x: x, y: rect.y, width: rect.right - x)
    // Where not all fit, the one that is shown comes first.
    let all = Tab.allCases
    let needed = all.reduce(0) { $0 + CellText.width(label($1)) + 3 }
    let tabs = needed > rect.width - 6 ? [model.tab] + all.filter { $0 != model.tab } : all
    for (index, tab) in tabs.enumerated() {
      let text = label(tab)
      let width = CellText.width(text) + (index == 0 ? 1 : 3)
      guard x + width < rect.right - 1 else { break }
      if index > 0 { x += painter.put(painter.glyphs.separator + " ", .rule, x: x, y: rect.y, width: 2) }
      let isShown = tab == model.tab
      let role: Role = isShown ? (isFocused ? .titleFocused : .strong) : tabRole(tab)
      let start = x
      let used = painter.put(text, role, x: x, y: rect.y, width: rect.right - x)
      if isShown { painter.restyle(Rect(x: x, y: rect.y, width: used, height: 1)) { $0.attributes.insert(.underline) } }
      x += used
      x += painter.put(" ", .rule, x: x, y: rect.y, width: 1)
      painter.hit(Rect(x: start, y: rect.y, width: x - start, height: 1), .tab(tab))
    }
    let right = rightText
    guard !right.isEmpty else { return }
    let text = " " + right + " "
    let room = rect.right - 1 - x
    guard room >= 10 else { return }
    painter.putRight(text, isFocused ? .titleFocused : .title, right: rect.right - 1, y: rect.y, width: room)
  }

  private func tabRole(_ tab: Tab) -> Role {
    if tab == .findings, model.findings.contains(where: { $0.severity == .bad }) { return .bad }
    if tab == .findings, !model.findings.isEmpty { return .warning }
    if tab == .activity, model.activities.contains(where: { !$0.isOver }) { return .warning }
    return .title
  }

  private var rightText: String {
    switch model.tab {
    case .logs:
      guard model.log.target != nil else { return "" }
      if model.log.follows {
        switch model.log.phase {
        case .ended: return "ended"
        case .loading: return "loading"
        case .failed: return ""
        default: return "following"
        }
      }
      return model.log.unseen > 0 ? "paused · \(model.log.unseen) new" : "paused"
    case .events: return "\(model.scope ?? "all") · \(model.eventRows.count)" + filterNote(model.eventTable.filter)
    case .jobs: return "\(model.scope ?? "all") · \(model.jobRows.count)" + filterNote(model.jobTable.filter)
    case .findings:
      let count = model.findings.count
      return count > 0 ? "\(model.findingIndex + 1) of \(count)" : ""
    case .activity:
      guard let current = model.currentActivity, let at = model.activities.firstIndex(of: current) else { return "" }
      return model.activities.count > 1 ? "\(at + 1) of \(model.activities.count)" : ""
    case .details: return model.details.title
    }
  }

  private func filterNote(_ filter: String) -> String {
    (model.showsOnlyFailed ? (model.tab == .events ? " · warnings" : " · failed") : "")
      + (filter.isEmpty ? "" : " /\(filter)")
  }
}

/// The selection, described.
struct DetailsTab {
  package let model: Model

  func draw(_ painter: inout Painter, _ rect: Rect) {
    PageText(page: model.details).draw(&painter, rect)
  }
}
