import ARC
import Basics
import Installations
import Tools

/// Binding an installation to a context: to the one that its cluster has now, or again to its own after the cluster was
/// recreated.
extension Deployer {
  /// The step that stores the cluster on which an installation was found, if it was only assumed; otherwise none.
  func settling(
    _ installation: Installation, _ observed: DeployedState, _ configuration: Configuration
  ) -> PlanStep? {
    guard configuration.isPlaceAssumed(installation.name) else { return nil }
    return bindStep(installation.name, configuration, observed.identity)
  }

  private func bindStep(
    _ name: InstallationName, _ configuration: Configuration, _ identity: ClusterIdentity?
  ) -> PlanStep {
    let own = configuration.standIns.first { $0.used == target }?.own ?? target
    return PlanStep(
      id: "place/\(name)", title: "keep \(own.context) as the cluster of \(name)",
      action: .keepPlace(name, configuration.place(on: target), isKind ? nil : identity), timeout: .seconds(30))
  }

  /// Binds an installation's entry to this cluster, for example after its context was renamed or its cluster was
  /// recreated.
  ///
  /// - Throws: `EngineError` of kind `unreachable` if the cluster does not respond, `invalid` if it does not have the
  ///   installation's scale set, which may be deployed on another one, or if both clusters have it.
  package func planRebind(_ name: InstallationName) async throws -> Plan {
    var whole = try store.load()
    // It is bound to the given context, which a command may use in place of its own.
    whole.standIns = []
    guard let installation = whole.all.first(where: { $0.name == name }) else {
      throw whole.unreadable.first { $0.name == name.description }?.problem ?? Self.unknown(name, whole)
    }
    let title = "Bind \(name) to \(target.context)"
    let former = whole.target(of: installation)
    let known = whole.identity(of: name)
    guard former != target || whole.isPlaceAssumed(name) || known != nil else { return Plan(title: title, steps: []) }
    var observed = try await observeAnswering(otherwise: "\(name) is not bound to it")
    // Two contexts may point to the same cluster. This includes a kind cluster, whose identity is not read otherwise.
    if observed.identity == nil, former != target { observed.identity = try await toolbox.clusterIdentity() }
    let other = former == target ? OtherCluster(name, whole, current: observed.identity) : nil
    guard former != target || whole.isPlaceAssumed(name) || other != nil else { return Plan(title: title, steps: []) }
    if let other { try await refuseLeavingBehind(installation, other, whole) }
    try await refuseOccupied(installation, whole, isAstray: other != nil)
    // Ownership of the scale set is judged as if the installation were configured here.
    var here = whole
    here.notePlace(of: name, whole.place(on: target))
    let ownership = ownership(observed, here.on(target))
    for set in installation.scaleSets where observed.evidence[set.name] != nil {
      _ = try ownership.release(set.name, of: name)
    }
    let isHere = isDeployedHere(installation, observed, ownership)
    var plan = Plan(title: title, steps: [bindStep(name, whole, observed.identity)])
    if let other {
      plan.acceptsCluster = other
      if !isHere {
        plan.warnings.append(
          "\(target.words) has no scale set \(name.plain); `deskrun up \(name)` deploys it. Where the former cluster still "
            + "exists, its scale set of that name must be removed there: two take the session from each other.")
      }
      return plan
    }
    // If the cluster has the recorded identity, no other checks are necessary.
    let isKnown = known.flatMap { known in observed.identity.map(known.isSame) } ?? false
    if former != target {
      plan.notes.append("\(name): \(former.words) → \(target.words)")
      plan.rebinds = former
      if isHere, !isKnown { try await refuseSecondCopy(installation, on: former, known, observed, whole) }
    }
    guard !isHere, !isKnown, !whole.isUndeployed(name) else { return plan }
    let removal =
      try await canRemove(on: former, known)
      ? "To move it, remove it and add it again: `deskrun remove \(name) \(former.options)`, with --skip-cluster where "
        + "its cluster no longer exists"
      : "Where that cluster no longer exists, remove it and add it again: `deskrun remove \(name) --skip-cluster`; where "
        + "it does, that leaves the scale set running there"
    throw EngineError(
      .invalid, "\(target.words) has no scale set \(name.plain), so \(name) stays on \(former.words)",
      why: "It may still be deployed on \(former.words), and would be deployed a second time here",
      fix:
        "Use the context of the cluster that has it. \(removal)")
  }

  /// Rejects binding an installation to a cluster where another one has its name: both would be the same Helm release.
  ///
  /// - Parameter isAstray: whether its context means another cluster than its own, where it cannot be removed.
  private func refuseOccupied(
    _ installation: Installation, _ whole: Configuration, isAstray: Bool
  ) async throws {
    for other in whole.all where other.name.plain == installation.name.plain && other.name != installation.name {
      let own = whole.target(of: other)
      if own != target {
        guard case .same = try await secondContext(of: other.name.description) else { continue }
      }
      throw EngineError(
        .invalid, "\(target.words) has another installation of that name, \(other.name)",
        why: own == target ? nil : "\(own.words) leads to the same cluster",
        fix: "Remove one of the two: `deskrun remove \(installation.name) "
          + (isAstray ? "--skip-cluster" : whole.target(of: installation).options)
          + "` or `deskrun remove \(other.name) \(own.options)`")
    }
  }

