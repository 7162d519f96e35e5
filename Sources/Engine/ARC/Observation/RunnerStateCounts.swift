/// How many runners are in which state.
package struct RunnerStateCounts: Sendable, Equatable {
  /// Wait for a job.
  package var idle = 0
  /// Have a job.
  package var busy = 0
  /// On their way.
  package var starting = 0
  /// Will not get better by themselves.
  package var failing = 0
  /// Done, being deleted.
  package var finishing = 0

  /// So many.
  package init(idle: Int = 0, busy: Int = 0, starting: Int = 0, failing: Int = 0, finishing: Int = 0) {
    self.idle = idle
    self.busy = busy
    self.starting = starting
    self.failing = failing
    self.finishing = finishing
  }
}

extension RunnerStateCounts {
  /// Counts runners in a state; fewer of them when the number is negative.
  package mutating func add(_ state: RunnerState, _ number: Int) {
    switch state {
    case .idle: idle += number
    case .busy: busy += number
    case .starting: starting += number
    case .failing: failing += number
    case .finishing: finishing += number
    }
  }

  /// Adds other counts.
  package mutating func add(_ other: Self) {
    idle += other.idle
    busy += other.busy
    starting += other.starting
    failing += other.failing
    finishing += other.finishing
  }
}
