import DashboardCore
import Engine
import TerminalKit

/// How far a runner's job probably is: a bar, and where there is room what that means.
struct RunnerProgress {
  let estimate: JobEstimate
  /// As wide as the head of the column.
  static let cells = 8
  /// Room for `usually 10m00s`.
  private static let words = 18

  /// The cells that the table gives to it.
  ///
  /// - Parameter width: of the whole table.
  static func width(of width: Int) -> Int { width >= 120 ? cells + 1 + words : width >= 70 ? cells : 0 }

  func draw(_ painter: inout Painter, x: Int, y: Int, width: Int, _ isStale: Bool) {
    if let changesIn = estimate.changesIn(cells: Self.cells) { painter.changes(at: painter.now + changesIn) }
    let role: Role = isStale ? .dim : estimate.isLate ? .warning : .busy
    // Where nobody saw it start, an empty bar would be wrong.
    if estimate.elapsed != nil {
      painter.put(bar(usesUnicode: painter.usesUnicode), role, x: x, y: y, width: Self.cells)
    }
    guard width > Self.cells else { return }
    painter.put(
      estimate.words, estimate.isLate && !isStale ? .warning : .dim, x: x + Self.cells + 1, y: y,
      width: width - Self.cells - 1)
  }

  /// Full at the median; beyond the 95th percentile its end says so without color too.
  private func bar(usesUnicode: Bool) -> String {
    let text = Meter.text(filled: estimate.filled(of: Self.cells), of: Self.cells, usesUnicode: usesUnicode)
    return estimate.isLate ? text.dropLast() + "!" : text
  }
}
