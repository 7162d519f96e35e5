/// Notices that somebody set the clock on the wall, by comparing it with the one that nobody sets. A computer that slept
/// is no such case: both go on.
package struct ClockWatch: Sendable {
  /// Seconds that two looks may differ by: clocks are trimmed all the time.
  static let tolerance: Int64 = 2
  private var wall: Int64
  private var steady: ContinuousClock.Instant

  /// Begins at a moment: seconds since 1970, and the same on the clock that nobody sets.
  package init(wall: Int64, steady: ContinuousClock.Instant = .now) { (self.wall, self.steady) = (wall, steady) }

  /// The seconds by which the clock was set since the last look, or nil when it was not.
  package mutating func shift(wall now: Int64, steady: ContinuousClock.Instant = .now) -> Int64? {
    let expected = wall + Int64((self.steady.duration(to: steady) / .seconds(1)).rounded())
    let shift = now - expected
    guard abs(shift) > Self.tolerance else { return nil }
    (wall, self.steady) = (now, steady)
    return shift
  }
}
