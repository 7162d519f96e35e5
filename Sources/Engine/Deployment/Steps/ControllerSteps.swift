import ARC
import Basics
import Tools

extension PlanExecutor {
  func installController(_ choice: ARCChoice, _ context: StepContext) async throws -> StepOutcome {
    let kubectl = try context.toolbox.kubectl()
    let reader = OwnershipReader(toolbox: context.toolbox, owner: store.owner)
    let isKind = toolbox.target.kindCluster != nil
    let found = try await reader.controllers()
    let release = try choice.release(
      beside: found, sets: found.isEmpty ? try await reader.scaleSets() : [],
      isOwn: { Ownership.isOwn($0, isKind: isKind, owner: store.owner) })
    let isStale = try await reader.definitionsAreStale(for: release)
    if isStale, !found.isEmpty { throw ARCChoice.staleDefinitions(release) }
    if let other = found.first(where: { !Ownership.isOwn($0, isKind: isKind, owner: store.owner) }) {
      context.warn(
        "The controller \(other.name) in namespace \(other.namespace) was not installed by deskrun. Using it anyway.")
      return .unchanged("ARC \(other.version), already installed")
    }
    if let own = found.first, own.version == release.description, own.isReady {
      return .unchanged("ARC \(own.version), already installed")
    }
    let helm = try context.toolbox.helm()
    if found.isEmpty { try await refuseForeignControllerRelease(helm, isKind: isKind) }
    // Helm does not change existing CRDs: they are not deskrun's and get no mark.
    let definitionsBefore = isKind || !found.isEmpty ? [:] : try await reader.definitions()
    if isStale {
      try await bring(
        try Ownership.definitions(definitionsBefore, sets: try await reader.scaleSets(), isKind: isKind), to: release,
        context)
    }
    try await recover(release: ARCCharts.controllerRelease, helm, context)
    context.progress(
      found.isEmpty ? "installing it (the first time its image is downloaded)" : "upgrading it to \(release)")
    try await helm.upgradeInstall(
      release: ARCCharts.controllerRelease, chart: ARCCharts.controllerChart, version: release.description,
      namespace: ClusterTarget.namespace, values: ControllerValues.json(owner: store.owner),
      wait: true,
      timeout: .seconds(540))
    for name in DeploymentNames.definitions where found.isEmpty && definitionsBefore[name] == nil {
      try await kubectl.patch(
        kind: OwnershipReader.definitionKind, name: name, namespace: nil,
        merge: [
          "metadata": [
            "labels": .object([OwnershipMark.managed: "true", OwnershipMark.owner: .string(store.owner)])
          ]
        ])
    }
    while true {
      let now = try await reader.controllers().first(where: \.hasOwnPlace)
      if let now, now.isReady, now.version == release.description {
        return .changed(found.isEmpty ? "ARC \(release) installed" : "upgraded to ARC \(release)")
      }
      context.progress("waiting for its pod")
      try await Task.sleep(for: pace.interval)
    }
  }

  /// The version with which to deploy scale sets now: the controller's. Without a controller it is the newest supported
  /// version, and the chart then reports the missing controller.
  func controllerRelease(_ context: StepContext) async throws -> ARCRelease {
    let reader = OwnershipReader(toolbox: context.toolbox, owner: store.owner)
    let isKind = toolbox.target.kindCluster != nil
    let found = try await reader.controllers()
    guard !found.isEmpty else { return SupportedARC.newest }
    return try ARCChoice.standard.release(
      beside: found, sets: [], isOwn: { Ownership.isOwn($0, isKind: isKind, owner: store.owner) })
  }

  /// Renders scale sets with the charts of a version that is not yet installed. Only definite problems throw: a chart
  /// that cannot be downloaded and a value that is rejected.
  func checkCharts(
    _ scaleSets: [ScaleSetDeployment], _ release: ARCRelease, _ context: StepContext
  ) async throws -> StepOutcome {
    let helm = try context.toolbox.helm()
    context.progress("downloading the charts of ARC \(release)")
    _ = try await helm.definitions(chart: ARCCharts.controllerChart, version: release.description)
    try await helm.fetch(chart: ARCCharts.scaleSetChart, version: release.description)
    for (at, scaleSet) in scaleSets.enumerated() {
      context.progress("checking the values of \(scaleSet.name)", at, of: scaleSets.count)
      do {
        try await helm.render(
          release: scaleSet.name, chart: ARCCharts.scaleSetChart, version: release.description,
          namespace: scaleSet.namespace, values: scaleSet.releaseValues,
          // The chart looks up the controller in the cluster, which is not possible while rendering.
          settings: [
            "controllerServiceAccount.name=\(ARCCharts.controllerDeployment)",
            "controllerServiceAccount.namespace=\(ClusterTarget.namespace)",
          ])
      } catch var error as EngineError where error.kind == .invalid || error.kind == .unreachable {
        error.what = "\(scaleSet.name): \(error.what)"
        throw error
      } catch let error as EngineError {
        context.warn(
          "The values of \(scaleSet.name) could not be checked with ARC \(release): \(error.why ?? error.what)")
      }
    }
    return .unchanged("ARC \(release)")
  }

