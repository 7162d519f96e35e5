import ARC
import Basics
import Tools

extension PlanExecutor {
  func installController(_ context: StepContext) async throws -> StepOutcome {
    let kubectl = try context.toolbox.kubectl()
    let reader = OwnershipReader(toolbox: context.toolbox, owner: store.owner)
    let isKind = toolbox.target.kindCluster != nil
    let found = try await reader.controllers()
    if let other = found.first(where: { !Ownership.isOwn($0, isKind: isKind, owner: store.owner) }) {
      guard ARCVersion.isSameMinor(other.version, ARCCharts.chartVersion) else { throw Self.skew(other, isOwn: false) }
      context.warn(
        "The controller \(other.name) in namespace \(other.namespace) was not installed by deskrun; using it as it is.")
      return .unchanged("\(other.version) is there")
    }
    if let own = found.first {
      guard own.version == ARCCharts.chartVersion else { throw Self.skew(own, isOwn: true) }
      if own.isReady { return .unchanged("is there") }
    }
    let helm = try context.toolbox.helm()
    if found.isEmpty { try await refuseForeignControllerRelease(helm, isKind: isKind) }
    // Helm leaves definitions that exist alone: those are not deskrun's, and get no mark.
    let definitionsBefore = isKind || !found.isEmpty ? [:] : try await reader.definitions()
    try await recover(release: ARCCharts.controllerRelease, helm, context)
    context.progress("installing it (the first time its image is downloaded)")
    try await helm.upgradeInstall(
      release: ARCCharts.controllerRelease, chart: ARCCharts.controllerChart, version: ARCCharts.chartVersion,
      namespace: ClusterTarget.namespace, values: ControllerValues.json(owner: store.owner), valuesFile: nil,
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
      if let now, now.isReady { return .changed("installed") }
      context.progress("waiting for its pod")
      try await Task.sleep(for: pace.interval)
    }
  }

  /// A release in the place of deskrun's controller that has no Deployment, as after an installation that failed.
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

  static func skew(_ controller: FoundController, isOwn: Bool) -> EngineError {
    EngineError(
      .failed,
      "The controller in the cluster is version \(controller.version); this deskrun installs \(ARCCharts.chartVersion)",
      why: "A controller deletes scale sets of another version, so nothing was installed",
      fix: isOwn
        ? "Run `deskrun upgrade` to bring controller and scale sets to \(ARCCharts.chartVersion) together"
        : "Bring the Helm release \(controller.release) in namespace \(controller.namespace) to "
          + "\(ARCCharts.chartVersion), or use another cluster")
  }

  private static let unfinished: Set<String> = [
    "pending-install", "uninstalling", "pending-upgrade", "pending-rollback",
  ]

  /// Puts a release right that an interrupted helm left pending, which every later helm would refuse to touch. The
  /// caller holds the lock of that release, so nobody of ours is working on it.
  func recover(release: String, _ helm: Helm, _ context: StepContext) async throws {
    guard let status = try await helm.status(release: release, namespace: ClusterTarget.namespace)?.status,
      Self.unfinished.contains(status)
    else { return }
    // The lock of the release keeps out who shares this configuration, nobody else.
    let values = try await helm.values(release: release, namespace: ClusterTarget.namespace)
    if let other = OwnershipMark.owner(in: values), other != store.owner {
      throw EngineError(
        .failed, "Another deskrun is working on the Helm release \(release)", why: "Its status is \(status)",
        fix: "Run the same command again when it has finished")
    }
    switch status {
    case "pending-install", "uninstalling":
      context.progress("clearing away an installation that was interrupted")
      try await helm.uninstall(release: release, namespace: ClusterTarget.namespace)
    case "pending-upgrade", "pending-rollback":
      context.progress("taking back an upgrade that was interrupted")
      try await helm.rollback(release: release, namespace: ClusterTarget.namespace)
    default: break
    }
  }

  package func uninstallController(_ context: StepContext) async throws -> StepOutcome {
    let helm = try context.toolbox.helm()
    guard try await helm.status(release: ARCCharts.controllerRelease, namespace: ClusterTarget.namespace) != nil else {
      return .unchanged("it is not there")
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
    try await helm.uninstall(release: ARCCharts.controllerRelease, namespace: ClusterTarget.namespace)
    while try await reader.controllers().contains(where: \.hasOwnPlace) {
      context.progress("waiting for its pod to end")
      try await Task.sleep(for: pace.interval)
    }
    return .changed()
  }

  func deleteDefinitions(_ owned: OwnedDefinitions, _ context: StepContext) async throws -> StepOutcome {
    let kubectl = try context.toolbox.kubectl()
    let reader = OwnershipReader(toolbox: context.toolbox, owner: store.owner)
    let isKind = toolbox.target.kindCluster != nil
    let now = try Ownership.definitions(
      isKind ? Dictionary(uniqueKeysWithValues: owned.names.map { ($0, true) }) : try await reader.definitions(),
      sets: try await reader.scaleSets(), isKind: isKind)
    for definition in now.names {
      context.progress("deleting \(definition)")
      try await kubectl.delete(
        kind: OwnershipReader.definitionKind, name: definition, namespace: nil, wait: true)
    }
    return .changed()
  }
}
