import TerminalKit

/// A part of the screen that can have the focus.
package enum Place: Int, CaseIterable, Sendable {
  case first, second
  /// That of the tabs.
  case bottom
}

/// Something on the screen that the mouse can hit.
package enum Target: Hashable, Sendable {
  case pane(PaneID)
  case row(PaneID, Int)
  case column(PaneID, Int)
  case tab(PaneID)
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
