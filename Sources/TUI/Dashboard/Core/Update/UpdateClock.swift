import Engine

/// What this program noted by the clock on the wall goes with it when somebody sets it, so that what is to vanish in six
/// seconds does so, and a wait of ten seconds is not shown as an hour. Times that others wrote (pods, logs, jobs) stay.
extension Model {
  /// - Parameter shift: the seconds by which the clock was set.
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
