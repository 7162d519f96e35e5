import TerminalKit

/// Where everything is. It follows from the size and from what there is to show, and holds for any size.
package struct Layout: Equatable, Sendable {
  package var header: Rect?
  package var footer: Rect?
  package var body = Rect(x: 0, y: 0, width: 0, height: 0)
  package var panes: [Place: Rect] = [:]
  /// How many rows of each show its content.
  private var heights: [Place: Int] = [:]
  /// Whether the two above stand side by side.
  package var isWide = false

  init() {}

  init(_ model: Model) {
    place(model)
    for (place, rect) in panes { heights[place] = max(1, rect.height - 1 - model.pane(in: place).headHeight) }
  }

  private mutating func place(_ model: Model) {
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
      panes = [.first: left, .second: right, .bottom: foot]
      return
    }
    let firstRows = model[table: model.panes.first.id].count
    let secondRows = model[table: model.panes.second.id].count
    let above = rest.height - bottom
    // A title and its rows, but not more than two fifths of the upper part unless the rest stays empty anyway.
    let wanted = 1 + max(2, firstRows)
    let needed = 2 + max(1, secondRows)
    let first = max(3, min(wanted, max(above * 2 / 5, above - needed)))
    // What the second does not need goes to the bottom pane.
    let second = max(4, min(above - first, model.isFresh ? max(needed, 5) : above - first))
    let (top, below) = rest.split(top: first)
    let (middle, foot) = below.split(top: second)
    panes = [.first: top, .second: middle, .bottom: foot]
  }

  package func height(of place: Place) -> Int { heights[place] ?? 0 }
}
