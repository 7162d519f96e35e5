import ARC

/// A cell of a lane.
package struct TimelineCell: Sendable, Equatable {
  package enum Fill: Sendable, Equatable {
    case empty
    /// The job of the next bar is waiting for a runner.
    case waiting
    case bar(TimelineBar.Kind)
  }

  package var fill = Fill.empty
  /// Whether this is the bar's first visible cell, which shows its symbol.
  package var isFirst = false
  /// The bar's index in its lane.
  package var bar: Int?
}

extension TimelineLanes {
  /// The visible cells of a lane. If several bars share a cell, the worst of those no longer than a cell is shown.
  package func cells(of lane: Int, in window: TimelineWindow) -> [TimelineCell] {
    var cells = [TimelineCell](repeating: TimelineCell(), count: window.width)
    let bars = lanes[lane]
    var last: (index: Int, cells: Range<Int>)?
    for index in indices(of: lane, in: window) {
      let own = window.cells(from: bars[index].start, to: bars[index].end)
      for cell in own {
        if let last, last.cells == cell..<cell + 1, Self.rank(bars[last.index].kind) > Self.rank(bars[index].kind) {
          continue
        }
        cells[cell] = TimelineCell(fill: .bar(bars[index].kind), bar: index)
      }
      last = cells[own.upperBound - 1].bar == index ? (index, own) : last
    }
    for cell in cells.indices where cells[cell].bar != nil {
      cells[cell].isFirst = cell == 0 || cells[cell - 1].bar != cells[cell].bar
    }
    // The wait for a later bar may be visible.
    for index in indices(of: lane, in: window).lowerBound..<bars.count {
      guard let queued = bars[index].queued else {
        if bars[index].start >= window.end { break }
        continue
      }
      for cell in window.cells(from: queued, to: bars[index].start) where cells[cell].fill == .empty {
        cells[cell].fill = .waiting
      }
      if bars[index].start >= window.end { break }
    }
    return cells
  }

  /// The average number of waiting jobs in each cell, rounded.
  package func waiting(in window: TimelineWindow) -> [Int] {
    var seconds = [Int64](repeating: 0, count: window.width)
    for bar in lanes.joined() {
      guard let queued = bar.queued, queued < window.end, bar.start > window.start else { continue }
      for cell in window.cells(from: queued, to: bar.start) {
        let start = window.start + Int64(cell) * window.cell
        seconds[cell] += min(bar.start, start + window.cell) - max(queued, start)
      }
    }
    return seconds.map { Int(($0 + window.cell / 2) / window.cell) }
  }

  /// The maximum number of occupied runners in each cell.
  package func busy(in window: TimelineWindow) -> [Int] {
    var starts: [Int64] = []
    var ends: [Int64] = []
    for bar in lanes.joined() where bar.end > window.start && bar.start < window.end {
      guard case .job = bar.kind else { continue }
      starts.append(bar.start)
      ends.append(bar.end)
    }
    starts.sort()
    ends.sort()
    var (started, ended) = (0, 0)
    return (0..<window.width).map { cell in
      let end = window.start + Int64(cell + 1) * window.cell
      while ended < ends.count, ends[ended] <= end - window.cell { ended += 1 }
      var most = 0
      // Those before the cell continue in it.
      while started < starts.count, starts[started] <= end - window.cell { started += 1 }
      most = started - ended
      while started < starts.count, starts[started] < end {
        let moment = starts[started]
        while started < starts.count, starts[started] <= moment { started += 1 }
        while ended < ends.count, ends[ended] <= moment { ended += 1 }
        most = max(most, started - ended)
      }
      return most
    }
  }

  /// What must not be overlooked ranks highest.
  private static func rank(_ kind: TimelineBar.Kind) -> Int {
    switch kind {
    case .starting: 0
    case .job(.succeeded): 1
    case .job(.unknown): 2
    case .job(.cancelled): 3
    case .job(.running): 4
    case .job(.failed), .job(.lost): 5
    }
  }
}
