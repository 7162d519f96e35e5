/// Adjacent cells that changed.
package struct Run: Sendable, Equatable {
  package var y: Int
  package var x: Int
  package var count: Int
}

/// What to draw to get from one frame to the next.
enum FrameDifference {
  /// Runs of changed cells. A run contains wide characters in full or not at all. If the sizes differ, all cells count
  /// as changed.
  package static func runs(from old: Frame, to new: Frame) -> [Run] {
    guard old.columns == new.columns, old.rows == new.rows else {
      return (0..<new.rows).map { Run(y: $0, x: 0, count: new.columns) }
    }
    var runs: [Run] = []
    old.cells.withUnsafeBufferPointer { old in
      new.cells.withUnsafeBufferPointer { cells in
        for y in 0..<new.rows {
          let row = y * new.columns
          var x = 0
          while x < new.columns {
            if old[row + x] == cells[row + x] {
              x += 1
              continue
            }
            var start = x
            // The left half must be included if only the right half changed, in the old or the new frame.
            while start > 0, cells[row + start].width == 0 || old[row + start].width == 0 { start -= 1 }
            var end = x + 1
            while end < new.columns,
              old[row + end] != cells[row + end] || cells[row + end].width == 0 || old[row + end].width == 0
            { end += 1 }
            if let last = runs.last, last.y == y, last.x + last.count >= start {
              runs[runs.count - 1].count = end - last.x
            } else {
              runs.append(Run(y: y, x: start, count: end - start))
            }
            x = end
          }
        }
      }
    }
    return runs
  }
}
