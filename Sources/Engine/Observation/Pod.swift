/// A pod, as far as deskrun looks at it.
public struct Pod: Sendable, Equatable {
  /// What it is for.
  public enum Role: Sendable, Equatable {
    /// It runs an ephemeral runner.
    case runner
    /// It listens to GitHub for a scale set.
    case listener
    /// It is ARC's controller.
    case controller
    /// It runs a job, or a step of one, for the runner of this name.
    case job(runner: String)
    /// None of these.
    case other
  }

  /// Name, age, scale set.
  public var metadata: ObjectMetadata
  /// What it is for.
  public var role: Role
  /// `Pending`, `Running`, `Succeeded`, `Failed`, `Unknown`.
  public var phase: String
  /// Why the pod as a whole is as it is: `Evicted`, `NodeLost`, …
  public var reason: String?
  /// The same in a sentence.
  public var message: String?
  /// The node it is on.
  public var node: String?
  /// Why no node takes it, when none does.
  public var unschedulable: String?
  /// Its init containers, then its containers.
  public var containers: [ContainerState]

  init(_ object: JSONValue) {
    metadata = ObjectMetadata(object)
    let labels = object["metadata"]?["labels"]
    let status = object["status"]
    role = Self.role(labels)
    phase = status?["phase"]?.stringValue ?? ""
    reason = status?["reason"]?.stringValue
    message = status?["message"]?.stringValue
    node = object["spec"]?["nodeName"]?.stringValue
    unschedulable =
      (status?["conditions"]?.arrayValue ?? []).first {
        $0["type"] == "PodScheduled" && $0["status"] == "False"
      }?["message"]?.stringValue
    containers =
      (status?["initContainerStatuses"]?.arrayValue ?? []).map { ContainerState($0, isInit: true) }
      + (status?["containerStatuses"]?.arrayValue ?? []).map { ContainerState($0, isInit: false) }
  }

  private static func role(_ labels: JSONValue?) -> Role {
    if let runner = labels?["runner-pod"]?.stringValue { return .job(runner: runner) }
    if labels?["actions-ephemeral-runner"]?.stringValue == "True" { return .runner }
    if labels?["app.kubernetes.io/component"]?.stringValue == "runner-scale-set-listener" { return .listener }
    if labels?["app.kubernetes.io/part-of"]?.stringValue == "gha-rs-controller" { return .controller }
    return .other
  }

  /// The container of this name.
  public func container(_ name: String) -> ContainerState? { containers.first { $0.name == name } }
}

/// A container of a pod and what it does.
public struct ContainerState: Sendable, Equatable {
  /// What it does.
  public enum Activity: Sendable, Equatable {
    /// It has not started; Kubernetes' reason and message.
    case waiting(reason: String, message: String?)
    /// It runs, since when.
    case running(since: Int64?)
    /// It has ended.
    case terminated(exitCode: Int, reason: String, message: String?, finished: Int64?)
    /// Nothing is known yet.
    case unknown
  }

  /// Its name in the pod.
  public var name: String
  /// Its image.
  public var image: String
  /// Whether it runs before the others.
  public var isInit: Bool
  /// Whether its probes say that it is ready.
  public var isReady: Bool
  /// How often it was started again.
  public var restarts: Int
  /// What it does.
  public var activity: Activity

  init(_ status: JSONValue, isInit: Bool) {
    name = status["name"]?.stringValue ?? ""
    image = status["image"]?.stringValue ?? ""
    self.isInit = isInit
    isReady = status["ready"]?.boolValue ?? false
    restarts = status["restartCount"]?.intValue ?? 0
    let state = status["state"]
    if let waiting = state?["waiting"] {
      activity = .waiting(reason: waiting["reason"]?.stringValue ?? "", message: waiting["message"]?.stringValue)
    } else if let running = state?["running"] {
      activity = .running(since: running["startedAt"]?.stringValue.flatMap(Timestamp.parse))
    } else if let ended = state?["terminated"] {
      activity = .terminated(
        exitCode: ended["exitCode"]?.intValue ?? 0, reason: ended["reason"]?.stringValue ?? "",
        message: ended["message"]?.stringValue, finished: ended["finishedAt"]?.stringValue.flatMap(Timestamp.parse))
    } else {
      activity = .unknown
    }
  }
}
