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
  func isMeant(by event: KubeEvent, _ scope: EventScope) -> Bool {
    scope.scaleSet(of: event, among: owners.allNames.union(scaleSets)).map(scaleSets.contains) ?? false
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
    if let name { try Self.refuseEmpty(name) }
    let cluster = try await ClusterInspector(toolbox: toolbox).state()
    if let problem = clusterProblem(cluster, toolbox) {
      guard let name, !configuration.installations.contains(where: { $0.isNamed(name) }) else {
        throw problem
      }
      guard case .absent = cluster else { throw Self.undecided(name, [(target, problem)], try store.load()) }
      throw unknown(name, configuration, ScaleSetOwners(configuration.installations, []))
    }
    guard let name else { return nil }
    let sets = try await SnapshotReader(toolbox: toolbox).scaleSets()
    let owners = ScaleSetOwners(configuration.installations, sets)
    guard let scaleSets = owners.names(of: name) else { throw unknown(name, configuration, owners) }
    return NamedInstallation(scaleSets: scaleSets, owners: owners)
  }

  /// Why a name is neither that of an installation nor that of one scale set.
  func unknown(_ name: String, _ configuration: Configuration, _ owners: ScaleSetOwners) -> EngineError {
    if let entry = configuration.unreadable.first(where: { $0.name == name }) { return entry.problem }
    if case .several(let sets) = owners.named(name) {
      let ids = sets.map { "\($0.metadata.namespace)/\($0.metadata.name)" }
      return EngineError(
        .notFound, "Several namespaces have a scale set \(name)", why: ids.joined(separator: ", "),
        fix: "Use one of these names")
    }
    guard let owner = owners.installation(ofScaleSet: name)?.name else {
      guard let name = try? InstallationName(name) else { return Deployer.unknown(Sanitizer.line(name), configuration) }
      return Deployer.unknown(name, configuration)
    }
    return EngineError(
      .notFound, "No installation \(name) found", why: "The scale set \(name) belongs to the installation \(owner)",
      fix: "Use the name \(owner)")
  }
}
