import Engine

/// The number of rows that the upper panes need. Runners are created and deleted frequently, so their rows are counted
/// in steps and reduced only after a delay: the text below does not move with each change.
struct RowNeed: Sendable, Equatable {
  private(set) var first = 0
  private(set) var second = 0
  /// Whether anything has been counted yet.
  private(set) var isKnown = false
  /// Since when the second pane has needed fewer rows; seconds since 1970.
  private var isLessSince: Int64?

  private static let step = 3
  /// How long fewer rows must be sufficient before the height is reduced, in seconds.
  static let delay: Int64 = 30

  mutating func take(first: Int, second: Int, at now: Int64) {
    self.first = first
    let wanted = (max(1, second) + Self.step - 1) / Self.step * Self.step
    if !isKnown || wanted >= self.second {
      (self.second, isLessSince, isKnown) = (wanted, nil, true)
    } else if let since = isLessSince, now >= since + Self.delay {
      (self.second, isLessSince) = (wanted, nil)
    } else if isLessSince.map({ $0 > now }) ?? true {
      isLessSince = now
    }
  }
}

extension Model {
  /// Counts all rows regardless of filters, so that browsing the installations does not change the layout.
  mutating func noteNeed() {
    guard joined.hasRunners else { return }
    var rows = 0
    for runner in runners where rows <= size.rows { rows += 1 + runner.jobPods.count }
    need.take(
      first: statuses.count + installationNotes.count + elsewhere.count, second: min(rows, size.rows), at: now)
  }
}