  /// Refuses a release with the controller's name but without a Deployment, for example after a failed installation.
  private func refuseForeignControllerRelease(_ helm: Helm, isKind: Bool) async throws {
    guard let release = try await helm.status(release: ARCCharts.controllerRelease, namespace: ClusterTarget.namespace)
    else {
      return
    }
    if release.isController {
      if isKind { return }
      let values = try await helm.values(release: release.name, namespace: ClusterTarget.namespace)
      if values == ControllerValues.earlier || values["labels"]?[OwnershipMark.managed] == "true" { return }
    }
    throw EngineError(
      .failed,
      "The Helm release \(release.name) in namespace \(ClusterTarget.namespace) was not installed by deskrun",
      why: "Its chart is \(SafeText.line(release.chart)) and its values have no label \(OwnershipMark.managed)",
      fix: "Remove it with helm, or use another cluster")
  }

  private static let unfinished: Set<String> = [
    "pending-install", "uninstalling", "pending-upgrade", "pending-rollback",
  ]

  /// Repairs a release that an interrupted helm left pending, which helm would otherwise refuse to change. The caller
  /// holds the lock of the release, so no other process of this configuration is using it.
  func recover(
    release: String, in namespace: String = ClusterTarget.namespace, _ helm: Helm, _ context: StepContext
  ) async throws {
    guard let status = try await helm.status(release: release, namespace: namespace)?.status,
      Self.unfinished.contains(status)
    else { return }
    // The lock of the release only excludes processes that share this configuration.
    let values = try await helm.values(release: release, namespace: namespace)
    if let other = OwnershipMark.owner(in: values), other != store.owner {
      throw EngineError(
        .failed, "Another deskrun is working on the Helm release \(release)", why: "Its status is \(status)",
        fix: "Run the same command again when it has finished")
    }
    switch status {
    case "pending-install", "uninstalling":
      context.progress("cleaning up an interrupted installation")
      try await helm.uninstall(release: release, namespace: namespace)
    case "pending-upgrade", "pending-rollback":
      context.progress("rolling back an interrupted upgrade")
      try await helm.rollback(release: release, namespace: namespace)
    default: break
    }
  }

  package func uninstallController(_ context: StepContext) async throws -> StepOutcome {
    let helm = try context.toolbox.helm()
    guard try await helm.status(release: ARCCharts.controllerRelease, namespace: ClusterTarget.namespace) != nil else {
      return .unchanged("not installed")
    }
    let reader = OwnershipReader(toolbox: context.toolbox, owner: store.owner)
    let isKind = toolbox.target.kindCluster != nil
    if let other = try await reader.controllers().first(where: {
      !Ownership.isOwn($0, isKind: isKind, owner: store.owner)
    }) {
      throw Ownership.refusal(other)
    }
    let left = try await reader.scaleSets()
    guard left.isEmpty else { throw Ownership.inUse(left) }
    if let own = try await reader.controllers().first(where: \.hasOwnPlace),
      ARCRelease(own.version)?.isInPlaceGeneration == true
    {
      // Since 0.15 the controller unregisters runners from GitHub through an in-memory queue, which is lost with its
      // pod.
      context.progress("giving the controller time to unregister the last runners")
      try await Task.sleep(for: pace.interval * 5)
    }
    try await helm.uninstall(release: ARCCharts.controllerRelease, namespace: ClusterTarget.namespace)
    while try await reader.controllers().contains(where: \.hasOwnPlace) {
      context.progress("waiting for its pod to end")
      try await Task.sleep(for: pace.interval)
    }
    return .changed()
  }

  func applyDefinitions(
    _ owned: OwnedDefinitions, _ release: ARCRelease, _ context: StepContext
  ) async throws -> StepOutcome {
    let reader = OwnershipReader(toolbox: context.toolbox, owner: store.owner)
    let isKind = toolbox.target.kindCluster != nil
    let now = try Ownership.definitions(
      isKind ? Dictionary(uniqueKeysWithValues: owned.names.map { ($0, true) }) : try await reader.definitions(),
      sets: owned.isInUse ? [] : try await reader.scaleSets(), isKind: isKind, isInUse: owned.isInUse)
    guard !now.names.isEmpty else { return .skipped("the controller's chart installs them") }
    try await bring(now, to: release, context)
    return .changed("ARC \(release)")
  }

  /// Replaces existing CRDs with those of a version. They are several megabytes, too large for the annotation of a
  /// client-side apply.
  private func bring(_ owned: OwnedDefinitions, to release: ARCRelease, _ context: StepContext) async throws {
    context.progress("applying the definitions of ARC \(release)")
    let document = try await context.toolbox.helm().definitions(
      chart: ARCCharts.controllerChart, version: release.description)
    try await context.toolbox.kubectl().apply(document: document)
  }
}
