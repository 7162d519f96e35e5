/// The number of runners in each state.
package struct RunnerStateCounts: Sendable, Equatable {
  /// Waiting for a job.
  package var idle = 0
  /// Running a job.
  package var busy = 0
  /// Not ready yet.
  package var starting = 0
  /// Will not recover on their own.
  package var failing = 0
  /// Finished and being deleted.
  package var finishing = 0

  package init(idle: Int = 0, busy: Int = 0, starting: Int = 0, failing: Int = 0, finishing: Int = 0) {
    self.idle = idle
    self.busy = busy
    self.starting = starting
    self.failing = failing
    self.finishing = finishing
  }
}

extension RunnerStateCounts {
  /// The number of runners in any state.
  package var all: Int { idle + busy + starting + failing + finishing }

  /// Adds a number of runners, which may be negative, to the count of a state.
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