  /// Whether an installation can be removed from its former cluster: not if the kubeconfig lacks its context, or if that
  /// means another cluster now. A cluster that does not respond is not judged.
  private func canRemove(on former: ClusterTarget, _ known: ClusterIdentity?) async throws -> Bool {
    let toolbox = at(former).toolbox
    return try await TimeLimit.value(Self.formerPatience) { () async throws -> Bool in
      if case .contextMissing = try await ClusterInspector(toolbox: toolbox).state(), former.kindCluster == nil {
        return false
      }
      guard let known, let current = try await toolbox.clusterIdentity() else { return true }
      return known.isSame(as: current)
    } ?? true
  }

  /// How long to wait for an installation's former cluster to respond.
  private static let formerPatience: Duration = .seconds(15)

  /// Rejects binding an installation to this cluster while its former one responds and still has the installation too,
  /// because nothing would change or remove it there anymore. If the former cluster does not respond, its context is
  /// assumed to be outdated.
  private func refuseSecondCopy(
    _ installation: Installation, on former: ClusterTarget, _ known: ClusterIdentity?, _ observed: DeployedState,
    _ whole: Configuration
  ) async throws {
    let configuration = whole.on(former)
    guard let there = try await deployed(on: former, configuration) else { return }
    // Another context of the same cluster, or a context that was pointed at another cluster.
    if let one = there.identity, let two = observed.identity, one.isSame(as: two) { return }
    if let known, let current = there.identity, !known.isSame(as: current) { return }
    let names = at(former).staying(of: installation, there, configuration)
    guard !names.isEmpty else { return }
    let name = installation.name
    var helm =
      ["helm", "uninstall"] + names + ["--namespace", installation.namespace, "--kube-context", former.context]
    if let file = former.kubeconfig { helm += ["--kubeconfig", file] }
    throw EngineError(
      .invalid, "\(former.words) and \(target.words) both have a scale set \(name.plain) of this deskrun",
      why: "\(name) would be bound to \(target.words), and nothing would change or remove the one on \(former.words)",
      fix:
        "To keep the one on \(target.words), uninstall the other (`\(SafeText.line(ToolCall.quoted(helm)))`) and run "
        + "the same command again. To keep the one on \(former.words), change nothing here and uninstall the one on "
        + "\(target.words) with helm")
  }

  /// Rejects accepting the cluster that the context means now while another context leads to the one that the
  /// installation was deployed on, and that one still has it: it would be left behind there.
  private func refuseLeavingBehind(
    _ installation: Installation, _ other: OtherCluster, _ whole: Configuration
  ) async throws {
    guard let kept = try await keptContext(of: installation.name) else { return }
    var configuration = whole
    configuration.standIns = [StandIn(kept, for: target)]
    configuration = configuration.on(kept)
    guard let there = try await deployed(on: kept, configuration),
      !at(kept).staying(of: installation, there, configuration).isEmpty
    else { return }
    throw EngineError(
      .invalid, "\(installation.name) stays on the cluster that it was deployed on, which has its scale set",
      why: "\(other.what). \(kept.words) leads to the one that it was deployed on", fix: other.ways(kept))
  }

  /// What is deployed on another cluster; nil if it does not respond in time.
  private func deployed(on other: ClusterTarget, _ configuration: Configuration) async throws -> DeployedState? {
    let toolbox = at(other).toolbox
    let answer = try await TimeLimit.value(Self.formerPatience) {
      var observer = DeploymentObserver(
        toolbox: toolbox, owner: store.owner, mayBeInCreation: false,
        namespaces: ReleaseNamespaces(configuration.installations))
      observer.identifies = true
      return try await observer.observe()
    }
    return answer.flatMap { $0.cluster.isReady ? $0 : nil }
  }

  /// The scale sets of an installation on this cluster, except those that are being deleted: these need no further
  /// management.
  private func staying(
    of installation: Installation, _ there: DeployedState, _ configuration: Configuration
  ) -> [String] {
    guard isDeployedHere(installation, there, ownership(there, configuration)) else { return [] }
    return installation.scaleSets.map(\.name).filter {
      there.evidence[$0].map { $0.set?.isTerminating != true } ?? false
    }
  }

  func at(_ other: ClusterTarget) -> Deployer {
    var toolbox = toolbox
    (toolbox.target, toolbox.pipe) = (other, nil)
    return Deployer(toolbox: toolbox, store: store, credentials: credentials, pace: pace)
  }
}
