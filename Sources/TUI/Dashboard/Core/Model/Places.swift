import TerminalKit

/// A part of the screen that can have the focus.
package enum Place: Int, CaseIterable, Sendable {
  case first, second
  /// The pane with the tabs.
  case bottom
}

/// Something on the screen that can be clicked.
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

/// The area of a target.
package struct Hit: Equatable, Sendable {
  package var rect: Rect
  package var target: Target

  package init(rect: Rect, target: Target) {
    self.rect = rect
    self.target = target
  }
}
