/// What happens in one turn of a place of a scale set: its runner, and when it changes. Immutable, so it is shared by
/// all users.
final class DemoTurn {
  let runner: DemoRunner
  /// The demo's second at which it starts, and the one at which the next turn does.
  let start: Double
  let end: Double
  /// When the runner visibly changes, in order, and when the turn ends.
  private let moments: [Double]

  init(_ runner: DemoRunner, start: Double, end: Double) {
    (self.runner, self.start, self.end) = (runner, start, end)
    var moments = [runner.created, runner.pulling, runner.creating]
    if runner.badImage != nil {
      moments += [runner.creating + 1, runner.creating + 14]
    } else {
      moments += [runner.ready, runner.busy, runner.over, runner.gone, end]
      if runner.job.container != nil { moments.append(runner.busy + 3) }
      if runner.hasNoCommand { moments += [runner.exited, runner.removed] }
    }
    self.moments = moments.sorted()
  }

  func covers(_ time: Double) -> Bool { start <= time && time < end }

  /// Whether the runner exists at a moment of the turn.
  func hasRunner(at time: Double) -> Bool {
    guard time >= runner.created else { return false }
    if runner.badImage != nil { return true }
    return time < (runner.hasNoCommand ? runner.removed : runner.gone)
  }

  /// The next change after a moment of the turn.
  func nextChange(after time: Double) -> Double {
    // If a rounding error ends the turn early, the next one can be asked immediately.
    let next = moments.first { $0 > time } ?? (runner.badImage == nil ? time.nextUp : .infinity)
    guard runner.badImage != nil else { return next }
    // Pull attempts and backoff alternate.
    let cycle = max(0, ((time - runner.creating) / 60).rounded(.down)) * 60 + runner.creating
    return [cycle + 13, cycle + 60].filter { $0 > time }.reduce(next, min)
  }
}
