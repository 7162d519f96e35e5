import Basics

/// The state kept between checks while a step waits for the objects of a scale set to be deleted.
struct RemovalWatch {
  /// A remaining object.
  struct Left {
    /// The plural of its kind.
    var kind: String
    var object: PlanExecutor.FoundObject
    /// Its kind and name for messages.
    var words: String { "\(RemovalWatch.singular(kind)) \(SafeText.line(object.name))" }
  }

  let release: String
  /// The namespace of the release and its scale sets.
  let namespace: String
  /// The names of the scale sets that the release deployed: usually only its own.
  var names: Set<String>
  /// All scale sets of the namespace when they were last read.
  var present: [PlanExecutor.FoundObject] = []
  /// The remaining objects other than runners when they were last read.
  var others: [Left] = []
  /// The names of busy runners whose pod ended during the job.
  var held: Set<String> = []
  /// Whether there is no controller. Only a controller removes the finalizers of ARC's objects.
  var lacksController = false
  /// The number of checks.
  private var looks = 0
  /// The highest number of runners seen in one check.
  var mostRunners = 0
  /// Whether it was necessary to wait.
  var hasWaited = false
  private var notEndingSince: ContinuousClock.Instant?
  private var seen: Set<String> = []
  private var seenSince = ContinuousClock.now

  init(release: String, namespace: String) {
    (self.release, self.namespace) = (release, namespace)
    names = [release]
  }

  /// The scale sets that the release deployed.
  var sets: [PlanExecutor.FoundObject] { present.filter { $0.isDeployed(as: release) } }

  /// Whether to read everything in this check: in the first one, and in every `count`-th.
  mutating func isDue(of count: Int) -> Bool {
    defer { looks += 1 }
    return looks % count == 0
  }

  /// How long a scale set has existed without being deleted.
  mutating func notEnding() -> Duration {
    let since = notEndingSince ?? .now
    notEndingSince = since
    return since.duration(to: .now)
  }

  /// How long no object has been deleted, not counting time while a job runs.
  mutating func stands(_ left: [Left], busy: Bool) -> Duration {
    let now = Set(left.map(\.words))
    if busy || now != seen { (seen, seenSince) = (now, .now) }
    return seenSince.duration(to: .now)
  }

  /// The text that names what is waited for.
  func words(_ left: [Left], busy: [PlanExecutor.FoundObject]) -> String {
    guard !lacksController else {
      return "waiting for a controller, which is missing in the cluster and needed to finish the deletion of "
        + "\(Self.list(left)): `deskrun up` installs it, `deskrun remove \(release) --force` does not wait for it"
    }
    if let first = busy.first(where: { held.contains($0.name) }), busy.allSatisfy({ held.contains($0.name) }) {
      let name = SafeText.line(first.name) + (busy.count > 1 ? " and \(busy.count - 1) more" : "")
      return "waiting for GitHub to release the job of \(name), which died: up to 10 minutes. "
        + "`deskrun remove \(release) --force` does not wait"
    }
    guard busy.isEmpty else {
      let jobs = busy.map { runner in
        runner.name + (runner.status?["jobDisplayName"]?.stringValue.map { " (\(SafeText.line($0)))" } ?? "")
      }
      return "waiting for \(busy.count == 1 ? "the job of " : "the jobs of ")" + jobs.joined(separator: ", ")
    }
    return "waiting for \(Self.list(left)) to be deleted"
  }

  func stalled(_ left: [Left]) -> EngineError {
    EngineError(
      .timedOut, "\(release) is not completely deleted: \(Self.list(left)) \(left.count == 1 ? "remains" : "remain")",
      why: lacksController
        ? "The controller, which is needed to finish the deletion, is not in the cluster"
        : "The controller has not finished with \(left.count == 1 ? "it" : "them"), and no job is running",
      fix: (lacksController
        ? "Install it with `deskrun up` and run the same command again"
        : "See why with `deskrun logs \(release) --controller`")
        + "; `deskrun remove \(release) --force` gives up on it")
  }

  private static func list(_ left: [Left]) -> String {
    let shown = left.prefix(3).map(\.words).joined(separator: ", ")
    return left.count > 3 ? "\(shown) and \(left.count - 3) more" : shown
  }

  /// The singular of a kind's plural, for messages.
  static func singular(_ plural: String) -> String {
    switch plural {
    case "autoscalingrunnersets": "scale set"
    case "autoscalinglisteners": "listener"
    case "ephemeralrunnersets": "runner set"
    default: "runner"
    }
  }
}
