import ARC

/// When a job waited, began and ended, and how: what figures are made of. A job's names take ten times as much.
package struct JobTimes: Sendable, Equatable {
  /// When it was assigned to the scale set, in seconds since 1970.
  package var assigned: Int64?
  /// Whether it may have waited longer: the scale set was at its maximum, and GitHub holds back what may not run.
  package var isHeldBack = false
  /// When it began on the runner.
  package var started: Int64?
  /// When it ended.
  package var finished: Int64?
  /// How it ended.
  package var result: JobResult

  /// Seconds it waited for a runner, when both ends are known.
  package var waited: Int64? {
    guard let assigned, let started, started >= assigned else { return nil }
    return started - assigned
  }

  /// Seconds it ran, once it has ended.
  package var took: Int64? {
    guard result != .running, let started, let finished, finished >= started else { return nil }
    return finished - started
  }

  /// When it was last heard of.
  package var latest: Int64 { finished ?? started ?? assigned ?? 0 }

  /// Two views of one job as one; it does not matter which comes first.
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
    // Who saw it first was nearest to the truth.
    started = earlier(started, other.started)
    finished = earlier(finished, other.finished)
    if other.result.rank > result.rank { result = other.result }
  }
}

extension JobRecord {
  /// Its times and its end.
  package var times: JobTimes {
    JobTimes(assigned: assigned, isHeldBack: isHeldBack, started: started, finished: finished, result: result)
  }
}
