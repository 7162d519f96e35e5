import DashboardCore
import Engine
import TerminalKit

/// The estimated progress of a runner's job: a bar and, if there is room, its meaning.
struct RunnerProgress {
  let estimate: JobEstimate
  /// The width of the column heading.
  static let cells = 8
  /// The width of `usually 10m00s`.
  private static let words = 18

  /// The width of this column in the table.
  ///
  /// - Parameter width: the width of the whole table.
  static func width(of width: Int) -> Int { width >= 120 ? cells + 1 + words : width >= 70 ? cells : 0 }

  func draw(_ painter: inout Painter, x: Int, y: Int, width: Int, _ isStale: Bool) {
    if let changesIn = estimate.changesIn(cells: Self.cells) { painter.changes(at: painter.now + changesIn) }
    let role: Role = isStale ? .dim : estimate.isLate ? .warning : .busy
    // If its start is unknown, an empty bar would be wrong.
    if estimate.elapsed != nil {
      painter.put(bar(usesUnicode: painter.usesUnicode), role, x: x, y: y, width: Self.cells)
    }
    guard width > Self.cells else { return }
    painter.put(
      estimate.words, estimate.isLate && !isStale ? .warning : .dim, x: x + Self.cells + 1, y: y,
      width: width - Self.cells - 1)
  }

  /// Full at the median; beyond the 95th percentile its end shows this, even without color.
  private func bar(usesUnicode: Bool) -> String {
    let text = Meter.text(filled: estimate.filled(of: Self.cells), of: Self.cells, usesUnicode: usesUnicode)
    return estimate.isLate ? text.dropLast() + "!" : text
  }
}
