import ARC
import Basics
import Installations
import Tools

extension Planner {
  /// Uninstalls a scale set in the order that ARC needs: first the listener and the runners, while controller, Secret
  /// and credentials still exist, and then what they depend on.
  ///
  /// - Parameter because: why it is removed, if the plan deploys it again.
  package func removal(
    _ release: OwnedRelease, policy: RunnerPolicy, force: Bool = false, because: String? = nil
  ) -> [PlanStep] {
    let scaleSet = release.name
    var steps = [
      PlanStep(
        id: "uninstall/\(scaleSet)", title: "uninstall scale set \(scaleSet)", forecast: because,
        action: .uninstallScaleSet(release), timeout: .seconds(180))
    ]
    if force {
      steps.append(
        PlanStep(
          id: "force/\(scaleSet)", title: "clear the finalizers of \(scaleSet)",
          action: .clearFinalizers(release), timeout: .seconds(120)))
    }
    steps.append(
      PlanStep(
        id: "gone/\(scaleSet)", title: "wait for the runners of \(scaleSet)",
        forecast: policy == .finishJobs ? "when their jobs are over" : nil,
        action: .waitForRunners(release, policy: policy),
        // GitHub keeps the job of a runner that died for ten minutes, and the runner for as long.
        timeout: policy == .finishJobs ? .seconds(6 * 3600) : .seconds(900)))
    steps.append(
      PlanStep(
        id: "unhook/\(scaleSet)", title: "delete the template for job pods of \(scaleSet)",
        action: .deleteHookTemplate(release), timeout: .seconds(60)))
    return steps
  }

  /// Removes an installation: its scale sets, its Secret, and finally its entry in the configuration, so that the
  /// command can be repeated after a failure.
  ///
  /// - Parameters:
  ///   - namespace: the namespace of its scale sets and its Secret.
  ///   - foreign: scale sets of others with its names: they and the Secret they may use are left alone.
  ///   - isConfigured: false if it runs in the cluster but is not in the configuration.
  ///   - isUndeployed: whether it was never deployed according to the configuration. Then the cluster need not respond.
  ///   - force: removes finalizers that block its deletion.
  package func remove(
    _ name: InstallationName, in namespace: String = ClusterTarget.namespace, scaleSets: [OwnedRelease],
    foreign: [String] = [], policy: RunnerPolicy,
    isConfigured: Bool = true, isUndeployed: Bool = false, force: Bool = false
  ) -> Plan {
    var steps: [PlanStep] = []
    if isUndeployed ? !observed.cluster.isReady : hasUnseenCluster {
      return Plan(
        title: "Remove \(name)", steps: [Self.forgetStep(name)],
        warnings: ["\(name) was never deployed, so only its entry in the configuration is removed."])
    }
    var warnings = foreign.map { "The scale set \($0) in the cluster was not deployed by deskrun and is left alone." }
    switch observed.cluster {
    case .absent where target.kindCluster != nil, .halfCreated:
      warnings.append(
        "The cluster \(target.context) \(observed.cluster == .absent ? "does not exist" : "was never completed"), so "
          + "there is nothing to uninstall. If the scale set is still listed on GitHub (Settings → Actions → Runners), its offline runners vanish there after a day."
      )
    default:
      if !scaleSets.isEmpty || foreign.isEmpty { steps += reachSteps() }
      if observed.lacksController, !force, scaleSets.contains(where: { observed.evidence[$0.name]?.set != nil }) {
        warnings.append(
          "The controller, which is needed to finish the deletion of scale sets, is not in the cluster. Install it with "
            + "`deskrun up` first, or remove the finalizers with `deskrun remove \(name) --force`.")
      }
      for release in scaleSets { steps += removal(release, policy: policy, force: force) }
      if !scaleSets.isEmpty {
        steps.append(
          PlanStep(
            id: "removed/\(name)", title: "check that no scale set of \(name) is left",
            action: .confirmRemoved(name, namespace: namespace), timeout: .seconds(60)))
      }
      if foreign.isEmpty {
        steps += deletions(ofObjectsOf: name, in: namespace)
      }
    }
    if isConfigured { steps.append(Self.forgetStep(name)) }
    var plan = Plan(title: "Remove \(name)", steps: steps, warnings: warnings)
    plan.busyRunners = observed.busy(of: scaleSets.map(\.name))
    return plan
  }

