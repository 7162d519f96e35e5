import TerminalKit

/// A part of the dashboard that can have the focus.
package enum Pane: Int, CaseIterable, Sendable {
  case installations = 1
  case runners = 2
  case bottom = 3
}

/// What the bottom pane shows.
package enum Tab: Int, CaseIterable, Sendable {
  case logs, events, jobs, findings, activity, details

  package var title: String {
    switch self {
    case .logs: "Logs"
    case .events: "Events"
    case .jobs: "Jobs"
    case .findings: "Findings"
    case .activity: "Activity"
    case .details: "Details"
    }
  }
}

/// Something on the screen that the mouse can hit.
package enum Target: Hashable, Sendable {
  case pane(Pane)
  case row(Pane, Int)
  case column(Pane, Int)
  case tab(Tab)
  case command(Command)
  case button(Int)
  case field(Int)
  case item(Int)
}

/// Where a target is.
package struct Hit: Equatable, Sendable {
  package var rect: Rect
  package var target: Target

  package init(rect: Rect, target: Target) {
    self.rect = rect
    self.target = target
  }
}
