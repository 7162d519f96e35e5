import ARC

/// The times and the result of a job: the input of statistics. The names of a job take ten times the memory.
package struct JobTimes: Sendable, Equatable {
  /// When it was assigned to the scale set, in seconds since 1970.
  package var assigned: Int64?
  /// Whether it may have waited longer: the scale set was at its maximum, and GitHub holds back jobs that may not run.
  package var isHeldBack = false
  /// When it started on the runner.
  package var started: Int64?
  /// When it ended.
  package var finished: Int64?
  /// How it ended.
  package var result: JobResult

  /// Seconds it waited for a runner, if both times are known.
  package var waited: Int64? {
    guard let assigned, let started, started >= assigned else { return nil }
    return started - assigned
  }

  /// Seconds it ran, once it has ended.
  package var took: Int64? {
    guard result != .running, let started, let finished, finished >= started else { return nil }
    return finished - started
  }

  /// The time of the latest fact.
  package var latest: Int64 { finished ?? started ?? assigned ?? 0 }

  /// Merges two records of a job, in any order.
  package mutating func merge(_ other: JobTimes) {
    func earlier(_ a: Int64?, _ b: Int64?) -> Int64? {
      guard let a, let b else { return a ?? b }
      return min(a, b)
    }
    if let theirs = other.assigned {
      if let ours = assigned, ours <= theirs {
        if ours == theirs { isHeldBack = isHeldBack || other.isHeldBack }
      } else {
        (assigned, isHeldBack) = (theirs, other.isHeldBack)
      }
    }
    // The earliest observation is the most accurate.
    started = earlier(started, other.started)
    finished = earlier(finished, other.finished)
    if other.result.rank > result.rank { result = other.result }
  }
}

extension JobRecord {
  /// Its times and result.
  package var times: JobTimes {
    JobTimes(assigned: assigned, isHeldBack: isHeldBack, started: started, finished: finished, result: result)
  }
}
