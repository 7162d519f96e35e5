/// How long to wait before the next look at changes. A single change is reported immediately. With continuous changes
/// and thousands of runners, each look goes through all of them, and nobody reads twenty updates a second, so looks
/// become less frequent.
struct ChangePace: Sendable {
  /// The shortest wait: a screen cannot be updated more often.
  static let shortest: Duration = .milliseconds(50)
  /// The wait while thousands of runners change continuously.
  static let longest: Duration = .milliseconds(250)
  /// Up to this number of runners, the wait is not extended.
  static let manyRunners = 1000

  private var wait = Self.shortest

  /// The wait after a change.
  ///
  /// - Parameters:
  ///   - quiet: the time from the end of the last wait to this change: almost none while changes are continuous.
  ///   - runners: the number of runners.
  mutating func pause(after quiet: Duration, runners: Int) -> Duration {
    wait = runners > Self.manyRunners && quiet < .milliseconds(10) ? min(wait * 2, Self.longest) : Self.shortest
    return wait
  }
}
