/// Detects that the wall clock was set, by comparing it with the continuous clock. Sleep does not count: both clocks
/// advance.
package struct ClockWatch: Sendable {
  /// The difference in seconds to tolerate between two checks: clocks are constantly adjusted.
  static let tolerance: Int64 = 2
  private var wall: Int64
  private var steady: ContinuousClock.Instant

  /// Starts at a moment: seconds since 1970, and the same moment on the continuous clock.
  package init(wall: Int64, steady: ContinuousClock.Instant = .now) { (self.wall, self.steady) = (wall, steady) }

  /// The seconds by which the wall clock was set since the last check; nil if it was not.
  package mutating func shift(wall now: Int64, steady: ContinuousClock.Instant = .now) -> Int64? {
    let expected = wall + Int64((self.steady.duration(to: steady) / .seconds(1)).rounded())
    let shift = now - expected
    guard abs(shift) > Self.tolerance else { return nil }
    (wall, self.steady) = (now, steady)
    return shift
  }
}
