import DashboardCore
import Engine
import TerminalKit

/// Draws the timeline.
struct TimelineDrawing {
  let model: Model
  let view: TimelineView

  func draw(_ painter: inout Painter, _ rect: Rect) {
    let area = view.area
    // The window moves by one cell at a time.
    if view.state.moment == nil { painter.changes(at: view.window.end) }
    drawAxis(&painter)
    drawMore(&painter)
    guard !view.rows.isEmpty else {
      let text =
        view.blocks.isEmpty
        ? "No jobs yet. Jobs are recorded while deskrun runs." : "No jobs in this time. - shows a longer time."
      painter.put(text, .dim, x: rect.x + 1, y: area.chart.y, width: rect.width - 2)
      return
    }
    let selection = view.selection
    var former: TimelineRow?
    for line in 0..<area.chart.height where view.rows.indices.contains(view.state.offset + line) {
      let row = view.rows[view.state.offset + line]
      drawRow(&painter, row, y: area.chart.y + line, isTop: former == nil, selection)
      former = row
    }
    if let selection {
      TimelineDetails(model: model, bar: view.bar(selection), cluster: view.cluster(selection))
        .draw(&painter, area.details)
    }
    if let legend = area.legend { drawLegend(&painter, legend) }
  }

  private func drawAxis(_ painter: inout Painter) {
    let axis = view.area.axis
    var end = 0
    for label in TimelineAxis.labels(view.window, offset: ClockText.offset)
    where label.cell + label.text.count <= axis.width {
      end =
        label.cell
        + painter.put(
          label.text, .dim, x: axis.x + label.cell, y: axis.y, width: axis.width - label.cell)
    }
    if view.state.moment == nil, end + 1 <= axis.width - 3 {
      painter.putRight("now", .strong, right: axis.right, y: axis.y, width: 3)
    }
  }

  /// Draws the time span, and the number of hidden rows above and below.
  private func drawMore(_ painter: inout Painter) {
    let axis = view.area.axis
    let (above, below) = (view.state.offset, view.rows.count - view.state.offset - view.area.chart.height)
    var parts: [String] = []
    if above > 0 { parts.append("\(painter.glyphs.ascending)\(above)") }
    if below > 0 { parts.append("\(painter.glyphs.descending)\(below)") }
    let labels = view.area.labels
    let used = painter.put(
      TimelinePane.words(view.state.span), .strong, x: labels.x + 1, y: axis.y, width: labels.width - 2)
    guard !parts.isEmpty else { return }
    painter.put(
      parts.joined(separator: " "), .dim, x: labels.x + 2 + used, y: axis.y, width: labels.width - 3 - used)
  }

  private func drawRow(
    _ painter: inout Painter, _ row: TimelineRow, y: Int, isTop: Bool, _ selection: TimelinePlace?
  ) {
    let (labels, chart) = (view.area.labels, view.area.chart)
    let right = labels.right - 2
    func name(_ block: Int, _ painter: inout Painter) {
      painter.put(view.blocks[block].name, .text, x: labels.x + 1, y: y, width: view.area.nameWidth, middle: true)
    }
    switch row {
    case .lane(let block, let lane, let isFirst):
      if isFirst || isTop { name(block, &painter) }
      painter.putRight(
        "\(lane + 1)" + (view.blocks[block].limit.map { "/\($0)" } ?? ""), .dim, right: right + 1, y: y,
        width: max(0, labels.width - 2 - view.area.nameWidth))
      drawLane(&painter, block, lane, y: y, selection)
    case .unused(let block, let lane):
      painter.putRight(
        "\(lane + 1)" + (view.blocks[block].limit.map { "/\($0)" } ?? ""), .dim, right: right + 1, y: y,
        width: max(0, labels.width - 2 - view.area.nameWidth))
    case .limit(let block):
      let text = " max \(view.blocks[block].limit ?? 0) "
      painter.rule(Rect(x: chart.x, y: y, width: max(0, chart.width - 1), height: 1))
      painter.put(text, .warning, x: chart.x + 2, y: y, width: max(0, chart.width - 3))
    case .waiting(let block):
      if isTop { name(block, &painter) }
      painter.putRight("waiting", .dim, right: right + 1, y: y, width: max(0, labels.width - 2))
      for (cell, count) in view.blocks[block].lanes.waiting(in: view.window).enumerated()
      where count > 0 && cell < chart.width {
        painter.put(count > 9 ? "+" : "\(count)", .warning, x: chart.x + cell, y: y, width: 1)
      }
    }
  }

  private func drawLane(
    _ painter: inout Painter, _ block: Int, _ lane: Int, y: Int, _ selection: TimelinePlace?
  ) {
    let chart = view.area.chart
    let cells = view.blocks[block].lanes.cells(of: lane, in: view.window)
    let characters = TimelineSigns(usesUnicode: painter.usesUnicode).characters(cells)
    var from = 0
    while from < cells.count {
      // Draw a bar, or the queued jobs, in one piece.
      var to = from + 1
      while to < cells.count, cells[to].bar == cells[from].bar, cells[to].fill == cells[from].fill { to += 1 }
      let part = Rect(x: chart.x + from, y: y, width: to - from, height: 1)
      let role: Role =
        switch cells[from].fill {
        case .empty: .text
        case .waiting: .warning
        case .bar(let kind): Self.role(kind)
        }
      painter.put(String(characters[from..<to]), role, x: part.x, y: y, width: part.width)
      if let bar = cells[from].bar {
        let place = TimelinePlace(block: block, lane: lane, index: bar)
        painter.hit(part, .row(TimelinePane.id, place.number))
        if place == selection {
          let isFocused = model.focusedPane.id == TimelinePane.id
          painter.restyle(part) { $0.attributes.formUnion(isFocused ? [.reverse, .bold] : [.bold, .underline]) }
        }
      }
      from = to
    }
  }

  static func role(_ kind: TimelineBar.Kind) -> Role {
    switch kind {
    case .starting: .warning
    case .job(.running): .busy
    case .job(.succeeded): .good
    case .job(.failed), .job(.lost): .bad
    case .job(.cancelled), .job(.unknown): .dim
    }
  }

  private func drawLegend(_ painter: inout Painter, _ rect: Rect) {
    let kinds: [TimelineBar.Kind] =
      [JobResult.succeeded, .failed, .cancelled, .unknown, .running].map { .job($0) } + [.starting]
    var x = rect.x + 1
    for (sign, kind, word) in TimelineSigns(usesUnicode: painter.usesUnicode).legend(kinds) {
      guard x + CellText.width(word) + 2 < rect.right else { return }
      x += painter.put(String(sign), kind.map(Self.role) ?? .warning, x: x, y: rect.y, width: 1) + 1
      x += painter.put(word, .dim, x: x, y: rect.y, width: rect.right - x) + 2
    }
  }
}
