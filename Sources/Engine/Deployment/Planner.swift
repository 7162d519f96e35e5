import ARC
import Installations
import Tools

/// Makes plans: a pure function from the desired and the observed state to the steps.
package struct Planner: Sendable {
  package var target: ClusterTarget
  package var observed: DeployedState
  /// The mounts of a new kind cluster, for all installations.
  package var mounts: [KindClusterConfiguration.HostMount]
  /// The kind cluster; nil for other clusters.
  package var cluster: OwnedCluster?
  /// The requested version of ARC.
  package var arc = ARCChoice.standard
  /// The resulting version; nil if the cluster could not be read.
  package var release: ARCRelease?

  package init(
    target: ClusterTarget, observed: DeployedState, mounts: [KindClusterConfiguration.HostMount],
    cluster: OwnedCluster?
  ) {
    self.target = target
    self.observed = observed
    self.mounts = mounts
    self.cluster = cluster
  }

  /// The desired deployment of one installation.
  package struct Wanted: Sendable, Equatable {
    package var installation: Installation
    package var scaleSets: [Owned]
    /// Scale sets that the installation no longer has.
    package var surplus: [OwnedRelease]
    /// Whether to write the configuration, and whether this may replace an entry.
    package var save: Save

    /// The change of the configuration.
    package enum Save: Sendable, Equatable {
      /// It already contains the entry.
      case no
      /// Adds an entry.
      case new
      /// Replaces this entry of the same name.
      case replacing(Installation)

      package var base: Installation? { if case .replacing(let base) = self { base } else { nil } }
    }

    /// A scale set to deploy, with the right to do so.
    package struct Owned: Sendable, Equatable {
      package var deployment: ScaleSetDeployment
      /// The right to change the scale set and its release.
      package var release: OwnedRelease
      package var name: String { deployment.name }
    }

    package init(
      installation: Installation, scaleSets: [Owned], surplus: [OwnedRelease] = [], save: Save = .no
    ) {
      self.installation = installation
      self.scaleSets = scaleSets
      self.surplus = surplus
      self.save = save
    }
  }

  /// Plans the deployment of these installations.
  package func deploy(_ wanted: [Wanted], title: String) -> Plan {
    var steps: [PlanStep] = [credentialsStep(wanted.map(\.installation))]
    for item in wanted where item.save != .no {
      steps.append(
        PlanStep(
          id: "save/\(item.installation.name)", title: "save \(item.installation.name) in the configuration",
          action: .saveInstallation(
            item.installation, over: item.save.base,
            isDeployed: item.scaleSets.contains { observed.evidence[$0.name] != nil }), timeout: .seconds(30)))
    }
    steps += clusterSteps() + [controllerStep()]
    var recreations: [Recreation] = []
    for item in wanted {
      for release in item.surplus { steps += removal(release, policy: .finishJobs) }
      for scaleSet in item.scaleSets {
        guard let recreation = recreation(of: scaleSet) else { continue }
        recreations.append(recreation)
        steps += removal(scaleSet.release, policy: .finishJobs, because: "its \(recreation.names) changes")
      }
      steps += installationSteps(item, recreated: Set(recreations.map(\.scaleSet)))
    }
    for item in wanted {
      for scaleSet in item.scaleSets {
        steps.append(
          PlanStep(
            id: "listener/\(scaleSet.name)", title: "wait until \(scaleSet.name) is ready",
            forecast: "up to 1m",
            action: .verifyListener(
              scaleSet: scaleSet.name, namespace: scaleSet.release.namespace, target: item.installation.target),
            timeout: .seconds(600)))
      }
    }
    // The warnings of saved installations were already shown when they were added.
    let warnings = wanted.filter { $0.save != .no }.flatMap { item in
      item.installation.warnings.map { wanted.count > 1 ? "\(item.installation.name): \($0)" : $0 }
    }
    var plan = Plan(title: title, steps: steps, warnings: warnings + recreations.map(\.sentence))
    plan.recreations = recreations
    plan.busyRunners = observed.busy(
      of: steps.compactMap { if case .uninstallScaleSet(let set) = $0.action { set.name } else { nil } })
    return plan
  }

  /// Plans the creation of the cluster, with only the controller.
  package func createCluster() -> Plan {
    Plan(title: "Create the cluster \(target.context)", steps: clusterSteps() + [controllerStep()])
  }

  private func credentialsStep(_ installations: [Installation]) -> PlanStep {
    PlanStep(
      id: "credentials",
      title: installations.count == 1 ? "check credentials" : "check credentials of all",
      action: .checkCredentials(installations), timeout: .seconds(60))
  }

  /// The reason why a scale set has to be recreated; nil if it does not have to be.
  private func recreation(of wanted: Wanted.Owned) -> Recreation? {
    guard let deployed = observed.evidence[wanted.name]?.set else { return nil }
    return Recreation(from: deployed, to: wanted.deployment)
  }

  /// - Parameter recreated: scale sets that earlier steps remove, together with the objects that deskrun created for
  ///   them.
  private func installationSteps(_ item: Wanted, recreated: Set<String>) -> [PlanStep] {
    let secret = DeploymentNames.secret(item.installation.name)
    var steps = [
      PlanStep(
        id: "secret/\(item.installation.name)", title: "secret \(secret)", forecast: observed.forecast(object: secret),
        action: .applySecret(item.installation, item.scaleSets.map(\.release)), timeout: .seconds(60))
    ]
    let certificates = DeploymentNames.certificates(item.installation.name)
    if item.installation.settings.certificates != nil {
      steps.append(
        PlanStep(
          id: "ca/\(item.installation.name)", title: "CA certificates \(certificates)",
          forecast: observed.forecast(object: certificates),
          action: .applyCertificates(item.installation, item.scaleSets.map(\.release)), timeout: .seconds(60)))
    }
    for scaleSet in item.scaleSets {
      let template = ScaleSetValues.hookTemplateName(scaleSet: scaleSet.name)
      if scaleSet.deployment.values.needsHookTemplate {
        steps.append(
          PlanStep(
            id: "hook/\(scaleSet.name)", title: "template for job pods \(template)",
            forecast: observed.forecast(object: template),
            action: .applyHookTemplate(scaleSet.deployment, scaleSet.release), timeout: .seconds(60)))
      }
      steps.append(
        PlanStep(
          id: "scale-set/\(scaleSet.name)", title: "scale set \(scaleSet.name)",
          forecast: observed.forecast(of: scaleSet.deployment),
          action: .installScaleSet(scaleSet.deployment, scaleSet.release), timeout: .seconds(300)))
      // Deleted last: until the values change, new runners mount it.
      if !scaleSet.deployment.values.needsHookTemplate, observed.ownObjects.contains(template),
        !recreated.contains(scaleSet.name)
      {
        steps.append(
          PlanStep(
            id: "unhook/\(scaleSet.name)", title: "delete the template for job pods of \(scaleSet.name)",
            forecast: "no longer needed", action: .deleteHookTemplate(scaleSet.release), timeout: .seconds(60)))
      }
    }
    if item.installation.settings.certificates == nil, observed.ownObjects.contains(certificates) {
      var step = deletion(ofCertificates: item.installation.name, in: item.installation.namespace)
      step.forecast = "no longer needed"
      steps.append(step)
    }
    return steps
  }
}