  /// The steps that delete the objects that deskrun itself created for an installation's scale sets.
  private func deletions(ofObjectsOf name: InstallationName, in namespace: String) -> [PlanStep] {
    let secret = PlanStep(
      id: "unsecret/\(name)", title: "delete secret \(DeploymentNames.secret(name))",
      action: .deleteSecret(name: name, namespace: namespace), timeout: .seconds(60))
    guard observed.ownObjects.contains(DeploymentNames.certificates(name)) else { return [secret] }
    return [secret, deletion(ofCertificates: name, in: namespace)]
  }

  func deletion(ofCertificates name: InstallationName, in namespace: String) -> PlanStep {
    PlanStep(
      id: "unca/\(name)", title: "delete CA certificates \(DeploymentNames.certificates(name))",
      action: .deleteCertificates(name: name, namespace: namespace), timeout: .seconds(60))
  }

  static func forgetStep(_ name: InstallationName) -> PlanStep {
    PlanStep(
      id: "forget/\(name)", title: "remove \(name) from the configuration", action: .forgetInstallation(name),
      timeout: .seconds(30))
  }

  /// Whether the cluster cannot be inspected and was never created: the configuration contains it as soon as the first
  /// installation is about to be deployed to it.
  private var hasUnseenCluster: Bool {
    guard case .toolMissing = observed.cluster else { return false }
    return target.kindCluster != nil && cluster?.isConfigured == false
  }

  /// Removes everything from the cluster that deskrun created, and the kind cluster itself. Configuration and caches
  /// are kept.
  ///
  /// - Parameters:
  ///   - installations: each with its currently deployed scale sets.
  ///   - controller: the permission to uninstall the controller, if it is to be removed.
  package func down(
    _ installations: [(name: InstallationName, scaleSets: [OwnedRelease])], controller: OwnedController?,
    policy: RunnerPolicy
  ) -> Plan {
    var steps: [PlanStep] = []
    // A scale set that is uninstalled properly is also deleted from GitHub. This is impossible if the cluster does not
    // respond. Without a controller it is attempted only if the cluster is kept or runners have jobs, which must be
    // waited for.
    let isAlone = observed.lacksController && cluster != nil && observed.busy.isEmpty
    let canUninstall = observed.cluster.isReady && !isAlone
    if canUninstall {
      steps += reachSteps()
      for (name, scaleSets) in installations where !scaleSets.isEmpty {
        for release in scaleSets { steps += removal(release, policy: policy) }
        steps += deletions(ofObjectsOf: name, in: scaleSets[0].namespace)
      }
      if let controller, cluster == nil { steps.append(uninstallStep(controller)) }
    }
    var warnings: [String] = []
    if let cluster {
      if observed.cluster != .absent {
        if !canUninstall { warnings += lostScaleSets(installations.flatMap(\.scaleSets)) }
        if !canUninstall, observed.cluster.isReady { steps += reachSteps() }
        steps.append(
          PlanStep(
            id: "delete-cluster", title: "delete cluster \(target.context)", action: .deleteCluster(cluster),
            timeout: .seconds(300)))
      }
    } else if !observed.cluster.isReady {
      steps += reachSteps()
    }
    var plan = Plan(title: "Take down \(target.context)", steps: steps, warnings: warnings)
    let ours = installations.flatMap { $0.scaleSets.map(\.name) }
    plan.busyRunners = cluster != nil ? observed.busy : observed.busy(of: ours)
    return plan
  }

  /// The warnings before deleting a cluster whose scale sets cannot be deleted from GitHub.
  private func lostScaleSets(_ deployed: [OwnedRelease]) -> [String] {
    let why: String
    switch observed.cluster {
    // Nothing can have been deployed to a cluster without an API.
    case .halfCreated: return []
    case .ready where deployed.isEmpty: return []
    case .ready: why = "The cluster has no controller"
    default: why = SentenceCase.upper(observed.cluster.clause("the cluster"))
    }
    return [
      "\(why), so its scale sets cannot be taken off GitHub first. Their runners show as offline there (Settings → "
        + "Actions → Runners) and vanish after a day, or return with `deskrun up`."
    ]
  }

  func uninstallStep(_ controller: OwnedController) -> PlanStep {
    PlanStep(
      id: "uncontroller", title: "uninstall the controller", action: .uninstallController(controller),
      timeout: .seconds(180))
  }

  /// The steps that ensure that the cluster responds, without creating one.
  func reachSteps() -> [PlanStep] {
    var steps = clusterSteps()
    if observed.cluster.isReady { steps.removeAll { ["cluster", "docker", "half-created"].contains($0.id) } }
    // The API responds; what the cluster lacks is not needed here.
    if observed.isHalfCreated { steps.removeAll { $0.id == "api" } }
    return steps
  }
}
