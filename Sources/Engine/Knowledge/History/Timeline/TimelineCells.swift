import ARC

/// A cell of a lane.
package struct TimelineCell: Sendable, Equatable {
  package enum Fill: Sendable, Equatable {
    case empty
    /// The job of the bar that follows waits for a runner.
    case waiting
    case bar(TimelineBar.Kind)
  }

  package var fill = Fill.empty
  /// Whether a bar's sign belongs here: its first cell that is in sight.
  package var isFirst = false
  /// The bar's place in its lane.
  package var bar: Int?
}

extension TimelineLanes {
  /// What is seen of a lane. Where several bars meet in one cell, the worst of those that are no longer than it is told.
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
    // One that starts later can have waited in sight.
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

  /// How many jobs waited in each cell on average, rounded.
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

  /// The most that were at work at once in each cell.
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
      // Those before the cell go on into it.
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

  /// What must not be overlooked.
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
