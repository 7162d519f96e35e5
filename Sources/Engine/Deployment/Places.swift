import ARC
import Basics
import Installations
import Tools

/// A plan only works on installations of its own cluster.
extension Deployer {
  /// The configuration of this cluster.
  func ownConfiguration() throws(EngineError) -> Configuration { try store.load().on(target) }

  /// The error for a command on the wrong cluster: the installation is on another one.
  package static func elsewhere(_ name: String, on own: ClusterTarget, not asked: ClusterTarget) -> EngineError {
    let name = SafeText.line(name)
    let isContext = own.context != asked.context
    return EngineError(
      .invalid,
      "\(name) is on the cluster \(isContext ? own.context : own.words), not \(isContext ? asked.context : asked.words)",
      why: "Commands act on the cluster where an installation was deployed",
      fix: "Leave out --context and --kubeconfig. If the context was renamed: `deskrun edit \(name) \(asked.options)`")
  }

  /// Rejects work on an installation of another cluster.
  func refuseElsewhere(_ name: String, _ configuration: Configuration) throws(EngineError) {
    guard let other = configuration.elsewhere.first(where: { $0.name.description == name }) else { return }
    throw Self.elsewhere(name, on: configuration.target(of: other), not: target)
  }

  /// Rejects a second installation with the name of one on another cluster: workflows find runners by that name, so
  /// both would receive the same jobs.
  func refuseSecondPlace(_ installation: Installation, _ configuration: Configuration) throws(EngineError) {
    guard let other = configuration.elsewhere.first(where: { $0.name == installation.name }) else { return }
    let own = configuration.target(of: other)
    let isSame =
      other.target == installation.target && other.settings.runnerGroup == installation.settings.runnerGroup
    throw EngineError(
      .invalid, "There is an installation \(installation.name) already, on the cluster \(own.words)",
      why: isSame
        ? "A scale set's name is unique in its runner group: two of that name take the session from each other"
        : "An installation's name is unique in the configuration",
      fix: "Add this one under another name. Workflows that name a --label which both have (ARC 0.14 and newer) run on "
        + "either")
  }

  /// Rejects a plan for a context that the kubeconfig does not have: it cannot work, and waiting does not help.
  func refuseMissingContext(_ observed: DeployedState, of name: InstallationName) throws(EngineError) {
    guard case .contextMissing(var error) = observed.cluster else { return }
    error.why = "\(name) was deployed through it; it was renamed or deleted, or is in another kubeconfig"
    error.fix =
      "Bind \(name) to the context that its cluster has now: `deskrun edit \(name) --context CONTEXT`. Where the cluster no "
      + "longer exists: `deskrun remove \(name) --context \(ToolCall.quoted([target.context])) --skip-cluster`"
    throw error
  }

  /// The error for a missing context through which no installation was deployed.
  static func unknownContext(_ error: EngineError) -> EngineError {
    var error = error
    error.fix = "Use one that the kubeconfig has; `kubectl config get-contexts` lists them"
    return error
  }

  /// Whether the cluster of an installation is unknown: an earlier version did not store it, and this cluster has
  /// nothing of it. Deploying it here might create a second one.
  func isUnsettled(
    _ installation: Installation, _ observed: DeployedState, _ ownership: Ownership, _ configuration: Configuration
  ) -> Bool {
    guard observed.problem == nil else { return false }
    if !configuration.isDeployedUnseen(installation.name) {
      guard configuration.isPlaceAssumed(installation.name), !configuration.isUndeployed(installation.name),
        observed.cluster.isReady || observed.cluster == .absent
      else { return false }
    }
    return !isDeployedHere(installation, observed, ownership)
  }

  /// Rejects work on all installations of a cluster while it is unknown whether one of them is there.
  func refuseUnsettled(
    _ observed: DeployedState, _ ownership: Ownership, _ configuration: Configuration
  ) throws(EngineError) {
    for installation in configuration.installations
    where isUnsettled(installation, observed, ownership, configuration) {
      throw Self.unsettled(installation.name, on: target)
    }
  }

  func isDeployedHere(
    _ installation: Installation, _ observed: DeployedState, _ ownership: Ownership
  ) -> Bool {
    installation.scaleSets.contains {
      observed.evidence[$0.name] != nil && !ownership.isForeign($0.name, of: installation.name)
    }
  }

  static func unsettled(_ name: InstallationName, on target: ClusterTarget) -> EngineError {
    EngineError(
      .invalid, "It is not known which cluster \(name) is on",
      why:
        "An earlier version did not keep the cluster of each installation, and \(target.words) has no scale set \(name)",
      fix: "Name the one that has it: `deskrun edit \(name) --context CONTEXT`. Where it was never deployed, "
        + "remove it with `deskrun remove \(name) --skip-cluster` and add it again")
  }

  /// The step that stores the cluster on which an installation was found, if it was only assumed; otherwise none.
  func settling(_ installation: Installation, _ configuration: Configuration) -> PlanStep? {
    guard configuration.isPlaceAssumed(installation.name) else { return nil }
    return bindStep(installation.name, configuration)
  }

  private func bindStep(_ name: InstallationName, _ configuration: Configuration) -> PlanStep {
    PlanStep(
      id: "place/\(name)", title: "keep \(target.context) as the cluster of \(name)",
      action: .keepPlace(name, configuration.place(on: target)), timeout: .seconds(30))
  }

  /// Moves an installation's entry to this cluster, as after its context was renamed.
  ///
  /// - Throws: `EngineError` of kind `unreachable` if the cluster does not respond, `invalid` if it does not have the
  ///   installation's scale set, which may be deployed on another one.
  package func planRebind(_ name: InstallationName) async throws -> Plan {
    let whole = try store.load()
    guard let installation = whole.all.first(where: { $0.name == name }) else {
      throw whole.unreadable.first { $0.name == name.description }?.problem ?? Self.unknown(name, whole)
    }
    let title = "Bind \(name) to \(target.context)"
    let former = whole.target(of: installation)
    guard former != target || whole.isPlaceAssumed(name) else { return Plan(title: title, steps: []) }
    let observed = try await observeAnswering(otherwise: "\(name) is not bound to it")
    // Ownership of the scale set is judged as if the installation were configured here.
    var here = whole
    here.notePlace(of: name, whole.place(on: target))
    let ownership = ownership(observed, here.on(target))
    for set in installation.scaleSets where observed.evidence[set.name] != nil {
      _ = try ownership.release(set.name, of: name)
    }
    var plan = Plan(title: title, steps: [bindStep(name, whole)])
    if former != target {
      plan.notes.append("\(name): \(former.words) → \(target.words)")
      plan.rebinds = former
    }
    guard !isDeployedHere(installation, observed, ownership), !whole.isUndeployed(name) else { return plan }
    throw EngineError(
      .invalid, "\(target.words) has no scale set \(name), so \(name) stays on \(former.words)",
      why: "It may still be deployed on \(former.words), and would be deployed a second time here",
      fix:
        "Use the context of the cluster that has it. To move it, remove it and add it again: `deskrun remove \(name) \(former.options)`, "
        + "with --skip-cluster where its cluster no longer exists")
  }
}
