import Engine

/// How many rows the panes above need. Runners come and go all the time, so their rows are counted in steps, and fewer
/// are given only after a while: what is read below does not move with each of them.
struct RowNeed: Sendable, Equatable {
  private(set) var first = 0
  private(set) var second = 0
  /// Whether there was anything to count yet.
  private(set) var isKnown = false
  /// Since when fewer rows would do for the second; seconds since 1970.
  private var isLessSince: Int64?

  private static let step = 3
  /// Seconds that fewer rows must do for before they are given to others.
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
  /// Counts what there is, whatever it is narrowed to: going through the installations moves nothing.
  mutating func noteNeed() {
    guard let snapshot else { return }
    var rows = 0
    for runner in snapshot.runners where rows <= size.rows { rows += 1 + runner.jobPods.count }
    need.take(
      first: statuses.count + installationNotes.count + configuration.elsewhere.count, second: min(rows, size.rows),
      at: now)
  }
}
