import Basics

/// A runner with a running job.
package struct BusyRunner: Sendable, Equatable {
  package var name: String
  package var scaleSet: String
  /// The job's name.
  package var job: String
  /// The job's repository.
  package var repository: String

  package init(name: String, scaleSet: String, job: String, repository: String) {
    self.name = name
    self.scaleSet = scaleSet
    self.job = job
    self.repository = repository
  }

  /// Reads an EphemeralRunner; nil if it has no job, or its job has ended. Its phase alone is not sufficient.
  package init?(_ runner: JSONValue) {
    let status = runner["status"]
    let isOver = ["Succeeded", "Failed", "Outdated"].contains(status?["phase"]?.stringValue ?? "")
    guard !isOver, runner["metadata"]?["deletionTimestamp"]?.stringValue == nil else { return nil }
    let hasJob =
      status?["jobId"]?.stringValue.map { !$0.isEmpty } ?? false || (status?["jobRequestId"]?.intValue ?? 0) != 0
    let metadata = runner["metadata"]
    guard hasJob, let name = metadata?["name"]?.stringValue else { return nil }
    self.init(
      name: name, scaleSet: metadata?["labels"]?["actions.github.com/scale-set-name"]?.stringValue ?? "",
      job: SafeText.line(status?["jobDisplayName"]?.stringValue ?? "a job"),
      repository: SafeText.line(status?["jobRepositoryName"]?.stringValue ?? ""))
  }
}