extension Planner {
  func clusterSteps() -> [PlanStep] {
    let tools: [ToolName] = target.kindCluster == nil ? [.kubectl, .helm] : [.kubectl, .helm, .kind, .docker]
    var steps = [
      PlanStep(
        id: "tools", title: "check tools", action: .checkTools(tools),
        timeout: .seconds(60))
    ]
    if let cluster {
      let forecast: String? =
        switch observed.cluster {
        case .ready where observed.isHalfCreated, .halfCreated: "created again, about 1m"
        case .starting: "is starting"
        case .ready: "running"
        case .absent: "new, about 1m, once"
        case .stopped, .paused: "is stopped, will be started"
        default: nil
        }
      steps.append(
        PlanStep(id: "docker", title: "check Docker", action: .checkDocker, timeout: .seconds(60)))
      if observed.isHalfCreated {
        steps.append(
          PlanStep(
            id: "half-created", title: "delete the half-created cluster \(target.context)",
            action: .deleteHalfCreated(cluster, losing: observed.runningPods), timeout: .seconds(300)))
      }
      steps.append(
        PlanStep(
          id: "cluster", title: "cluster \(target.context)", forecast: forecast,
          action: .ensureCluster(KindClusterConfiguration(name: cluster.name, mounts: mounts), cluster),
          timeout: .seconds(900)))
    }
    steps.append(
      PlanStep(
        id: "api", title: "\(target.context) answers", action: .reachAPI, timeout: .seconds(180)))
    return steps
  }

  func controllerStep() -> PlanStep {
    let forecast: String? =
      switch (observed.cluster, observed.controllerVersion) {
      case (_, let version?): version == release?.description ? "installed" : "now \(version)"
      case (.ready, nil), (.absent, nil): "new, about 1m, once"
      default: nil
      }
    return PlanStep(
      id: "controller", title: release.map { "controller ARC \($0)" } ?? "ARC controller", forecast: forecast,
      action: .installController(arc),
      timeout: .seconds(600))
  }
}
