import ARC
import Basics

/// The characters of a timeline, the same on the command line and in the dashboard. Each result has its own, so that
/// color is never the only difference.
package struct TimelineSigns: Sendable {
  package let usesUnicode: Bool

  package init(usesUnicode: Bool) { self.usesUnicode = usesUnicode }

  /// A character for each cell.
  package func characters(_ cells: [TimelineCell]) -> [Character] {
    cells.indices.map { at in
      switch cells[at].fill {
      case .empty: return " "
      case .waiting: return waiting
      case .bar(let kind):
        if usesUnicode { return cells[at].isFirst ? sign(kind) : kind == .starting ? "╌" : "━" }
        // A bracket marks the start of the second of two adjacent bars, unless that has a single cell.
        let isLonger = at + 1 < cells.count && cells[at + 1].bar == cells[at].bar && cells[at + 1].bar != nil
        return cells[at].isFirst && isLonger ? "[" : sign(kind)
      }
    }
  }

  package var waiting: Character { usesUnicode ? "·" : ":" }

  /// The symbol with the same meaning elsewhere.
  package func sign(_ kind: TimelineBar.Kind) -> Character {
    let sign: Sign =
      switch kind {
      case .starting: .pending
      case .job(.running): .busy
      case .job(.succeeded): .done
      case .job(.failed), .job(.lost): .failing
      case .job(.cancelled): .cancelled
      case .job(.unknown): .unknown
      }
    return Character(usesUnicode ? sign.unicode : sign.ascii)
  }

  /// The symbols of some kinds with their meanings.
  package func legend(_ kinds: [TimelineBar.Kind]) -> [(sign: Character, kind: TimelineBar.Kind?, word: String)] {
    let all: [(TimelineBar.Kind, String)] = [
      (.job(.succeeded), "succeeded"), (.job(.failed), "failed or lost"), (.job(.cancelled), "canceled"),
      (.job(.unknown), "end unknown"), (.job(.running), "running"), (.starting, "starting"),
    ]
    return all.filter { kinds.contains($0.0) || $0.0 == .job(.failed) && kinds.contains(.job(.lost)) }
      .map { (sign($0.0), $0.0, $0.1) } + [(waiting, nil, "waiting")]
  }
}

/// Numbers as a row of small columns.
package enum BusyLevels {
  /// A character for each number, the highest for a number at its limit or above.
  ///
  /// - Parameter limit: the value of a full column; nil for the largest number.
  package static func text(_ values: [Int], limit: Int?, usesUnicode: Bool) -> String {
    let signs: [Character] =
      usesUnicode ? ["▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"] : [" ", ".", ":", "-", "=", "+", "*", "#"]
    let most = max(1, limit ?? values.max() ?? 1)
    return String(
      values.map { value in
        value <= 0 ? signs[0] : signs[min(signs.count - 1, (min(value, most) * (signs.count - 1) + most - 1) / most)]
      })
  }
}
