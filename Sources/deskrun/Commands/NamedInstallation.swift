import CommandOutput
import CommandSession
import Engine

/// An installation named on the command line, with its scale sets in the cluster.
struct NamedInstallation {
  let scaleSets: Set<String>
  /// The owners of the cluster's scale sets.
  let owners: ScaleSetOwners

  /// Whether an event is about this installation.
  func isMeant(by event: KubeEvent, _ scope: EventScope) -> Bool {
    scope.scaleSet(of: event, among: owners.allNames.union(scaleSets)).map(scaleSets.contains) ?? false
  }
}

extension Session {
  /// Checks that the cluster responds, and finds an installation's scale sets.
  ///
  /// - Parameters:
  ///   - name: as typed; nil for all installations.
  ///   - toolbox: the one that the command uses, so that the same connection is checked.
  /// - Returns: nil for all installations.
  /// - Throws: `EngineError` of kind `notFound` if neither the configuration nor the cluster has that name; the error
  ///   if the cluster does not respond.
  func find(_ name: String?, _ toolbox: Toolbox) async throws -> NamedInstallation? {
    let configuration = try store.load().on(target)
    if let name { try Self.refuseEmpty(name) }
    let cluster = try await ClusterInspector(toolbox: toolbox).state()
    if let problem = clusterProblem(cluster, toolbox) {
      guard let name, configuration.installations.named(name) == nil else {
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

  /// The error if the context of an installation means another cluster now, so that nothing of it is found; nil if it
  /// does not, or if that is not known.
  func otherCluster(of name: String?) async throws -> EngineError? {
    let configuration = try store.load()
    guard let name = name.flatMap({ try? InstallationName(reference: $0) }), configuration.identity(of: name) != nil,
      target.kindCluster == nil,
      let other = OtherCluster(name, configuration, current: try await toolbox.clusterIdentity())
    else { return nil }
    return completed(other.error(kept: try await deployer.keptContext(of: name)))
  }

  /// The error for a name that is neither that of an installation nor that of a single scale set.
  func unknown(_ name: String, _ configuration: Configuration, _ owners: ScaleSetOwners) -> EngineError {
    if let entry = configuration.unreadable.first(where: { $0.name == name }) { return entry.problem }
    if case .several(let sets) = owners.named(name) {
      let ids = sets.map { "\($0.metadata.namespace)/\($0.metadata.name)" }
      return EngineError(
        .notFound, "Several namespaces have a scale set \(name)", why: ids.joined(separator: ", "),
        fix: "Use one of these names")
    }
    guard let owner = owners.installation(ofScaleSet: name)?.name else {
      guard let name = try? InstallationName(reference: name) else {
        return Deployer.unknown(Sanitizer.line(name), configuration)
      }
      return Deployer.unknown(name, configuration)
    }
    return EngineError(
      .notFound, "No installation \(name) found", why: "The scale set \(name) belongs to the installation \(owner)",
      fix: "Use the name \(owner)")
  }
}
