/// A scale set as it is in the cluster (ARC's AutoscalingRunnerSet).
public struct ScaleSet: Sendable, Equatable {
  /// Name and age.
  public var metadata: ObjectMetadata
  /// What it serves.
  public var githubURL: String
  /// The chart's version it was deployed with.
  public var version: String
  /// Whether GitHub knows it: the controller writes the id it got.
  public var isRegistered: Bool
  /// `Pending`, `Running`, `Outdated`, or empty.
  public var phase: String
  /// Runners that wait, as deployed.
  public var minimum: Int
  /// Runners at most, as deployed; nil for no limit.
  public var maximum: Int?

  init(_ object: JSONValue) {
    metadata = ObjectMetadata(object)
    let spec = object["spec"]
    githubURL = spec?["githubConfigUrl"]?.stringValue ?? ""
    version = object["metadata"]?["labels"]?["app.kubernetes.io/version"]?.stringValue ?? ""
    isRegistered = object["metadata"]?["annotations"]?["runner-scale-set-id"]?.stringValue != nil
    phase = object["status"]?["phase"]?.stringValue ?? ""
    minimum = spec?["minRunners"]?.intValue ?? 0
    maximum = spec?["maxRunners"]?.intValue
  }
}

/// ARC's controller as it is in the cluster.
public struct ControllerState: Sendable, Equatable {
  /// Its version.
  public var version: String
  /// Whether a pod of it is ready.
  public var isReady: Bool

  /// Describes one.
  public init(version: String, isReady: Bool) {
    self.version = version
    self.isReady = isReady
  }

  init(_ deployment: JSONValue) {
    version = deployment["metadata"]?["labels"]?["app.kubernetes.io/version"]?.stringValue ?? ""
    isReady = (deployment["status"]?["readyReplicas"]?.intValue ?? 0) > 0
  }
}
