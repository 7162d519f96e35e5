import Engine

/// Adjusts this program's own times when the system clock is changed, so that something shown for six seconds
/// disappears in time, and a wait of ten seconds is not shown as an hour. Times from other sources (pods, logs, jobs)
/// are unchanged.
extension Model {
  /// - Parameter shift: the change of the clock in seconds.
  mutating func takeClock(shift: Int64) {
    for index in toasts.indices { toasts[index].until += shift }
    for index in activities.indices { activities[index].move(by: shift) }
    busyHistory.move(by: shift)
    learnEverywhere(.clockSet(by: shift))
    refreshRows()
  }
}

extension Activity {
  package mutating func move(by shift: Int64) {
    started += shift
    ended? += shift
    for index in steps.indices { steps[index].move(by: shift) }
  }
}

extension Activity.Step {
  package mutating func move(by shift: Int64) { started? += shift }
}
