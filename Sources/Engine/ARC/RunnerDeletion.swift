/// What happens to a job when its runner is deleted, which depends on the ARC version.
package enum RunnerDeletion {
  /// Whether the job is killed. Up to 0.14, the controller asks GitHub first and waits for the job.
  package static func killsJob(_ version: ARCRelease?) -> Bool { version?.isInPlaceGeneration ?? true }

  /// The warning before runners with a job are deleted.
  package static func words(for busy: Int, _ version: ARCRelease?) -> String {
    let runners = busy == 1 ? "1 of them has a job" : "\(busy) of them have a job"
    return killsJob(version)
      ? "\(runners): deleting a runner ends its job, which fails."
      : "\(runners): ARC \(version?.minor ?? "") deletes such a runner when its job is over."
  }
}
