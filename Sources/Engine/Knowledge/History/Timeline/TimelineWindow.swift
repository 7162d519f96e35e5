import Basics

/// The period that a timeline shows, in cells of equal length.
package struct TimelineWindow: Sendable, Equatable {
  /// Seconds per cell.
  package let cell: Int64
  package let width: Int
  /// Seconds since 1970, exclusive.
  package let end: Int64

  package var start: Int64 { end - cell * Int64(width) }

  /// The periods to choose from, in seconds: ten minutes to seven days.
  package static let spans: [Int64] = [
    600, 1800, 3600, 3 * 3600, 6 * 3600, 12 * 3600, 86_400, 3 * 86_400, 7 * 86_400,
  ]

  /// - Parameters:
  ///   - span: the minimum number of seconds to show.
  ///   - moment: the last moment to show, in seconds since 1970. The window ends at the end of its cell, so that the
  ///     timeline does not move until the next cell starts.
  ///   - width: the number of cells.
  package init(span: Int64, including moment: Int64, width: Int) {
    self.width = max(1, width)
    cell = max(1, (span + Int64(self.width) - 1) / Int64(self.width))
    let (whole, rest) = moment.quotientAndRemainder(dividingBy: cell)
    end = (rest < 0 ? whole : whole + 1) * cell
  }

  /// The cell of a moment, also outside the window.
  package func cell(of moment: Int64) -> Int {
    let distance = moment - start
    return Int(distance >= 0 ? distance / cell : -((-distance + cell - 1) / cell))
  }

  /// The visible cells of a period; `to` is exclusive.
  package func cells(from: Int64, to: Int64) -> Range<Int> {
    let first = max(0, cell(of: from))
    return first..<max(first, min(width, cell(of: to - 1) + 1))
  }
}

/// The times above a timeline.
package enum TimelineAxis {
  /// The distance between two labels.
  private enum Step {
    case seconds(Int64)
    case months(Int64)

    var length: Int64 {
      switch self {
      case .seconds(let seconds): seconds
      case .months(let months): months * 30 * 86_400
      }
    }

    /// The number of the step that contains a moment of the reader's clock.
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

  /// A label and its first cell.
  package struct Label: Sendable, Equatable {
    package var cell: Int
    package var text: String
  }

  /// The labels that fit, at least two cells apart: times of the day, the date at the start of a day, and months and
  /// years for long periods.
  ///
  /// - Parameter offset: the reader's offset from UTC at a moment, in seconds.
  package static func labels(_ window: TimelineWindow, offset: (Int64) -> Int64) -> [Label] {
    // About as much space between labels as they are long.
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
