import CommandOutput
import CommandSession
import Engine

/// An installation as a command was given it, with what bears its names in the cluster.
struct NamedInstallation {
  /// The names of its scale sets.
  let scaleSets: Set<String>
  /// Whose the scale sets of the cluster are.
  let owners: ScaleSetOwners

  /// Whether an event is about it.
  func isMeant(by event: KubeEvent) -> Bool {
    event.scaleSet(among: owners.allNames.union(scaleSets)).map(scaleSets.contains) ?? false
  }
}

extension Session {
  /// Makes sure that the cluster answers, and finds what an installation is called there.
  ///
  /// - Parameters:
  ///   - name: as it was typed; nil for all installations.
  ///   - toolbox: what the command goes on with, so that the cluster is asked the same way.
  /// - Returns: nil for all installations.
  /// - Throws: `EngineError` of kind `notFound` when neither the configuration nor the cluster has that name; why the
  ///   cluster cannot be asked.
  func find(_ name: String?, _ toolbox: Toolbox) async throws -> NamedInstallation? {
    let configuration = try store.load().on(target)
    let wanted = try name.map { try existing($0) }
    if let problem = try await clusterProblem(toolbox) {
      // What is mistyped is told before what is wrong with the cluster.
      if let wanted, configuration.installation(named: wanted) == nil {
        throw unknown(wanted, configuration, ScaleSetOwners(configuration.installations, []))
      }
      throw problem
    }
    guard let wanted else { return nil }
    let sets = try await SnapshotReader(api: try toolbox.api()).scaleSets()
    let owners = ScaleSetOwners(configuration.installations, sets)
    guard let scaleSets = owners.names(of: wanted.description) else { throw unknown(wanted, configuration, owners) }
    return NamedInstallation(scaleSets: scaleSets, owners: owners)
  }

  /// Why a name is not that of an installation.
  func unknown(_ name: InstallationName, _ configuration: Configuration, _ owners: ScaleSetOwners) -> EngineError {
    if let entry = configuration.unreadable.first(where: { $0.name == name.description }) { return entry.problem }
    guard let owner = owners.installation(ofScaleSet: name.description)?.name else {
      return Deployer.unknown(name, configuration)
    }
    return EngineError(
      .notFound, "No installation \(name) found", why: "The scale set \(name) belongs to the installation \(owner)",
      fix: "Use the name \(owner)")
  }
}
