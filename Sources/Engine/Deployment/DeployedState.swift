import ARC
import Basics
import Knowledge
import Tools

/// What stands in the cluster already, as far as it could be told. Plans use it for their forecasts only; each step
/// looks again when it runs.
package struct DeployedState: Sendable, Equatable {
  /// How the cluster is.
  package var cluster: ClusterState
  /// What distinguishes it from other clusters; nil when it may not be read, or was not asked for.
  package var identity: ClusterIdentity?
  /// The controllers of all namespaces.
  package var controllers: [FoundController] = []
  /// The scale sets of all namespaces, whoever deployed them.
  package var scaleSets: [DeployedScaleSet] = []
  /// In which namespace each release is.
  package var namespaces = ReleaseNamespaces()
  /// What there is under the name of each scale set and Helm release in its namespace.
  package var evidence: [String: ReleaseEvidence] = [:]
  /// Why it could not be told what is whose, when it could not: then no plan may take anything for free.
  package var problem: EngineError?
  /// The Secrets and ConfigMaps that deskrun made.
  package var ownObjects: Set<String> = []

  /// The runners that have a job now.
  package var busy: [BusyRunner] = []

  /// Whether the creation of the kind cluster was interrupted.
  package var isHalfCreated = false
  /// What runs on a half-created cluster that answers, as `NAMESPACE/NAME`.
  package var runningPods: [String] = []

  /// Describes a state of which nothing but the cluster is known.
  package init(cluster: ClusterState) { self.cluster = cluster }

  /// The version of the controller, or nil when there is none or it is not known.
  package var controllerVersion: String? {
    (controllers.first(where: \.hasOwnPlace) ?? controllers.first).map(\.version)
  }

  /// Whether a cluster that answers has no controller.
  var lacksController: Bool { cluster.isReady && problem == nil && controllers.isEmpty }

  /// The releases that the scale sets of deskrun's namespaces were deployed as, whoever deployed them. A scale set that
  /// Helm did not deploy counts under its own name.
  package var releases: Set<String> {
    Set(scaleSets.filter(namespaces.isHome).map(\.ownRelease))
  }

  /// The names of the scale sets that a release deployed in its namespace; its own where there are none.
  func scaleSets(of release: String) -> Set<String> {
    let names = scaleSets.filter { namespaces.isHome(of: $0) && $0.ownRelease == release }.map(\.name)
    return names.isEmpty ? [release] : Set(names)
  }

  /// The installation of this configuration whose release deployed a scale set under another name than its own; nil
  /// when there is none.
  func installation(ofScaleSet name: String, owner: String) -> String? {
    scaleSets.first {
      $0.name == name && namespaces.isHome(of: $0) && $0.owner == owner && $0.ownRelease != name
    }?.mark.map { SafeText.line($0) }
  }

  /// The runners with a job of the scale sets that these releases deployed.
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
    // Only Helm knows all of its values, so that nothing changes is not promised.
    case .ready: isKnownToChange(scaleSet) ? "exists, updated" : "exists"
    case .absent: "new"
    default: nil
    }
  }

  /// Whether what is deployed is known to differ from what is to be.
  private func isKnownToChange(_ scaleSet: ScaleSetDeployment) -> Bool {
    let values = scaleSet.releaseValues
    let wanted = ScaleSetSettings(values: values, scaleSet: scaleSet.name)
    let digest = values["labels"]?[OwnershipMark.values]?.stringValue
    return scaleSets.filter { namespaces.isHome(of: $0) && $0.ownRelease == scaleSet.name }.contains { found in
      // Values that name no image leave it to the chart.
      let differences = SettingDrift.list(wanted: wanted, found: found.settings).filter {
        $0.setting != .image || wanted.image != nil
      }
      return !differences.isEmpty || found.valuesDigest != digest
        || controllerVersion.map { $0 != found.version } ?? false
    }
  }
}
