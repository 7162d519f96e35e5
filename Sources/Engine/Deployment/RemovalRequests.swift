import ARC
import Basics
import Installations
import Tools

/// Plans that remove what deskrun owns in the cluster, and name what they leave because it has another owner.
extension Deployer {
  /// The right to change the kind cluster; nil for other clusters.
  ///
  /// - Throws: `EngineError` of kind `invalid` if a kind cluster of that name was not created by deskrun.
  func ownedCluster(_ configuration: Configuration) async throws -> OwnedCluster? {
    guard let cluster = target.kindCluster else { return nil }
    // A cluster named in the configuration needs no further proof. If the container engine does not respond, a later
    // step reports it.
    let node =
      configuration.namesCluster
      ? nil
      : try? await toolbox.docker().node(container: KindClusterConfiguration.nodeContainer(cluster: cluster))
    return try OwnedCluster.check(
      cluster, configuration: configuration, caches: store.paths.caches, node: node)
  }

  /// Removes an installation from the cluster and from the configuration.
  package func planRemove(_ name: InstallationName, policy: RunnerPolicy, force: Bool = false) async throws -> Plan {
    let configuration = try ownConfiguration()
    try refuseElsewhere(name.description, configuration)
    try refuseUnknownPlace(name)
    let observed = try await observe()
    let ownership = ownership(observed, configuration)
    try refuseMissingContext(observed, of: [name])
    do { try refuseSilent(observed, of: [name]) } catch {
      var error = error
      // Where another context leads to it, the cluster exists.
      guard observed.kept[name] == nil else { throw error }
      error.fix =
        (error.fix.map { "\($0). " } ?? "")
        + "Where the cluster no longer exists: `deskrun remove \(name) --skip-cluster`"
      throw error
    }
    if let other = OtherCluster(name, configuration, current: observed.identity) {
      throw other.error(kept: observed.kept[name])
    }
    let installation = configuration.installation(named: name)
    let isConfigured = installation != nil || configuration.unreadable.contains { $0.name == name.description }
    var scaleSets = installation?.scaleSets.map(\.name) ?? []
    if !isConfigured, let owner = observed.installation(ofScaleSet: name.plain, owner: store.owner) {
      throw EngineError(
        .notFound, "No installation \(name) found", why: "The scale set \(name) belongs to the installation \(owner)",
        fix: "Remove that: `deskrun remove \(owner)`")
    }
    if installation == nil {
      // No readable entry in the configuration: remove what the cluster has under this name.
      scaleSets = observed.evidence.keys.filter { $0 == name.plain || Self.isInstance($0, of: name) }.sorted()
      guard isConfigured || !scaleSets.isEmpty else { throw Self.unknown(name, configuration) }
      if !isConfigured, scaleSets.allSatisfy({ ownership.isForeign($0, of: name) }), let first = scaleSets.first {
        // Throws the error that explains why deskrun does not own it.
        _ = try ownership.release(first, of: name)
      }
      if scaleSets.isEmpty { scaleSets = [name.plain] }
    }
    if let problem = observed.problem { throw problem }
    if let installation, isUnsettled(installation, observed, ownership, configuration) {
      throw Self.unsettled(name, on: target)
    }
    let foreign = scaleSets.filter { ownership.isForeign($0, of: name) }
    let owned = try scaleSets.filter { !foreign.contains($0) }.map { try ownership.release($0, of: name) }
    var plan = try await planner(observed, configuration.installations, configuration, needing: []).remove(
      name, in: installation?.namespace ?? owned.first?.namespace ?? ClusterTarget.namespace, scaleSets: owned,
      foreign: foreign, policy: policy, isConfigured: isConfigured,
      isUndeployed: configuration.isUndeployed(name), force: force)
    plan.notes += configuration.renaming(byRemoving: name.description)
    if let installation, installation.place != nil, !configuration.isUndeployed(name), observed.cluster.isReady,
      configuration.identity(of: name) == nil || observed.identity == nil,
      !isDeployedHere(installation, observed, ownership)
    {
      plan.warnings.append(
        "\(target.words) has no scale set of \(name). If the context means another cluster than it did, its runners go "
          + "on there: stop, and bind it with `deskrun edit \(name) --context CONTEXT`")
    }
    return plan
  }

  private static func isInstance(_ scaleSet: String, of name: InstallationName) -> Bool {
    guard scaleSet.hasPrefix("\(name.plain)-") else { return false }
    return Int(scaleSet.dropFirst(name.plain.count + 1)) != nil
  }

