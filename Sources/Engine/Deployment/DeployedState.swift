/// What stands in the cluster already, as far as it could be told. Plans use it for their forecasts only; each step
/// looks again when it runs.
public struct DeployedState: Sendable, Equatable {
  /// How the cluster is.
  public var cluster: ClusterState
  /// The version of the controller, or nil when there is none or it is not known.
  public var controllerVersion: String?
  /// The scale sets with a Helm release.
  public var releases: Set<String>
  /// The Secrets and ConfigMaps that deskrun made.
  public var ownObjects: Set<String>
  /// The labels each deployed scale set was registered with.
  public var labels: [String: [String]]

  /// The runners that have a job now.
  public var busy: [BusyRunner] = []

  /// Describes a state.
  public init(
    cluster: ClusterState, controllerVersion: String? = nil, releases: Set<String> = [], ownObjects: Set<String> = [],
    labels: [String: [String]] = [:]
  ) {
    self.cluster = cluster
    self.controllerVersion = controllerVersion
    self.releases = releases
    self.ownObjects = ownObjects
    self.labels = labels
  }

  func forecast(object: String) -> String? {
    switch cluster {
    case .ready: ownObjects.contains(object) ? "is there" : "new"
    case .absent: "new"
    default: nil
    }
  }

  func forecast(release: String) -> String? {
    switch cluster {
    case .ready: releases.contains(release) ? "is there, brought up to date" : "new"
    case .absent: "new"
    default: nil
    }
  }
}
