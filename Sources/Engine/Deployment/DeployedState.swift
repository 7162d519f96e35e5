import ARC
import Basics
import Installations
import Knowledge
import Tools

/// What is deployed in the cluster, as far as it could be read. Plans use it only for their forecasts; each step checks
/// again when it runs.
package struct DeployedState: Sendable, Equatable {
  package var cluster: ClusterState
  /// What distinguishes it from other clusters; nil if it may not be read or was not requested.
  package var identity: ClusterIdentity?
  /// Where the context fails or means another cluster: the other contexts that lead to that of the installations.
  package var kept: KeptContexts = [:]
  /// The controllers in all namespaces.
  package var controllers: [FoundController] = []
  /// The scale sets in all namespaces, including those deployed without deskrun.
  package var scaleSets: [DeployedScaleSet] = []
  /// The namespace of each release.
  package var namespaces = ReleaseNamespaces()
  /// What exists under the name of each scale set and Helm release in its namespace.
  package var evidence: [String: ReleaseEvidence] = [:]
  /// Why ownership could not be determined; in that case no plan may treat a name as free.
  package var problem: EngineError?
  /// The Secrets and ConfigMaps created by deskrun.
  package var ownObjects: Set<String> = []

  /// The runners that have a job.
  package var busy: [BusyRunner] = []

  /// Whether the creation of the kind cluster was interrupted.
  package var isHalfCreated = false
  /// The pods running on a half-created cluster that responds, as `NAMESPACE/NAME`.
  package var runningPods: [String] = []

  /// Creates a state in which only the cluster's own state is known.
  package init(cluster: ClusterState) { self.cluster = cluster }

  /// The version of the controller; nil if it is unknown or there is no controller.
  package var controllerVersion: String? {
    (controllers.first(where: \.hasOwnPlace) ?? controllers.first).map(\.version)
  }

  /// Whether the cluster responds and has no controller.
  var lacksController: Bool { cluster.isReady && problem == nil && controllers.isEmpty }

  /// The releases of the scale sets in deskrun's namespaces, including those deployed without deskrun. A scale set that
  /// was not deployed with Helm counts under its own name.
  package var releases: Set<String> {
    Set(scaleSets.filter(namespaces.isHome).map(\.ownRelease))
  }

  /// The names of the scale sets that a release deployed in its namespace; the release's own name if there are none.
  func scaleSets(of release: String) -> Set<String> {
    let names = scaleSets.filter { namespaces.isHome(of: $0) && $0.ownRelease == release }.map(\.name)
    return names.isEmpty ? [release] : Set(names)
  }

  /// The installation of this configuration whose release deployed a scale set under a different name; nil if there is
  /// none.
  func installation(ofScaleSet name: String, owner: String) -> String? {
    scaleSets.first {
      $0.name == name && namespaces.isHome(of: $0) && $0.owner == owner && $0.ownRelease != name
    }?.mark.map { SafeText.line($0) }
  }

  /// The busy runners of the scale sets that these releases deployed.
  func busy(of releases: some Sequence<String>) -> [BusyRunner] {
    let names = Set(releases.flatMap(scaleSets(of:)))
    return busy.filter { names.contains($0.scaleSet) }
  }

  package func forecast(object: String) -> String? {
    switch cluster {
    case .ready: ownObjects.contains(object) ? "exists" : "new"
    case .absent: "new"
    default: nil
    }
  }

  package func forecast(of scaleSet: ScaleSetDeployment) -> String? {
    switch cluster {
    case .ready where !releases.contains(scaleSet.name): "new"
    // Only Helm knows all of its values, so "unchanged" cannot be promised.
    case .ready: isKnownToChange(scaleSet) ? "exists, updated" : "exists"
    case .absent: "new"
    default: nil
    }
  }

  /// Whether the deployed settings are known to differ from the desired ones.
  private func isKnownToChange(_ scaleSet: ScaleSetDeployment) -> Bool {
    let values = scaleSet.releaseValues
    let wanted = ScaleSetSettings(values: values, scaleSet: scaleSet.name)
    let digest = values["labels"]?[OwnershipMark.values]?.stringValue
    return scaleSets.filter { namespaces.isHome(of: $0) && $0.ownRelease == scaleSet.name }.contains { found in
      // Values without an image use the chart's default.
      let differences = SettingDrift.list(wanted: wanted, found: found.settings).filter {
        $0.setting != .image || wanted.image != nil
      }
      return !differences.isEmpty || found.valuesDigest != digest
        || controllerVersion.map { $0 != found.version } ?? false
    }
  }
}
