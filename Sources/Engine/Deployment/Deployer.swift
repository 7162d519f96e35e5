import ARC
import Basics
import Installations
import Knowledge
import Tools
import ValuesFiles

/// Makes plans from the configuration and the state of the cluster, and runs them, for commands and the dashboard.
package struct Deployer: Sendable {
  package let toolbox: Toolbox
  package let store: ConfigurationStore
  package let credentials: CredentialResolver
  /// The timing of waits.
  package let pace: PlanExecutor.Pace

  package init(
    toolbox: Toolbox, store: ConfigurationStore, credentials: CredentialResolver,
    pace: PlanExecutor.Pace = PlanExecutor.Pace()
  ) {
    self.toolbox = toolbox
    self.store = store
    self.credentials = credentials
    self.pace = pace
  }

  package var target: ClusterTarget { toolbox.target }
  package var isKind: Bool { target.kindCluster != nil }

  package func run(_ plan: Plan, report: @escaping @Sendable (PlanEvent) -> Void) async throws {
    let executor = PlanExecutor(
      toolbox: toolbox, store: store, locks: OperationLock(directory: store.paths.locks), pace: pace,
      credentials: { try await credentials.resolve($0) })
    guard let log = toolbox.log else { return try await executor.run(plan, report: report) }
    log.note(plan)
    try await executor.run(plan) { event in
      log.note(event)
      report(event)
    }
  }

  /// The scale sets of an installation as deployed on this cluster.
  ///
  /// - Parameter arc: the version whose chart gets the values; by default only what every supported version rejects is
  ///   rejected.
  /// - Throws: `EngineError` of kind `invalid` if a values file of the installation cannot be read or merged.
  package func deployments(
    of installation: Installation, arc: ARCRelease = SupportedARC.oldest
  ) throws(EngineError) -> [ScaleSetDeployment] {
    let owner = store.owner
    if let path = installation.settings.certificates { _ = try CertificateFile.read(path) }
    return try DesiredValues.list(
      installation, isKind: isKind, cacheRoot: store.paths.caches, owner: owner, arc: arc
    ).map {
      ScaleSetDeployment(
        name: $0.scaleSet, installation: installation.name, values: $0.values, merged: $0.merged, owner: owner)
    }
  }

  /// Determines who owns what in the cluster.
  func ownership(_ observed: DeployedState, _ configuration: Configuration) -> Ownership {
    Ownership(observed: observed, configuration: configuration, target: target, owner: store.owner)
  }

  /// - Parameters:
  ///   - installations: the installations whose folders a new node mounts.
  ///   - configuration: the configuration before the plan, which determines whether deskrun owns the cluster.
  ///   - needing: the installations that the plan deploys. Problems of other installations do not prevent the plan.
  func planner(
    _ observed: DeployedState, _ installations: [Installation], _ configuration: Configuration,
    needing: [Installation]
  ) async throws -> Planner {
    var mounts = isKind ? CacheLocation.nodeMounts(for: installations, cacheRoot: store.paths.caches) : []
    let needed = Dictionary(
      CacheLocation.nodeMounts(for: needing, cacheRoot: store.paths.caches).map { ($0.hostPath, $0.isRequired) },
      uniquingKeysWith: { $0 || $1 })
    for at in mounts.indices {
      mounts[at].isNeeded = needed[mounts[at].hostPath] != nil
      mounts[at].isRequired = needed[mounts[at].hostPath] ?? false
    }
    return Planner(
      target: target, observed: observed, mounts: mounts, cluster: try await ownedCluster(configuration))
  }

  /// The version whose chart gets the values. A cluster that a plan cannot use is rejected when the plan is made.
  func chartRelease(_ observed: DeployedState, _ arc: ARCChoice) -> ARCRelease {
    guard observed.cluster.isReady, observed.problem == nil else { return arc.otherwise }
    let release = try? arc.release(
      beside: observed.controllers, sets: observed.scaleSets,
      isOwn: { Ownership.isOwn($0, isKind: isKind, owner: store.owner) })
    return release ?? arc.otherwise
  }

  /// Adds the warnings and notes for what a plan deploys.
  func warned(_ plan: Plan, _ wanted: [Planner.Wanted]) -> Plan {
    var plan = plan
    for item in wanted {
      // Notes that all instances share are added once.
      let (installation, merged) = (item.installation, item.scaleSets.first?.deployment.merged)
      plan.notes += merged?.notes ?? []
      plan.warnings += merged?.warnings ?? []
      for finding in beforehand(installation, merged) { plan.warnings.append("\(finding.title). \(finding.remedy).") }
    }
    guard !isKind else { return plan }
    for item in wanted {
      for scaleSet in item.scaleSets.map(\.deployment) {
        for volume in scaleSet.values.input.volumes {
          guard let path = volume.nodePath else { continue }
          plan.warnings.append(
            "\(volume.target) of \(scaleSet.name) is kept at \(path) on whichever node a runner is on: with "
              + "several nodes each has its own, and what is there belongs to everyone who may use host paths.")
        }
      }
    }
    return plan
  }

  /// The findings that the installation is known to cause.
  func beforehand(_ installation: Installation, _ merged: MergedValues?) -> [Finding] {
    var wanted = Configuration()
    wanted.set(installation)
    return Diagnosis.beforehand(
      installation, values: merged,
      checks: HostChecks.all(
        paths: store.paths, configuration: wanted, isKind: isKind, environment: toolbox.environment))
  }

  /// Adds an installation, or continues with one that was added before with the same settings. New credentials replace
  /// the existing ones.
  ///
  /// - Parameter arc: the version of ARC to deploy.
  /// - Throws: `EngineError` of kind `invalid` if an installation of that name has other settings.
  package func planAdd(_ installation: Installation, arc: ARCChoice = .standard) async throws -> Plan {
    let configuration = try ownConfiguration()
    var installation = configuration.named(installation, on: target)
    installation.place = configuration.place(on: target)
    try await refuseSecondPlace(installation, configuration)
    let existing = configuration.installation(named: installation.name)
    if let existing {
      let differences = InstallationDifference.list(from: existing, to: installation)
      guard differences.isEmpty else {
        throw EngineError(
          .invalid, "Installation \(installation.name) already exists with other settings",
          why: differences.joined(separator: "; "),
          fix: "Change it with `deskrun edit \(installation.name)`, or add this one under another name, or with "
            + "--context on another cluster")
      }
    } else if let entry = configuration.unreadable.first(where: { $0.name == installation.name.description }) {
      throw EngineError(
        .configuration, "The configuration has an entry \(installation.name) that cannot be used",
        why: entry.problem.why ?? entry.problem.what,
        fix: "Fix it in \(store.paths.configuration), or remove it with `deskrun remove \(installation.name)`")
    }
    try configuration.refuseCollision(of: installation)
    return try await planDeploy(
      installation, over: existing, configuration: configuration, arc: arc, title: "Add \(installation.name)")
  }

  /// Changes a configured installation.
  ///
  /// - Parameter base: the installation that the change was based on, if it was read earlier: changes that others made
  ///   since then are kept.
  /// - Throws: `EngineError` of kind `notFound` if the installation no longer exists, of kind `invalid` if the same
  ///   field was changed in two ways; see `InstallationMerge`.
  package func planEdit(_ wanted: Installation, base: Installation? = nil) async throws -> Plan {
    let configuration = try ownConfiguration()
    let existing = try configured(wanted.name, configuration)
    var installation = try InstallationMerge.merge(base: base ?? existing, mine: wanted, theirs: existing)
    installation.place = existing.place
    if installation.namespace != existing.namespace, !configuration.isUndeployed(existing.name) {
      throw EngineError(
        .invalid, "\(existing.name) is in the namespace \(existing.namespace), and runners do not move",
        why: "Its Helm release and its credentials belong to their namespace",
        fix: "Remove it and add it again: `deskrun remove \(existing.name)`, then "
          + "`\(existing.addCommand(namespace: installation.namespace))`")
    }
    try configuration.refuseCollision(of: installation)
    return try await planDeploy(
      installation, over: existing, configuration: configuration, title: "Change \(installation.name)")
  }

  private func planDeploy(
    _ installation: Installation, over existing: Installation?, configuration: Configuration,
    arc: ARCChoice = .standard, title: String
  ) async throws -> Plan {
    let observed = try await observe(of: [installation])
    try refuseSilent(observed, of: existing.map { [$0.name] } ?? [])
    // A new installation must go to the same cluster as the others of this context.
    try refuseOtherCluster(observed, of: existing.map { [$0] } ?? configuration.installations, configuration)
    try refuseTwin(of: installation, observed)
    try await refuseMissingMounts(of: installation, observed)
    let ownership = ownership(observed, configuration)
    if existing != nil { try refuseMissingContext(observed, of: [installation.name]) }
    // Do not save a mistyped context as the place of a new installation.
    if existing == nil, !isKind, case .contextMissing(let error) = observed.cluster { throw unknownContext(error) }
    if existing != nil, isUnsettled(installation, observed, ownership, configuration) {
      throw Self.unsettled(installation.name, on: target)
    }
    var all = configuration.installations.filter { $0.name != installation.name }
    all.append(installation)
    let kept = Set(installation.scaleSets.map(\.name))
    // A scale set of a dropped name that someone else deployed is not removed.
    let surplus = try (existing?.scaleSets ?? []).map(\.name).filter {
      !kept.contains($0) && !ownership.isForeign($0, of: installation.name)
    }.map { try ownership.release($0, of: installation.name) }
    let release = chartRelease(observed, arc)
    let wanted = Planner.Wanted(
      installation: installation, scaleSets: try owned(installation, ownership, release), surplus: surplus,
      save: existing.map { $0 == installation ? .no : .replacing($0) } ?? .new)
    let fit = try await fit(
      installation, wanted.scaleSets.first?.deployment.releaseValues, over: existing, arc: release, observed)
    let planner = try await deployingPlanner(observed, all, configuration, needing: [installation], arc: arc)
    var plan = warned(
      settled(planner.deploy([wanted], title: title), [installation], observed, configuration), [wanted])
    plan.warnings += fit
    if existing != installation, installation.settings.needsRendering {
      let at = plan.steps.firstIndex { $0.id == "credentials" }.map { $0 + 1 } ?? 0
      plan.steps.insert(contentsOf: planner.chartsSteps([wanted]), at: at)
    }
    return plan
  }

  /// Adds a step to the plan for each installation whose cluster was only assumed, before anything is changed there.
  func settled(
    _ plan: Plan, _ installations: [Installation], _ observed: DeployedState, _ configuration: Configuration
  ) -> Plan {
    var plan = plan
    plan.steps.insert(contentsOf: installations.compactMap { settling($0, observed, configuration) }, at: 0)
    return plan
  }

  private func requiredMounts(of installation: Installation) -> [KindClusterConfiguration.HostMount] {
    CacheLocation.nodeMounts(for: [installation], cacheRoot: store.paths.caches).filter(\.isRequired)
  }

  /// Rejects an installation, before anything is saved, if the cluster's node lacks mounts that it needs.
  private func refuseMissingMounts(of installation: Installation, _ observed: DeployedState) async throws {
    let required = requiredMounts(of: installation)
    guard let cluster = target.kindCluster, !required.isEmpty, observed.cluster != .absent, !observed.isHalfCreated,
      let node = try? await toolbox.docker().node(container: KindClusterConfiguration.nodeContainer(cluster: cluster)),
      var refusal = NodeState.refusal(node.missing(required))
    else { return }
    // The default fix assumes that the folder is configured when the node is created, but this installation was just
    // rejected.
    refusal.fix =
      "Delete the cluster and run the same command again, which creates it with the folder: `deskrun down`. "
      + "Configuration and caches on this computer stay; `deskrun up` brings the other installations back"
    throw refusal
  }

  /// The scale sets of an installation with the right to change each.
  ///
  /// - Throws: `EngineError` of kind `invalid` if one of them has another owner.
  func owned(
    _ installation: Installation, _ ownership: Ownership, _ arc: ARCRelease
  ) throws -> [Planner.Wanted.Owned] {
    try owned(deployments(of: installation, arc: arc), of: installation, ownership)
  }

  /// The same for scale sets whose values were already read.
  func owned(
    _ deployments: [ScaleSetDeployment], of installation: Installation, _ ownership: Ownership
  ) throws -> [Planner.Wanted.Owned] {
    try deployments.map { deployment in
      .init(
        deployment: deployment,
        release: try ownership.release(
          deployment.name, of: installation.name, addedWith: installation.target.url))
    }
  }

  /// The configured installation of this name.
  ///
  /// - Throws: `EngineError` of kind `notFound` or, if its entry cannot be read, `configuration`.
  func configured(_ name: InstallationName, _ configuration: Configuration) throws(EngineError) -> Installation {
    try refuseElsewhere(name.description, configuration)
    if let installation = configuration.installation(named: name) { return installation }
    let entry = configuration.unreadable.first { $0.name == name.description }
    throw entry?.problem ?? Self.unknown(name, configuration)
  }

  /// The error for a name that is not configured; it suggests a similar name if there is one.
  package static func unknown(_ name: InstallationName, _ configuration: Configuration) -> EngineError {
    var error = unknown(name.description, configuration, canBeAdded: true)
    // The first of its name was removed meanwhile.
    if let other = configuration.all.named(name.description) {
      error.fix = "It is called \(other.name) now: use that name"
    }
    return error
  }

  /// The same for a text that is not a valid installation name, unless `canBeAdded`.
  package static func unknown(
    _ name: String, _ configuration: Configuration, canBeAdded: Bool = false
  ) -> EngineError {
    let names = configuration.all.map(\.name.description)
    return EngineError(
      .notFound, "No installation \(name) found",
      fix: names.isEmpty
        ? "Add one with `deskrun add \(canBeAdded ? name : "NAME") --repository URL`"
        : "Use one of: \(names.joined(separator: ", "))")
  }
}
