import Basics

/// The time that a timeline shows, in cells of so many seconds each.
package struct TimelineWindow: Sendable, Equatable {
  /// Seconds that a cell stands for.
  package let cell: Int64
  package let width: Int
  /// Seconds since 1970; not part of it.
  package let end: Int64

  package var start: Int64 { end - cell * Int64(width) }

  /// How much time there can be to see, in seconds: from ten minutes to seven days.
  package static let spans: [Int64] = [
    600, 1800, 3600, 3 * 3600, 6 * 3600, 12 * 3600, 86_400, 3 * 86_400, 7 * 86_400,
  ]

  /// - Parameters:
  ///   - span: the seconds to show, at least.
  ///   - moment: the last moment that is shown, in seconds since 1970. The end of the window is the end of its cell, so
  ///     that the picture stays the same until the next cell begins.
  ///   - width: cells.
  package init(span: Int64, including moment: Int64, width: Int) {
    self.width = max(1, width)
    cell = max(1, (span + Int64(self.width) - 1) / Int64(self.width))
    let (whole, rest) = moment.quotientAndRemainder(dividingBy: cell)
    end = (rest < 0 ? whole : whole + 1) * cell
  }

  /// The cell of a moment, also beyond the edges.
  package func cell(of moment: Int64) -> Int {
    let distance = moment - start
    return Int(distance >= 0 ? distance / cell : -((-distance + cell - 1) / cell))
  }

  /// The cells that a span of time touches and that are in sight; `to` is not part of the span.
  package func cells(from: Int64, to: Int64) -> Range<Int> {
    let first = max(0, cell(of: from))
    return first..<max(first, min(width, cell(of: to - 1) + 1))
  }
}

/// The times below a timeline.
package enum TimelineAxis {
  /// Seconds between two labels.
  private static let steps: [Int64] = [
    60, 120, 300, 600, 900, 1800, 3600, 2 * 3600, 3 * 3600, 6 * 3600, 12 * 3600, 86_400, 2 * 86_400, 7 * 86_400,
  ]

  /// A label and the cell it begins at.
  package struct Label: Sendable, Equatable {
    package var cell: Int
    package var text: String
  }

  /// The labels that fit: times of the day, and the date where a day begins.
  ///
  /// - Parameter offset: the seconds by which the reader's clock is ahead of UTC at a moment.
  package static func labels(_ window: TimelineWindow, offset: (Int64) -> Int64) -> [Label] {
    // Five cells of text and about as much between two of them.
    let step = steps.first { $0 / window.cell >= 10 } ?? steps[steps.count - 1]
    var labels: [Label] = []
    var former: Int64?
    for cell in -1..<window.width {
      let last = window.start + Int64(cell + 1) * window.cell - 1
      let local = last + offset(last)
      let count = local >= 0 ? local / step : (local - step + 1) / step
      defer { former = count }
      guard let former, count != former, cell + 5 <= window.width else { continue }
      let text = Timestamp.text(count * step)
      let isMidnight = count * step % 86_400 == 0
      labels.append(
        Label(cell: cell, text: String(isMidnight ? text.dropFirst(5).prefix(5) : text.dropFirst(11).prefix(5))))
    }
    return labels
  }
}
