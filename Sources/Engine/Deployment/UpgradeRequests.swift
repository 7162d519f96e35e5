import ARC
import Basics
import Installations
import Tools

/// Plans that determine the version of ARC.
extension Deployer {
  /// A planner for a plan that deploys.
  ///
  /// - Throws: `EngineError` of kind `invalid` if the cluster has a controller that cannot be used.
  func deployingPlanner(
    _ observed: DeployedState, _ installations: [Installation], _ configuration: Configuration,
    needing: [Installation], arc: ARCChoice
  ) async throws -> Planner {
    var planner = try await planner(observed, installations, configuration, needing: needing)
    planner.arc = arc
    switch observed.cluster {
    case .ready where observed.problem == nil:
      planner.release = try arc.release(
        beside: observed.controllers, sets: observed.scaleSets,
        isOwn: { Ownership.isOwn($0, isKind: isKind, owner: store.owner) })
    case .absent, .halfCreated: planner.release = arc.otherwise
    default: break
    }
    return planner
  }

  /// Upgrades the controller, the resource definitions and the scale sets to one version of ARC. A controller not
  /// installed by deskrun is kept, and the scale sets get its version.
  ///
  /// - Parameters:
  ///   - goal: the version; nil for the newest that deskrun supports, or its installed patch release. Only a version
  ///     that is specified can be earlier than the installed one.
  ///   - policy: what happens to runners with a job if their scale set must be removed.
  ///   - keepsMinor: whether a `goal` of another minor version than the controller's is rejected.
  /// - Throws: `EngineError` of kind `invalid` if the upgrade would delete something not installed by deskrun, could
  ///   not restore it, or would be an unrequested downgrade; `unreachable` if the cluster cannot tell.
  package func planUpgrade(
    to goal: ARCRelease? = nil, policy: RunnerPolicy, keepsMinor: Bool = false
  ) async throws -> Plan {
    let configuration = try ownConfiguration()
    // Only a running cluster shows what an upgrade would delete.
    let observed = try await observeAnswering(otherwise: "nothing is upgraded", mayBeAbsent: true)
    if case .absent = observed.cluster, configuration.installations.isEmpty,
      !configuration.elsewhere.isEmpty
    {
      throw nothingToUpgrade(configuration)
    }
    let ownership = ownership(observed, configuration)
    try refuseOtherCluster(observed, of: configuration.installations, configuration)
    try refuseUnsettled(observed, ownership, configuration)
    func wanted(_ release: ARCRelease) throws -> [Planner.Wanted] {
      try configuration.installations.map {
        Planner.Wanted(installation: $0, scaleSets: try owned($0, ownership, release))
      }
    }
    if let other = ownership.foreignController {
      let release = SupportedARC.release(other.version) ?? SupportedARC.newest
      return try await upgrade(try wanted(release), besideForeign: other, goal, observed, configuration, policy)
    }
    let current = try installed(ownership, observed)
    if keepsMinor, let goal {
      _ = try await deployingPlanner(observed, [], configuration, needing: [], arc: ARCChoice(asked: goal))
    }
    let release = try Self.goal(goal, from: current, controller: ownership.ownController)
    let wanted = try wanted(release)
    var planner = try await planner(
      observed, configuration.installations, configuration, needing: configuration.installations)
    planner.arc = .exactly(release)
    planner.release = release
    let title = Self.title(from: current, to: release, ownership.ownController)
    let isOther =
      ownership.ownController.map { !ARCVersion.isSameMinor($0.version, release.description) }
      ?? current.map { !$0.isSameMinor(as: release) } ?? false
    let leaving = wanted.flatMap { $0.scaleSets.map(\.release) }
    let staying = ownership.staying(after: leaving)
    guard isOther, observed.cluster.isReady else {
      let strangers = staying.filter { ARCRelease($0.version).map { !$0.isSameMinor(as: release) } ?? false }
      guard ownership.ownController != nil || strangers.isEmpty else { throw Ownership.inUse(strangers) }
      return try await upgradeInPlace(planner, wanted, release, title: title, policy: policy)
    }
    let controller = try ownership.controller(leaving: leaving)
    let definitions = try Ownership.definitions(
      isKind ? kindDefinitions() : try await OwnershipReader(toolbox: toolbox, owner: store.owner).definitions(),
      sets: staying, isKind: isKind)
    return planner.replaceAll(
      wanted, restoring: ownership.ownController == nil ? current : nil, controller: controller,
      definitions: definitions, policy: policy, title: title)
  }

