import DashboardCore
import Engine
import TerminalKit

/// The areas of the timeline pane.
struct TimelineArea: Sendable {
  /// The names and numbers of the lanes.
  let labels: Rect
  let axis: Rect
  let chart: Rect
  /// The details of the selected bar.
  let details: Rect
  let legend: Rect?
  /// The width of a name.
  let nameWidth: Int

  init(_ rect: Rect, _ blocks: [TimelineBlock]) {
    let names = blocks.map { CellText.width($0.name) }.max() ?? 0
    nameWidth = max(7, min(names, rect.width >= 120 ? 24 : 14))
    let numbers = blocks.map { block -> Int in
      let lanes = String(block.lanes.lanes.count).count
      return block.limit.map { max(lanes, String($0).count) + 1 + String($0).count } ?? lanes
    }
    let left = min(nameWidth + 1 + (numbers.max() ?? 1) + 2, rect.width / 2)
    let hasLegend = rect.height >= 9
    let detailRows = rect.height >= 6 && rect.width < 150 ? 2 : rect.height >= 4 ? 1 : 0
    let below = detailRows + (hasLegend ? 1 : 0)
    let (head, rest) = rect.split(top: 1)
    let (middle, foot) = rest.split(top: max(0, rest.height - below))
    (labels, chart) = middle.split(left: left)
    axis = Rect(x: chart.x, y: head.y, width: max(0, chart.width - 1), height: head.height)
    let (text, last) = foot.split(top: detailRows)
    details = text
    legend = hasLegend ? last : nil
  }
}
