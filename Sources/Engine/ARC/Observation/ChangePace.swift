/// How long to wait between two looks at what changes. A change that comes alone is told at once. Where one follows the
/// other and there are thousands of runners, each look goes through all of them, and nobody reads twenty a second: they
/// come less often then.
struct ChangePace: Sendable {
  /// The wait that a screen cannot show more often than.
  static let shortest: Duration = .milliseconds(50)
  /// The wait while thousands of runners change all the time.
  static let longest: Duration = .milliseconds(250)
  /// How many runners are looked at without waiting longer.
  static let manyRunners = 1000

  private var wait = Self.shortest

  /// The wait after a change.
  ///
  /// - Parameters:
  ///   - quiet: the time between the end of the last wait and this change: next to none while one follows the other.
  ///   - runners: how many runners there are.
  mutating func pause(after quiet: Duration, runners: Int) -> Duration {
    wait = runners > Self.manyRunners && quiet < .milliseconds(10) ? min(wait * 2, Self.longest) : Self.shortest
    return wait
  }
}