  /// Removes an installation's entry from the configuration and leaves its cluster unchanged.
  package func planForget(_ name: InstallationName) throws -> Plan {
    let configuration = try store.load()
    guard let own = configuration.target(named: name.description) else { throw Self.unknown(name, configuration) }
    let isUnknown = configuration.unreadable.contains { $0.name == name.description && $0.placeProblem != nil }
    var plan = Plan(
      title: "Remove \(name) from the configuration", steps: [Planner.forgetStep(name)],
      warnings: [
        "\(isUnknown ? "Its cluster, which the entry does not name," : own.words) is left as it is. A scale set \(name.plain) that still runs there stays registered with GitHub."
      ])
    plan.notes = configuration.renaming(byRemoving: name.description)
    return plan
  }

  /// Removes everything of deskrun from the cluster, or deletes its kind cluster; configuration and caches are kept.
  ///
  /// - Parameter forgets: whether the configuration is deleted afterwards, in which case an installation that may run
  ///   on another cluster would become unknown.
  package func planDown(policy: RunnerPolicy, forgets: Bool = false) async throws -> Plan {
    let configuration = try ownConfiguration()
    let observed = try await observe()
    let ownership = ownership(observed, configuration)
    try refuseSilent(observed, of: configuration.installations.map(\.name))
    try refuseUnworkable(observed, configuration)
    try refuseOtherCluster(observed, of: configuration.installations, configuration)
    if forgets { try refuseUnsettled(observed, ownership, configuration) }
    let planner = try await planner(observed, configuration.installations, configuration, needing: [])
    // Nothing can run on a half-created cluster.
    if var problem = observed.problem, !observed.isHalfCreated {
      // It is unknown which jobs would be lost.
      if isKind {
        problem.fix =
          (problem.fix.map { "\($0). " } ?? "")
          + "`deskrun cluster delete` deletes the cluster at once, with whatever runs in it"
      }
      throw problem
    }
    let deployed = try configuration.installations.map { installation in
      (
        installation.name,
        try installation.scaleSets.map(\.name).filter {
          observed.evidence[$0] != nil && !ownership.isForeign($0, of: installation.name)
        }.map { try ownership.release($0, of: installation.name) }
      )
    }
    let staying = ownership.staying(after: deployed.flatMap(\.1))
    let controller =
      !isKind && staying.isEmpty && ownership.foreignController == nil
      ? try ownership.controller(leaving: deployed.flatMap(\.1)) : nil
    var plan = planner.down(deployed, controller: controller, policy: policy)
    let others = SafeText.line(staying.map(\.path).joined(separator: ", "))
    if isKind {
      if !staying.isEmpty { plan.warnings.append("Scale sets that are not in the configuration are lost: \(others)") }
    } else if let other = ownership.foreignController {
      plan.warnings.append(
        "The controller \(other.name) in namespace \(other.namespace) was not installed by deskrun and is left alone.")
    } else if !staying.isEmpty {
      plan.warnings.append("The controller is left alone: scale sets that are not removed need it: \(others)")
    }
    return plan
  }

  /// Refuses to take down a cluster if the first step can only fail: another cluster may be taken down before it.
  private func refuseUnworkable(_ observed: DeployedState, _ configuration: Configuration) throws(EngineError) {
    switch observed.cluster {
    case .contextMissing(let error) where !isKind:
      let names = configuration.installations.map(\.name)
      throw MissingContext(target, of: names, kept: observed.kept).completing(error)
    case .toolMissing(let error), .dockerUnavailable(let error): throw error
    default: return
    }
  }

  /// Deletes the kind cluster at once, with everything running in it.
  ///
  /// - Throws: `EngineError` of kind `invalid` on a cluster that deskrun did not create.
  package func planDeleteCluster() async throws -> Plan {
    guard let cluster = try await ownedCluster(try store.load()) else {
      throw EngineError(
        .invalid, "\(target.context) is not a kind cluster, so deskrun does not delete it",
        fix: "`deskrun down` removes what deskrun installed there")
    }
    let observed = try await observe()
    guard observed.cluster != .absent else { return Plan(title: "Delete \(target.context)", steps: []) }
    var plan = Plan(
      title: "Delete \(target.context)",
      steps: [
        PlanStep(
          id: "delete-cluster", title: "delete cluster \(target.context)", action: .deleteCluster(cluster),
          timeout: .seconds(300))
      ])
    plan.busyRunners = observed.busy
    if let problem = observed.problem {
      plan.warnings.append(
        "What runs in the cluster could not be read (\(problem.why ?? problem.what)), so jobs may be lost that are not "
          + "named.")
    }
    return plan
  }
}
