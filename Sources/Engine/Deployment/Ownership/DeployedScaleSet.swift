import ARC
import Basics
import Tools

/// A scale set in the cluster, with the evidence for its ownership.
package struct DeployedScaleSet: Sendable, Equatable {
  package var name: String
  package var namespace: String
  /// The deskrun installation in its labels; nil if it has no such label.
  package var mark: String?
  /// The identity of the deskrun that deployed it; nil if it has no such label.
  package var owner: String?
  /// The Helm release that deployed it; nil if it was not deployed with Helm.
  package var release: String?
  /// The namespace of that release.
  package var releaseNamespace: String?
  /// The GitHub URL its runners register with.
  package var url: String
  package var secret: String
  /// The labels it was registered with, in addition to its name.
  package var labels: [String]
  /// The runner group it was registered in; nil for GitHub's default group.
  package var group: String?
  /// Whether it is being deleted.
  package var isTerminating: Bool
  /// The ARC version of its chart; empty if it has no such label.
  package var version: String
  /// The digest of the values files that it was deployed with; nil if there were none.
  package var valuesDigest: String?
  /// The parts of its spec that an installation sets.
  package var settings: ScaleSetSettings
  /// The tool that deploys it, according to its own labels.
  package var manager: ScaleSetManager

  /// Reads an AutoscalingRunnerSet; nil if it has no name.
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

  /// The release in its namespace that deployed it. Its name may differ, because the chart's values can set the name of
  /// the scale set. Without such a release, the scale set's own name.
  package var ownRelease: String {
    if let release, releaseNamespace ?? namespace == namespace { release } else { name }
  }

  package var path: String { "\(namespace)/\(name)" }
}

/// What exists in Helm and in the cluster under the name of a release.
package struct ReleaseEvidence: Sendable, Equatable {
  /// The relevant values of a release without a scale set.
  package struct Given: Sendable, Equatable {
    package var mark: String?
    package var owner: String?
    package var url: String
    package var secret: String
  }

  /// The name of the release, and of its scale set unless the values set another one.
  package var name: String
  /// The searched namespace.
  package var namespace = ClusterTarget.namespace
  /// The Helm release in that namespace; nil if there is none.
  package var release: HelmRelease?
  /// The scale set in that namespace that the release deployed, or that has the same name; nil if there is none.
  package var set: DeployedScaleSet?
  /// The release's values, if it has no scale set.
  package var given: Given?
  /// The installation in the label of the Secret in use, if deskrun created it.
  var secretInstallation: String?
  /// The token in the Secret that the chart created from the release's values.
  var chartToken: Secret?

  /// The installation in its labels.
  package var mark: String? { self.set?.mark ?? given?.mark }
  /// The deskrun identity in its labels.
  package var owner: String? { self.set?.owner ?? given?.owner }
  package var secret: String? { self.set?.secret ?? given?.secret }
}
