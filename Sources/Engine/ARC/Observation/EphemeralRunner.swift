import Basics
import Kubernetes

/// A runner that runs a single job, as described by ARC.
package final class EphemeralRunner: ScannedObject {
  /// Name, age, scale set.
  package let metadata: ObjectMetadata
  /// `Pending`, `Running`, `Succeeded`, `Failed`, `Outdated`; empty means pending. Up to ARC 0.14, "Running" mirrors
  /// the pod; from 0.15 on it means a job. Only `job` is reliable for both.
  package let phase: String
  /// Whether the pod is ready.
  package let isReady: Bool
  /// The reason for the failure: `InvalidPod`, `TooManyPodFailures`, …
  package let reason: String?
  /// The reason as a sentence.
  package let message: String?
  /// The number of its pods that failed.
  package let failures: Int
  /// The job assigned to it, or nil.
  package let job: Job?

  package init(_ scanner: inout JSONScanner) {
    var metadata = ObjectMetadata()
    var (phase, isReady, reason, message, failures) = ("", false, String?.none, String?.none, 0)
    var job = JobStatus()
    scanner.object { key, value in
      switch key {
      case "metadata": metadata = ObjectMetadata(&value)
      case "status":
        value.object { key, value in
          switch key {
          case "phase": phase = value.string() ?? ""
          case "ready": isReady = value.bool() ?? false
          case "reason": reason = value.string()
          case "message": message = value.string()
          case "failures": failures = value.count()
          default: job.read(key, &value)
          }
        }
      default: break
      }
    }
    self.metadata = metadata
    (self.phase, self.isReady, self.reason, self.message, self.failures) = (phase, isReady, reason, message, failures)
    self.job = Job(job)
  }
}

/// The job in the status. `jobId` was added in ARC 0.13, `jobRequestId` is older.
package struct JobStatus {
  package var id = ""
  package var requestID = 0
  package var name = ""
  package var repository = ""
  package var workflowRef = ""
  package var runID = 0

  package mutating func read(_ key: JSONScanner.Key, _ value: inout JSONScanner) {
    switch key {
    case "jobId": id = value.string() ?? ""
    case "jobRequestId": requestID = value.int() ?? 0
    case "jobDisplayName": name = value.string() ?? ""
    case "jobRepositoryName": repository = value.string() ?? ""
    case "jobWorkflowRef": workflowRef = value.string() ?? ""
    case "workflowRunId": runID = value.int() ?? 0
    default: break
    }
  }
}

/// The job of a runner.
package struct Job: Sendable, Equatable {
  /// The name shown by the workflow.
  package var name: String
  /// `owner/repository`, or only the repository if ARC does not tell the owner.
  package var repository: String
  /// The workflow's file name.
  package var workflow: String
  /// The branch, tag or pull request.
  package var ref: String
  /// The workflow run's id, or nil.
  package var runID: Int?
  /// When the runner got it, if known: ARC's objects do not have the time.
  package var since: Int64?

  /// A job about which nothing is known.
  package init() {
    (name, repository, workflow, ref) = ("", "", "", "")
  }

  /// Reads the status of an EphemeralRunner; nil if it has no job.
  package init?(_ status: JobStatus) {
    guard !status.id.isEmpty || status.requestID != 0 else { return nil }
    name = SafeText.line(status.name)
    let parts = status.workflowRef.split(separator: "@", maxSplits: 1)
    workflow = SafeText.line(parts.first?.split(separator: "/").last.map(String.init) ?? "")
    ref = parts.count > 1 ? Self.shortRef(SafeText.line(String(parts[1]))) : ""
    runID = status.runID == 0 ? nil : status.runID
    // The repository name lacks its owner; the workflow reference has it.
    let owner = status.workflowRef.split(separator: "/").prefix(2)
    if !status.repository.contains("/"), owner.count == 2, owner[1] == status.repository {
      repository = SafeText.line("\(owner[0])/\(owner[1])")
    } else {
      repository = SafeText.line(status.repository)
    }
    since = nil
  }

  /// `main` for `refs/heads/main`, `pr/88` for `refs/pull/88/merge`.
  package static func shortRef(_ ref: String) -> String {
    for prefix in ["refs/heads/", "refs/tags/"] where ref.hasPrefix(prefix) {
      return String(ref.dropFirst(prefix.count))
    }
    let parts = ref.split(separator: "/")
    if parts.count >= 3, parts[0] == "refs", parts[1] == "pull" { return "pr/\(parts[2])" }
    return ref
  }

  /// The page of its workflow run.
  package func url(host: String) -> String? {
    guard let runID, repository.contains("/") else { return nil }
    return "https://\(host)/\(repository)/actions/runs/\(runID)"
  }
}