  /// The cluster does not exist and nothing is configured on it, but on others: creating it is not what was meant.
  private func nothingToUpgrade(_ configuration: Configuration) -> EngineError {
    let others = configuration.elsewhere.map { "\($0.name) on \(configuration.target(of: $0).words)" }
    let option = configuration.elsewhere.first.map { " " + configuration.target(of: $0).options } ?? ""
    return EngineError(
      .notFound, "No cluster \(target.words) found to upgrade, and nothing is configured on it",
      why: "Configured on other clusters: \(others.joined(separator: ", "))",
      fix: "Upgrade one of them: `deskrun upgrade\(option)`")
  }

  private func upgradeInPlace(
    _ planner: Planner, _ wanted: [Planner.Wanted], _ release: ARCRelease, title: String, policy: RunnerPolicy
  ) async throws -> Plan {
    guard planner.observed.cluster.isReady else { return planner.deploy(wanted, title: title) }
    let reader = OwnershipReader(toolbox: toolbox, owner: store.owner)
    var definitions: OwnedDefinitions?
    var warnings: [String] = []
    do {
      definitions = try Ownership.definitions(
        isKind ? kindDefinitions() : try await reader.definitions(), sets: planner.observed.scaleSets, isKind: isKind,
        isInUse: true)
    } catch let error as EngineError where error.kind == .invalid {
      // Within a minor version, those of another patch release are sufficient.
      guard try await !reader.definitionsAreStale(for: release) else { throw error }
      warnings.append("\(error.what). They are left as they are.")
    }
    var plan = planner.upgradeInPlace(wanted, definitions: definitions, policy: policy, title: title)
    plan.warnings += warnings
    return plan
  }

  private func upgrade(
    _ wanted: [Planner.Wanted], besideForeign other: FoundController, _ goal: ARCRelease?, _ observed: DeployedState,
    _ configuration: Configuration, _ policy: RunnerPolicy
  ) async throws -> Plan {
    let planner = try await deployingPlanner(
      observed, configuration.installations, configuration, needing: configuration.installations,
      arc: ARCChoice(asked: goal))
    var plan = planner.upgradeInPlace(
      wanted, definitions: nil, policy: policy, title: "Upgrade the scale sets to ARC \(other.version)")
    plan.warnings.append(
      "The controller \(other.name) (ARC \(other.version)) in namespace \(other.namespace) was not installed by deskrun and "
        + "is not upgraded.")
    return plan
  }

  /// The installed version: the controller's, or without one that of the remaining scale sets.
  ///
  /// - Throws: `EngineError` of kind `invalid` for scale sets of several minor versions without a controller.
  private func installed(_ ownership: Ownership, _ observed: DeployedState) throws(EngineError) -> ARCRelease? {
    if let own = ownership.ownController { return ARCRelease(own.version) }
    let versions = observed.scaleSets.compactMap { ARCRelease($0.version) }
    guard let newest = versions.max() else { return nil }
    guard versions.allSatisfy({ $0.isSameMinor(as: newest) }) else {
      throw EngineError(
        .invalid, "The cluster has no controller, and scale sets of several minor versions of ARC",
        why: observed.scaleSets.map { "\($0.path) \($0.version)" }.joined(separator: ", "),
        fix: "Remove those of all but one minor version with `deskrun remove NAME --force`, then upgrade")
    }
    return newest
  }

  /// The target version of an upgrade.
  private static func goal(
    _ asked: ARCRelease?, from current: ARCRelease?, controller: FoundController?
  ) throws(EngineError) -> ARCRelease {
    if let asked { return asked }
    let newest = SupportedARC.newest
    guard let current, current > newest else { return newest }
    if current.isSameMinor(as: newest) { return current }
    guard let controller else { return newest }
    throw ARCChoice.unsupported(controller, isOwn: true)
  }

  private static func title(from current: ARCRelease?, to release: ARCRelease, _ controller: FoundController?) -> String
  {
    guard controller != nil else { return "Upgrade to ARC \(release)" }
    guard let current else { return "Upgrade to ARC \(release)" }
    if current == release { return "Upgrade ARC \(release) in place" }
    return current < release ? "Upgrade ARC \(current) to \(release)" : "Bring ARC \(current) back to \(release)"
  }

  /// On deskrun's own kind cluster all definitions are deskrun's, so nothing needs to be read.
  private func kindDefinitions() -> [String: Bool] {
    Dictionary(uniqueKeysWithValues: DeploymentNames.definitions.map { ($0, true) })
  }
}
