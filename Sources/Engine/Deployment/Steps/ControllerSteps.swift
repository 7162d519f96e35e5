extension PlanExecutor {
  func installController(_ context: StepContext) async throws -> StepOutcome {
    let kubectl = try context.toolbox.kubectl()
    let found = try await controllers(kubectl)
    if let other = found.first(where: { $0.namespace != ClusterTarget.namespace || $0.release != ARC.controllerRelease }
    ) {
      guard Self.isSameMinor(other.version, ARC.chartVersion) else { throw Self.skew(other) }
      context.warn(
        "The controller \(other.name) in \(other.namespace) was not installed by deskrun; it is used as it is.")
      return .unchanged("\(other.version) is there")
    }
    if let own = found.first {
      guard own.version == ARC.chartVersion else { throw Self.skew(own) }
      if own.isReady { return .unchanged("is there") }
    }
    let helm = try context.toolbox.helm()
    try await recover(release: ARC.controllerRelease, helm, context)
    context.progress("installing it (the first time its image is downloaded)")
    try await helm.upgradeInstall(
      release: ARC.controllerRelease, chart: ARC.controllerChart, version: ARC.chartVersion,
      namespace: ClusterTarget.namespace, values: ControllerValues.json, valuesFile: nil, wait: true,
      timeout: .seconds(540))
    while true {
      let now = try await controllers(kubectl).first { $0.release == ARC.controllerRelease }
      if let now, now.isReady { return .changed("installed") }
      context.progress("waiting for its pod")
      try await Task.sleep(for: pace.interval)
    }
  }

  /// A controller Deployment, as its labels describe it.
  struct FoundController: Sendable, Equatable {
    var name: String
    var namespace: String
    var release: String
    var version: String
    var isReady: Bool

    init(_ deployment: JSONValue) {
      let metadata = deployment["metadata"]
      let labels = metadata?["labels"]
      name = metadata?["name"]?.stringValue ?? ""
      namespace = metadata?["namespace"]?.stringValue ?? ""
      release = labels?["app.kubernetes.io/instance"]?.stringValue ?? ""
      version = labels?["app.kubernetes.io/version"]?.stringValue ?? ""
      isReady = (deployment["status"]?["readyReplicas"]?.intValue ?? 0) > 0
    }
  }

  /// Every controller in the cluster: a second one, in whichever namespace, would fight over the same objects.
  func controllers(_ kubectl: Kubectl) async throws -> [FoundController] {
    let path = "/apis/apps/v1/deployments?labelSelector=app.kubernetes.io%2Fpart-of%3Dgha-rs-controller"
    let list = try await kubectl.json(path, timeout: .seconds(30))
    return (list["items"]?.arrayValue ?? []).map(FoundController.init)
  }

  static func isSameMinor(_ a: String, _ b: String) -> Bool {
    a.split(separator: ".").prefix(2) == b.split(separator: ".").prefix(2)
  }

  private static func skew(_ controller: FoundController) -> EngineError {
    EngineError(
      .failed,
      "The controller in the cluster is version \(controller.version); this deskrun installs \(ARC.chartVersion)",
      why: "A controller deletes scale sets of another version, so nothing was installed",
      fix: controller.release == ARC.controllerRelease && controller.namespace == ClusterTarget.namespace
        ? "Run `deskrun upgrade` to bring controller and scale sets to \(ARC.chartVersion) together"
        : "Upgrade the Helm release \(controller.release) in namespace \(controller.namespace) to "
          + "\(ARC.chartVersion), or use another cluster")
  }

  /// Puts a release right that an interrupted helm left pending, which every later helm would refuse to touch. The
  /// caller holds the lock of that release, so nobody of ours is working on it.
  func recover(release: String, _ helm: Helm, _ context: StepContext) async throws {
    guard let status = try await helm.status(release: release, namespace: ClusterTarget.namespace)?.status else {
      return
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

  func uninstallController(_ context: StepContext) async throws -> StepOutcome {
    let helm = try context.toolbox.helm()
    guard try await helm.status(release: ARC.controllerRelease, namespace: ClusterTarget.namespace) != nil else {
      return .unchanged("it is not there")
    }
    let kubectl = try context.toolbox.kubectl()
    let list = try await listObjects("autoscalingrunnersets", kubectl)
    if let left = list.first {
      throw EngineError(
        .failed, "The scale set \(left) is still there, so the controller stays",
        why: "Without its controller a scale set can never go: its finalizers would wait for ever",
        fix: "Remove it first (`deskrun remove \(left)`, or helm uninstall if it is not deskrun's)")
    }
    try await helm.uninstall(release: ARC.controllerRelease, namespace: ClusterTarget.namespace)
    while try await controllers(kubectl).contains(where: { $0.release == ARC.controllerRelease }) {
      context.progress("waiting for its pod to end")
      try await Task.sleep(for: pace.interval)
    }
    return .changed()
  }

  func deleteDefinitions(_ context: StepContext) async throws -> StepOutcome {
    let kubectl = try context.toolbox.kubectl()
    for definition in DeploymentNames.definitions {
      context.progress("deleting \(definition)")
      try await kubectl.delete(
        kind: "customresourcedefinitions.apiextensions.k8s.io", name: definition, namespace: nil, wait: true)
    }
    return .changed()
  }

  /// The names of ARC's objects of a kind, in all namespaces. A kind the cluster does not know has none.
  func listObjects(_ plural: String, _ kubectl: Kubectl) async throws -> [String] {
    do {
      let list = try JSONValue(
        parsing: await kubectl.get("/apis/actions.github.com/v1alpha1/\(plural)", timeout: .seconds(30)))
      return (list["items"]?.arrayValue ?? []).compactMap { $0["metadata"]?["name"]?.stringValue }
    } catch let error as EngineError where error.kind == .notFound {
      return []
    }
  }
}
