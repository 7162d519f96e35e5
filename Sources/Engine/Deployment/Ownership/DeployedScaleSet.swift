import ARC
import Basics
import Tools

/// A scale set in the cluster, with what shows whose it is.
package struct DeployedScaleSet: Sendable, Equatable {
  /// Its name.
  package var name: String
  /// Its namespace.
  package var namespace: String
  /// The installation of deskrun it is marked with; nil for an unmarked one.
  package var mark: String?
  /// The identity of the deskrun that deployed it; nil when it names none.
  package var owner: String?
  /// The Helm release that deployed it; nil when Helm did not.
  package var release: String?
  /// The namespace of that release.
  package var releaseNamespace: String?
  /// The GitHub URL its runners register with.
  package var url: String
  /// The Secret with its credentials.
  package var secret: String
  /// The labels it was registered with, besides its name.
  package var labels: [String]
  /// The runner group it was registered in; nil for GitHub's default one.
  package var group: String?
  /// Whether its deletion was asked for.
  package var isTerminating: Bool
  /// ARC's version that its chart had; empty when it names none.
  package var version: String
  /// The digest of the values files that it was deployed with; nil where there were none.
  package var valuesDigest: String?
  /// What of its spec an installation decides.
  package var settings: ScaleSetSettings
  /// What deploys it, as it says itself.
  package var manager: ScaleSetManager

  /// Reads an AutoscalingRunnerSet; nil when it has no name.
  package init?(_ object: JSONValue) {
    let (metadata, spec) = (object["metadata"], object["spec"])
    guard let name = metadata?["name"]?.stringValue else { return nil }
    self.name = name
    namespace = metadata?["namespace"]?.stringValue ?? ClusterTarget.namespace
    mark = metadata?["labels"]?[OwnershipMark.installation]?.stringValue
    owner = metadata?["labels"]?[OwnershipMark.owner]?.stringValue
    release = metadata?["annotations"]?["meta.helm.sh/release-name"]?.stringValue
    releaseNamespace = metadata?["annotations"]?["meta.helm.sh/release-namespace"]?.stringValue
    url = spec?["githubConfigUrl"]?.stringValue ?? ""
    secret = spec?["githubConfigSecret"]?.stringValue ?? ""
    labels = (spec?["runnerScaleSetLabels"]?.arrayValue ?? []).compactMap(\.stringValue)
    group = ScaleSetSettings.group(spec?["runnerGroup"]?.stringValue)
    isTerminating = metadata?["deletionTimestamp"]?.stringValue != nil
    version = metadata?["labels"]?["app.kubernetes.io/version"]?.stringValue ?? ""
    valuesDigest = metadata?["labels"]?[OwnershipMark.values]?.stringValue
    settings = ScaleSetSettings(spec: spec, scaleSet: name)
    manager = ManagerMarks(object).manager(in: namespace)
  }

  /// The release in its namespace that deployed it, which need not have its name: the chart takes another one from the
  /// values. Its own name where no release of its namespace did.
  package var ownRelease: String {
    if let release, releaseNamespace ?? namespace == namespace { release } else { name }
  }

  /// Namespace and name, as kubectl users write them.
  package var path: String { "\(namespace)/\(name)" }
}

/// What Helm and the cluster have under the name of a release.
package struct ReleaseEvidence: Sendable, Equatable {
  /// What the values of a release say, for one without a scale set.
  package struct Given: Sendable, Equatable {
    package var mark: String?
    package var owner: String?
    package var url: String
    package var secret: String
  }

  /// The name of the release, and of its scale set unless its values choose another.
  package var name: String
  /// The namespace in which it was looked for.
  package var namespace = ClusterTarget.namespace
  /// The Helm release in that namespace; nil when there is none.
  package var release: HelmRelease?
  /// The scale set in that namespace that the release deployed, or that has its name; nil when there is none.
  package var set: DeployedScaleSet?
  /// The release's values, when it has no scale set.
  package var given: Given?
  /// The installation that the Secret in use is labeled with, when deskrun made it.
  var secretInstallation: String?
  /// The token in the Secret that the chart made of the release's values.
  var chartToken: Secret?

  /// The installation it is marked with.
  package var mark: String? { self.set?.mark ?? given?.mark }
  /// The identity it is marked with.
  package var owner: String? { self.set?.owner ?? given?.owner }
  /// The Secret in use.
  package var secret: String? { self.set?.secret ?? given?.secret }
}
