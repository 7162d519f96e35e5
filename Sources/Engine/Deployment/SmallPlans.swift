import ARC
import Basics
import Installations
import Kubernetes
import Tools

/// Plans with a single step.
extension Deployer {
  /// Stops the kind cluster's node. Running jobs are lost; cluster, configuration and caches are kept.
  ///
  /// - Throws: `EngineError` of kind `invalid` on a cluster that deskrun did not create.
  package func planStopCluster() async throws -> Plan {
    guard let cluster = try await ownedCluster(try store.load()) else {
      throw EngineError(
        .invalid, "\(toolbox.target.context) is not a kind cluster, so deskrun does not stop it",
        fix: "`deskrun down` removes what deskrun installed there")
    }
    return Plan(
      title: "Stop \(toolbox.target.context)",
      steps: [
        PlanStep(
          id: "stop-node", title: "stop the node of \(toolbox.target.context)", action: .stopNode(cluster),
          timeout: .seconds(120))
      ])
  }

  /// Has the controller recreate a scale set's listener. Runners and their jobs are not affected.
  ///
  /// - Parameter listener: its name, if known: a listener that keeps failing has no pod at times, but its object
  ///   remains.
  /// - Throws: `EngineError` of kind `invalid` if deskrun does not own the scale set, `notFound` if it has no listener.
  package func planRestartListener(_ listener: String?, scaleSet: String) async throws -> Plan {
    let release = try await ownedRelease(scaleSet)
    var listener = listener
    if listener == nil { listener = try await self.listener(of: ScaleSetID.name(scaleSet), in: release.namespace) }
    guard let listener else {
      throw EngineError(
        .notFound, "\(scaleSet) has no listener", why: "The controller has not created one",
        fix: "See why: `deskrun why \(release.installation)`")
    }
    return Plan(
      title: "Restart the listener of \(scaleSet)",
      steps: [
        PlanStep(
          id: "restart-listener", title: "delete the listener; the controller recreates it",
          action: .deleteObject(Ownership.object("autoscalinglisteners", listener, of: release)),
          timeout: .seconds(60))
      ])
  }

  private func listener(of scaleSet: String, in namespace: String) async throws -> String? {
    let controllers = try await OwnershipReader(toolbox: toolbox, owner: store.owner).controllers()
    return try await toolbox.kubectl().list(
      kind: "autoscalinglisteners.actions.github.com",
      namespace: controllers.first?.namespace ?? ClusterTarget.namespace,
      selector: "actions.github.com/scale-set-name=\(scaleSet),actions.github.com/scale-set-namespace=\(namespace)"
    ).first?["metadata"]?["name"]?.stringValue
  }

  /// Deletes runners, which the controller replaces as needed. Their jobs are lost.
  ///
  /// - Throws: `EngineError` of kind `invalid` if deskrun does not own the scale set; the error that prevented reading
  ///   the runners, because it is then unknown which jobs would be lost.
  package func planDeleteRunners(_ runners: [String], of scaleSet: String) async throws -> Plan {
    let release = try await ownedRelease(scaleSet)
    let reader = OwnershipReader(toolbox: toolbox, owner: store.owner)
    let version = try await reader.controllers().first.flatMap { ARCRelease($0.version) }
    let busy = try await reader.busyRunners(in: [release.namespace]).filter { runners.contains($0.name) }
    var plan = Plan(
      title: runners.count == 1 ? "Delete the runner \(runners[0])" : "Delete \(runners.count) runners of \(scaleSet)",
      steps: runners.map { runner in
        PlanStep(
          id: "delete-\(runner)", title: "delete \(runner)",
          action: .deleteObject(Ownership.object("ephemeralrunners", runner, of: release)), timeout: .seconds(60))
      })
    plan.busyRunners = busy
    if !busy.isEmpty {
      plan.warnings.append(RunnerDeletion.words(for: busy.count, version))
    }
    return plan
  }

  /// The right to change a scale set, given only its name: it belongs to the configured installation or to the one in
  /// its label.
  ///
  /// - Parameter id: the scale set's `ScaleSetID`.
  private func ownedRelease(_ id: String) async throws -> OwnedRelease {
    let (scaleSet, home) = (ScaleSetID.name(id), ScaleSetID.namespace(id))
    let configuration = try ownConfiguration()
    var observed = DeployedState(cluster: .ready(version: ""))
    let reader = OwnershipReader(toolbox: toolbox, owner: store.owner)
    observed.scaleSets = try await reader.scaleSets()
    observed.namespaces = ReleaseNamespaces(configuration.installations)
    observed.namespaces.include(observed.scaleSets, owner: store.owner)
    let set = observed.scaleSets.first { $0.name == scaleSet && $0.namespace == home }
    let name = set?.ownRelease ?? scaleSet
    let namespace = observed.namespaces.of(name)
    guard namespace == home else {
      throw EngineError(
        .invalid, "The scale set \(SafeText.line(id)) was not deployed by deskrun",
        why: set.map { "\($0.manager.words) deployed it" }
          ?? "No scale set \(SafeText.line(scaleSet)) found in the namespace \(SafeText.line(home))",
        fix: set == nil ? "See what is deployed: `deskrun status`" : "Change it with the tool that deployed it")
    }
    let evidence = try await reader.evidence(
      of: name, in: namespace, release: toolbox.helm().status(release: name, namespace: namespace),
      sets: observed.scaleSets)
    observed.evidence[name] = evidence
    let installation = configuration.installations.first { $0.scaleSets.contains { $0.name == name } }
    if let installation, configuration.identity(of: installation.name) != nil {
      observed.identity = try await toolbox.clusterIdentity()
      if OtherCluster(installation.name, configuration, current: observed.identity) != nil {
        observed.kept = try await toolbox.keptContexts(of: [installation.name], configuration)
      }
      try refuseOtherCluster(observed, of: [installation], configuration)
    }
    let configured = installation?.name
    let marked = evidence.set?.mark.flatMap { try? InstallationName($0) }
    let ownership = Ownership(
      observed: observed, configuration: configuration, target: toolbox.target, owner: store.owner)
    return try ownership.release(name, of: try configured ?? marked ?? InstallationName(name))
  }
}
