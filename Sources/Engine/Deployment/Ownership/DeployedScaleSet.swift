/// A scale set in the cluster, with what shows whose it is.
public struct DeployedScaleSet: Sendable, Equatable {
  /// Its name.
  public var name: String
  /// Its namespace.
  public var namespace: String
  /// The installation of deskrun it is marked with; nil for an unmarked one.
  public var mark: String?
  /// The Helm release that deployed it; nil when Helm did not.
  public var release: String?
  /// The namespace of that release.
  public var releaseNamespace: String?
  /// The GitHub URL its runners register with.
  public var url: String
  /// The Secret with its credentials.
  public var secret: String
  /// The labels it was registered with, besides its name.
  public var labels: [String]
  /// Whether its deletion was asked for.
  public var isTerminating: Bool

  /// Reads an AutoscalingRunnerSet; nil when it has no name.
  init?(_ object: JSONValue) {
    let (metadata, spec) = (object["metadata"], object["spec"])
    guard let name = metadata?["name"]?.stringValue else { return nil }
    self.name = name
    namespace = metadata?["namespace"]?.stringValue ?? ClusterTarget.namespace
    mark = metadata?["labels"]?[OwnershipMark.installation]?.stringValue
    release = metadata?["annotations"]?["meta.helm.sh/release-name"]?.stringValue
    releaseNamespace = metadata?["annotations"]?["meta.helm.sh/release-namespace"]?.stringValue
    url = spec?["githubConfigUrl"]?.stringValue ?? ""
    secret = spec?["githubConfigSecret"]?.stringValue ?? ""
    labels = (spec?["runnerScaleSetLabels"]?.arrayValue ?? []).compactMap(\.stringValue)
    isTerminating = metadata?["deletionTimestamp"]?.stringValue != nil
  }

  /// Namespace and name, as kubectl users write them.
  public var path: String { "\(namespace)/\(name)" }
}

/// A controller in the cluster, as the labels of its Deployment describe it.
public struct FoundController: Sendable, Equatable {
  /// The Deployment's name.
  public var name: String
  /// Its namespace.
  public var namespace: String
  /// The Helm release that deployed it.
  public var release: String
  /// ARC's version.
  public var version: String
  /// Whether a pod of it is ready.
  public var isReady: Bool
  /// Whether it bears deskrun's mark.
  public var isMarked: Bool
  /// Whether its release has exactly the values that version 0.1.0, which did not mark, gave it.
  public var hasEarlierValues = false

  /// Reads a Deployment.
  init(_ deployment: JSONValue) {
    let metadata = deployment["metadata"]
    let labels = metadata?["labels"]
    name = metadata?["name"]?.stringValue ?? ""
    namespace = metadata?["namespace"]?.stringValue ?? ""
    release = labels?["app.kubernetes.io/instance"]?.stringValue ?? ""
    version = labels?["app.kubernetes.io/version"]?.stringValue ?? ""
    isReady = (deployment["status"]?["readyReplicas"]?.intValue ?? 0) > 0
    isMarked = labels?[OwnershipMark.managed]?.stringValue == "true"
  }

  /// Whether it is where deskrun installs its own.
  var hasOwnPlace: Bool { namespace == ClusterTarget.namespace && release == ARC.controllerRelease }
}

/// What Helm and the cluster have under the name of a scale set.
struct ReleaseEvidence: Sendable, Equatable {
  /// What the values of a release say, for one without a scale set.
  struct Given: Sendable, Equatable {
    var mark: String?
    var url: String
    var secret: String
  }

  /// The name of release and scale set.
  var name: String
  /// The Helm release in deskrun's namespace; nil when there is none.
  var release: HelmRelease?
  /// The scale set in deskrun's namespace; nil when there is none.
  var set: DeployedScaleSet?
  /// The release's values, when it has no scale set.
  var given: Given?
  /// The installation that the Secret in use is labeled with, when deskrun made it.
  var secretInstallation: String?
  /// The token in the Secret that the chart made of the release's values.
  var chartToken: Secret?

  /// The Secret in use.
  var secret: String? { self.set?.secret ?? given?.secret }
}
