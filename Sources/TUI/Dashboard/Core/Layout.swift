import TerminalKit

/// Where everything is. It follows from the size and from what there is to show, and holds for any size.
package struct Layout: Equatable, Sendable {
  package var header: Rect?
  package var footer: Rect?
  package var body: Rect
  package var panes: [Pane: Rect] = [:]
  /// Whether installations and runners stand side by side.
  package var isWide = false

  package init(_ model: Model) {
    var rest = Rect(x: 0, y: 0, width: model.size.columns, height: model.size.rows)
    if rest.height >= 3 {
      let (top, below) = rest.split(top: 1)
      header = top
      rest = below
    }
    if rest.height >= 2 {
      let (above, foot) = rest.split(top: rest.height - 1)
      footer = foot
      rest = above
    }
    body = rest
    if model.isZoomed || rest.height < 12 || rest.width < 50 {
      panes = [model.focus: rest]
      return
    }
    isWide = rest.width >= 130 && rest.height >= 16
    let bottom = max(5, min(rest.height - 7, rest.height * model.bottomShare / 100))
    if isWide {
      let (top, foot) = rest.split(top: rest.height - bottom)
      let (left, right) = top.split(left: min(76, rest.width * 2 / 5))
      panes = [.installations: left, .runners: right, .bottom: foot]
      return
    }
    let installations = model.installationRows.count
    let runners = model.runnerRows.count
    let above = rest.height - bottom
    // A title and its rows, but not more than two fifths of the upper part unless the rest stays empty anyway.
    let wanted = 1 + max(2, installations)
    let needed = 2 + max(1, runners)
    let first = max(3, min(wanted, max(above * 2 / 5, above - needed)))
    // What runners do not need goes to the bottom pane.
    let second = max(4, min(above - first, model.isFresh ? max(needed, 5) : above - first))
    let (top, below) = rest.split(top: first)
    let (middle, foot) = below.split(top: second)
    panes = [.installations: top, .runners: middle, .bottom: foot]
  }

  /// How many rows of a pane show its content.
  func contentHeight(_ pane: Pane) -> Int {
    guard let rect = panes[pane] else { return 0 }
    switch pane {
    case .installations: return max(1, rect.height - 1)
    case .runners: return max(1, rect.height - 2)
    case .bottom: return max(1, rect.height - 1)
    }
  }
}
