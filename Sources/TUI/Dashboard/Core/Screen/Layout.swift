import TerminalKit

/// The position of everything on the screen. It depends on size and contents, and works for any size.
package struct Layout: Equatable, Sendable {
  package var header: Rect?
  package var footer: Rect?
  package var body = Rect(x: 0, y: 0, width: 0, height: 0)
  package var panes: [Place: Rect] = [:]
  /// The number of content rows of each pane.
  private var heights: [Place: Int] = [:]
  /// Rows reserved for toasts above the footer; 0 if they do not fit.
  package private(set) var toastRows = 0
  /// Rows of a prompt above its input.
  private(set) var promptRows = 0
  /// Whether the two upper panes are side by side.
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
    divide(rest, model)
    leaveRoomForToasts(model)
  }

  private mutating func divide(_ rest: Rect, _ model: Model) {
    if model.isZoomed || rest.height < 12 || rest.width < 50 {
      panes = [model.focus: rest]
      return
    }
    isWide = rest.width >= 130 && rest.height >= 16
    let need = model.need
    // A title, its column headings and its rows.
    let first = 1 + model.panes.first.headHeight + max(2, need.first)
    let second = 1 + model.panes.second.headHeight + need.second
    let bottom = bottomHeight(rest, model, above: isWide ? max(first, second) : first + second)
    if isWide {
      let (top, foot) = rest.split(top: rest.height - bottom)
      // Jobs and reasons have long names, installations do not, but for a column more with several clusters.
      let (left, right) = top.split(left: rest.width * (model.hasSeveralClusters ? 45 : 40) / 100)
      panes = [.first: left, .second: right, .bottom: foot]
      return
    }
    let above = rest.height - bottom
    // At most two fifths of the upper part, unless the rest would stay empty anyway.
    let top = max(3, min(first, max(above * 2 / 5, above - second)))
    let (upper, below) = rest.split(top: top)
    let (middle, foot) = below.split(top: max(4, above - top))
    panes = [.first: upper, .second: middle, .bottom: foot]
  }

  /// The height of the bottom pane: as chosen, or what the upper panes leave, but at least a third.
  private func bottomHeight(_ rest: Rect, _ model: Model, above: Int) -> Int {
    func within(_ height: Int) -> Int { max(5, min(rest.height - 7, height)) }
    if let share = model.bottomShare { return within(rest.height * share / 100) }
    guard model.need.isKnown else { return within(rest.height * 40 / 100) }
    return within(max(rest.height * 35 / 100, rest.height - above))
  }

  /// Toasts have their own rows, so that they cover nothing. The bottom pane gives up its rows for them; what is above
  /// it does not move.
  private mutating func leaveRoomForToasts(_ model: Model) {
    if case .prompt(let prompt)? = model.overlays.last, prompt.hasForecast { promptRows = 1 }
    guard !model.toasts.isEmpty || promptRows > 0 else { return }
    let place = panes[.bottom] == nil ? model.focus : .bottom
    guard let rect = panes[place] else { return }
    toastRows = model.toastRows(within: rect.height - 4 - promptRows)
    let rows = toastRows + promptRows
    guard rows > 0, rows < rect.height else { return }
    let (above, _) = rect.split(top: rect.height - rows)
    panes[place] = above
    body = body.split(top: body.height - rows).0
  }

  package func height(of place: Place) -> Int { heights[place] ?? 0 }
}
