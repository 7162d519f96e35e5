import ARC
import Basics
import Installations
import Knowledge
import Tools

/// An installation with its scale sets' settings in the cluster.
package struct ClusterSettings: Sendable, Equatable {
  /// The resulting configuration.
  package var installation: Installation
  /// The settings of the configuration that would change.
  package var taken: [SettingDrift]
  /// Differences that cannot be taken over, each with the reason; sentences without a full stop.
  package var left: [String]
}

extension Deployer {
  /// Reads the settings of an installation in the cluster, to update the configuration.
  ///
  /// - Throws: `EngineError` of kind `unreachable` if the cluster does not respond, `notFound` if it has nothing of the
  ///   installation, `invalid` if an installation cannot have such settings.
  package func clusterSettings(of installation: Installation) async throws -> ClusterSettings {
    let observed = try await observeAnswering(otherwise: "nothing can be read from it")
    try refuseOtherCluster(observed, of: [installation], try ownConfiguration())
    let arc = chartRelease(observed, .standard)
    var result = ClusterSettings(installation: installation, taken: [], left: [])
    var found: [ScaleSetSettings] = []
    for deployment in try deployments(of: installation, arc: arc) {
      guard let set = observed.evidence[deployment.name]?.set else { continue }
      found.append(set.settings)
      let wanted = ScaleSetSettings(values: deployment.releaseValues, scaleSet: deployment.name)
      for difference in SettingDrift.list(wanted: wanted, found: set.settings) {
        if let why = try Self.take(difference.setting, set.settings, deployment, into: &result.installation) {
          result.left.append("\(difference.sentence): \(why)")
        } else {
          result.taken.append(difference)
        }
      }
    }
    guard !found.isEmpty else {
      throw EngineError(
        .notFound, "The cluster has no scale set of \(installation.name)",
        fix: "`deskrun up \(installation.name)` deploys it")
    }
    try result.installation.validate()
    return result
  }

  /// Takes over a setting.
  ///
  /// - Returns: the reason if it cannot be taken over, otherwise nil.
  private static func take(
    _ setting: SettingDrift.Setting, _ found: ScaleSetSettings, _ deployment: ScaleSetDeployment,
    into installation: inout Installation
  ) throws(EngineError) -> String? {
    // A setting applies to all instances, and each instance has one runner.
    guard installation.instances == 1 else {
      return "each of several instances is deployed with the same settings and one runner"
    }
    switch setting {
    case .url: installation.target = try GitHubTarget(found.url)
    case .minRunners, .maxRunners:
      guard let maximum = found.maximum else {
        guard setting == .minRunners else { return "deskrun deploys every scale set with a limit" }
        installation.runners = try RunnerCounts(minimum: found.minimum, maximum: installation.runners.maximum)
        return nil
      }
      installation.runners = try RunnerCounts(minimum: found.minimum, maximum: maximum)
    case .runnerGroup: installation.settings.runnerGroup = found.group
    case .labels: installation.labels = found.labels
    case .image:
      let runner = deployment.merged.value[["template", "spec", "containers"]]?.item(named: "runner")
      if let place = runner?["image"]?.place { return "\(place.text) sets it" }
      guard let image = found.image else { return "the scale set names no image" }
      installation.image = image == ARCCharts.defaultRunnerImage ? nil : image
    }
    return nil
  }
}
