/// A runner that takes one job and is gone, as ARC describes it.
public struct EphemeralRunner: Sendable, Equatable {
  /// Name, age, scale set.
  public var metadata: ObjectMetadata
  /// `Pending`, `Running`, `Succeeded`, `Failed`, `Outdated`; empty means pending. "Running" mirrors the pod: it does
  /// not mean that there is a job.
  public var phase: String
  /// Whether the pod is ready.
  public var isReady: Bool
  /// Why it failed, as a word: `InvalidPod`, `TooManyPodFailures`, …
  public var reason: String?
  /// The same in a sentence.
  public var message: String?
  /// How many of its pods have failed.
  public var failures: Int
  /// The job it has, or nil.
  public var job: Job?

  init(_ object: JSONValue) {
    metadata = ObjectMetadata(object)
    let status = object["status"]
    phase = status?["phase"]?.stringValue ?? ""
    isReady = status?["ready"]?.boolValue ?? false
    reason = status?["reason"]?.stringValue
    message = status?["message"]?.stringValue
    failures = status?["failures"]?.objectValue?.count ?? 0
    job = status.flatMap(Job.init)
  }
}

/// A job a runner works on.
public struct Job: Sendable, Equatable {
  /// Its name as the workflow shows it.
  public var name: String
  /// `owner/repository`, or the repository alone where ARC says no more.
  public var repository: String
  /// The workflow's file name.
  public var workflow: String
  /// The branch, tag or pull request it runs for.
  public var ref: String
  /// The workflow run's id, or nil.
  public var runID: Int?
  /// When it was given to the runner, when that is known: ARC's objects do not say.
  public var since: Int64?

  /// Reads an EphemeralRunner's status; nil when it has no job. `jobId` came with ARC 0.13, `jobRequestId` is older.
  init?(_ status: JSONValue) {
    let hasID = status["jobId"]?.stringValue.map { !$0.isEmpty } ?? false
    guard hasID || (status["jobRequestId"]?.intValue ?? 0) != 0 else { return nil }
    name = SafeText.line(status["jobDisplayName"]?.stringValue ?? "")
    repository = SafeText.line(status["jobRepositoryName"]?.stringValue ?? "")
    let workflowRef = status["jobWorkflowRef"]?.stringValue ?? ""
    let parts = workflowRef.split(separator: "@", maxSplits: 1)
    workflow = SafeText.line(parts.first?.split(separator: "/").last.map(String.init) ?? "")
    ref = parts.count > 1 ? Self.shortRef(SafeText.line(String(parts[1]))) : ""
    let id = status["workflowRunId"]?.intValue ?? 0
    runID = id == 0 ? nil : id
    // The repository alone does not say whose it is; the workflow's reference does.
    let owner = workflowRef.split(separator: "/").prefix(2)
    if !repository.contains("/"), owner.count == 2, owner[1] == repository {
      repository = SafeText.line("\(owner[0])/\(owner[1])")
    }
    since = nil
  }

  /// `main` for `refs/heads/main`, `pr/88` for `refs/pull/88/merge`.
  private static func shortRef(_ ref: String) -> String {
    for prefix in ["refs/heads/", "refs/tags/"] where ref.hasPrefix(prefix) {
      return String(ref.dropFirst(prefix.count))
    }
    let parts = ref.split(separator: "/")
    if parts.count >= 3, parts[0] == "refs", parts[1] == "pull" { return "pr/\(parts[2])" }
    return ref
  }

  /// The page of its workflow run.
  public func url(host: String) -> String? {
    guard let runID, repository.contains("/") else { return nil }
    return "https://\(host)/\(repository)/actions/runs/\(runID)"
  }
}
