import Basics

/// What is remembered from one look to the next, while a step waits for the objects of a scale set to go.
struct RemovalWatch {
  /// An object that is still there.
  struct Left {
    /// The plural of its kind.
    var kind: String
    var object: PlanExecutor.FoundObject
    /// Kind and name for people.
    var words: String { "\(RemovalWatch.singular(kind)) \(SafeText.line(object.name))" }
  }

  let release: String
  /// The names of the scale sets that the release deployed: usually its own.
  var names: Set<String>
  /// Whether there was anything to wait for.
  var hasWaited = false
  private var notEndingSince: ContinuousClock.Instant?
  private var seen: Set<String> = []
  private var seenSince = ContinuousClock.now

  init(release: String) {
    self.release = release
    names = [release]
  }

  /// For how long a scale set has been there that is not being deleted.
  mutating func notEnding() -> Duration {
    let since = notEndingSince ?? .now
    notEndingSince = since
    return since.duration(to: .now)
  }

  /// For how long nothing has gone, with no job that explains it.
  mutating func stands(_ left: [Left], busy: Bool) -> Duration {
    let now = Set(left.map(\.words))
    if busy || now != seen { (seen, seenSince) = (now, .now) }
    return seenSince.duration(to: .now)
  }

  /// What is waited for, by name.
  ///
  /// - Parameter held: the names of those busy runners that have died under their job.
  func words(_ left: [Left], busy: [PlanExecutor.FoundObject], held: Set<String> = []) -> String {
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
      why: "The controller has not finished with \(left.count == 1 ? "it" : "them"), and no job is running",
      fix: "See why with `deskrun logs \(release) --controller`; `deskrun remove \(release) --force` gives up on it")
  }

  private static func list(_ left: [Left]) -> String {
    let shown = left.prefix(3).map(\.words).joined(separator: ", ")
    return left.count > 3 ? "\(shown) and \(left.count - 3) more" : shown
  }

  /// The word for one of a kind.
  static func singular(_ plural: String) -> String {
    switch plural {
    case "autoscalingrunnersets": "scale set"
    case "autoscalinglisteners": "listener"
    case "ephemeralrunnersets": "runner set"
    default: "runner"
    }
  }
}
