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

/// The times above a timeline.
package enum TimelineAxis {
  /// How far two labels are from each other.
  private enum Step {
    case seconds(Int64)
    case months(Int64)

    var length: Int64 {
      switch self {
      case .seconds(let seconds): seconds
      case .months(let months): months * 30 * 86_400
      }
    }

    /// The number of the step that a moment of the reader's clock is in.
    func number(_ local: Int64) -> Int64 {
      switch self {
      case .seconds(let step): local >= 0 ? local / step : (local - step + 1) / step
      case .months(let step): CalendarText.monthNumber(local) / step
      }
    }

    func label(_ number: Int64) -> String {
      switch self {
      case .seconds(let step):
        let start = number * step
        return start % 86_400 == 0
          ? CalendarText.day(start) : String(Timestamp.text(start).dropFirst(11).prefix(5))
      case .months(let step):
        return step % 12 == 0 ? "\(number * step / 12)" : CalendarText.month(number: number * step)
      }
    }
  }

  private static let steps: [Step] =
    [
      60, 120, 300, 600, 900, 1800, 3600, 2 * 3600, 3 * 3600, 6 * 3600, 12 * 3600, 86_400, 2 * 86_400, 7 * 86_400,
      14 * 86_400,
    ].map { .seconds($0) } + [1, 2, 3, 6, 12, 24, 60, 120, 600, 1200, 6000, 12_000, 60_000].map { .months($0) }

  /// A label and the cell it begins at.
  package struct Label: Sendable, Equatable {
    package var cell: Int
    package var text: String
  }

  /// The labels that fit, at least two cells from each other: times of the day, the date where a day begins, and months
  /// and years where so much is shown.
  ///
  /// - Parameter offset: the seconds by which the reader's clock is ahead of UTC at a moment.
  package static func labels(_ window: TimelineWindow, offset: (Int64) -> Int64) -> [Label] {
    // About as much between two labels as they are long.
    guard let step = steps.first(where: { $0.length / window.cell >= 10 }) ?? steps.last else { return [] }
    var labels: [Label] = []
    var former: Int64?
    var free = 0
    for cell in -1..<window.width {
      let last = window.start + Int64(cell + 1) * window.cell - 1
      let number = step.number(last + offset(last))
      defer { former = number }
      guard let former, number != former else { continue }
      let text = step.label(number)
      guard cell >= free, cell + text.utf8.count <= window.width else { continue }
      labels.append(Label(cell: cell, text: text))
      free = cell + text.utf8.count + 2
    }
    return labels
  }
}
