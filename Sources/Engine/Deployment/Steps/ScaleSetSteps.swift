import ARC
import Basics
import Installations
import Knowledge
import Tools

extension PlanExecutor {
  package func applySecret(
    _ installation: Installation, _ releases: [OwnedRelease], _ context: StepContext
  ) async throws -> StepOutcome {
    let resolved = try await credentials(installation)
    let kubectl = try context.toolbox.kubectl()
    try await noteDeployment(of: installation.name, context)
    let name = DeploymentNames.secret(installation.name)
    let namespace = installation.namespace
    let manifest = resolved.secretManifest(
      name: name, namespace: namespace,
      labels: DeploymentNames.labels(installation: installation.name, owner: store.owner))
    let existing = try await kubectl.get(kind: "secrets", name: name, namespace: namespace)
    try refuse(
      existing, "Secret", name, in: namespace, of: installation.name,
      isAdopted: releases.contains(where: \.isAdopted))
    if DeploymentNames.isOwn(existing, of: installation.name, owner: store.owner), existing?["data"] == manifest["data"]
    {
      return .unchanged("unchanged")
    }
    try await kubectl.apply([Self.manifest(ofNamespace: namespace), manifest])
    guard existing != nil else { return .changed("created") }
    for release in releases {
      try await confirm(release, context)
      try await restartListener(of: release, with: "credentials", kubectl, context)
    }
    return .changed("replaced")
  }

  /// Creates or updates the ConfigMap with an installation's CA certificates.
  func applyCertificates(
    _ installation: Installation, _ releases: [OwnedRelease], _ context: StepContext
  ) async throws -> StepOutcome {
    guard let path = installation.settings.certificates else { return .skipped("none are set") }
    let data: JSONValue = .object([CertificateMap.key: .string(try CertificateFile.read(path))])
    let kubectl = try context.toolbox.kubectl()
    let (name, namespace) = (DeploymentNames.certificates(installation.name), installation.namespace)
    let existing = try await kubectl.get(kind: "configmaps", name: name, namespace: namespace)
    try refuse(
      existing, "ConfigMap", name, in: namespace, of: installation.name,
      isAdopted: releases.contains(where: \.isAdopted))
    if DeploymentNames.isOwn(existing, of: installation.name, owner: store.owner), existing?["data"] == data {
      return .unchanged("unchanged")
    }
    try await kubectl.apply([
      Self.manifest(ofNamespace: namespace),
      Self.configMap(
        name, in: namespace, data, DeploymentNames.labels(installation: installation.name, owner: store.owner)),
    ])
    guard existing != nil else { return .changed("created") }
    for release in releases {
      try await confirm(release, context)
      try await restartListener(of: release, with: "certificates", kubectl, context)
    }
    return .changed("replaced")
  }

  private static func configMap(
    _ name: String, in namespace: String, _ data: JSONValue, _ labels: JSONObject
  ) -> JSONValue {
    [
      "apiVersion": "v1", "kind": "ConfigMap",
      "metadata": ["name": .string(name), "namespace": .string(namespace), "labels": .object(labels)],
      "data": data,
    ]
  }

  /// Rejects replacing a Secret or ConfigMap that deskrun did not create, unless the user requested the adoption of the
  /// scale set that uses it.
  private func refuse(
    _ existing: JSONValue?, _ kind: String, _ name: String, in namespace: String, of installation: InstallationName,
    isAdopted: Bool
  ) throws(EngineError) {
    guard existing != nil, !isAdopted, !DeploymentNames.isOwn(existing, of: installation, owner: store.owner) else {
      return
    }
    throw EngineError(
      .failed, "The \(kind) \(name) in namespace \(namespace) was not created by deskrun",
      why: "It has no label \(OwnershipMark.installation)=\(installation.plain)",
      fix: "Delete it if nothing needs it (`kubectl delete \(kind.lowercased()) \(name) -n "
        + "\(namespace)`), or use another name for the installation")
  }

  /// A listener reads its credentials and certificates only when it is created. Deleting the AutoscalingListener makes
  /// the controller recreate it; touching the scale set wakes a controller that is backing off after a refused token.
  private func restartListener(
    of release: OwnedRelease, with what: String, _ kubectl: Kubectl, _ context: StepContext
  ) async throws {
    for set in try await scaleSets(ofRelease: release.name, in: release.namespace, kubectl) {
      for listener in try await objects("autoscalinglisteners", of: set.name, in: release.namespace, kubectl) {
        context.progress("restarting the listener of \(release.name) with the new \(what)")
        try await kubectl.delete(
          kind: "autoscalinglisteners.actions.github.com", name: listener.name, namespace: listener.namespace,
          wait: false)
      }
      try await kubectl.patch(
        kind: "autoscalingrunnersets.actions.github.com", name: set.name, namespace: set.namespace,
        merge: ["metadata": ["annotations": ["deskrun/credentials-changed": .string(Self.stamp())]]])
    }
  }

  private static func stamp() -> String {
    let now = SystemTime.secondsSince1970()
    return String(now)
  }

  static func manifest(ofNamespace name: String) -> JSONValue {
    ["apiVersion": "v1", "kind": "Namespace", "metadata": ["name": .string(name)]]
  }

  package func applyHookTemplate(
    _ scaleSet: ScaleSetDeployment, _ owned: OwnedRelease, _ context: StepContext
  ) async throws -> StepOutcome {
    guard let template = scaleSet.values.hookTemplate else { return .skipped("this mode needs none") }
    let kubectl = try context.toolbox.kubectl()
    let name = ScaleSetValues.hookTemplateName(scaleSet: scaleSet.name)
    let data: JSONValue = .object(
      JSONObject([(ScaleSetValues.hookTemplateKey, .string(template.encoded(pretty: true)))]))
    let existing = try await kubectl.get(kind: "configmaps", name: name, namespace: owned.namespace)
    try refuse(existing, "ConfigMap", name, in: owned.namespace, of: owned.installation, isAdopted: owned.isAdopted)
    if DeploymentNames.isOwn(existing, of: owned.installation, owner: store.owner), existing?["data"] == data {
      return .unchanged("unchanged")
    }
    try await kubectl.apply([
      Self.manifest(ofNamespace: owned.namespace),
      Self.configMap(
        name, in: owned.namespace, data,
        DeploymentNames.labels(installation: scaleSet.installation, owner: store.owner)),
    ])
    return .changed(existing == nil ? "created" : "replaced")
  }

  package func installScaleSet(
    _ scaleSet: ScaleSetDeployment, _ owned: OwnedRelease, _ context: StepContext
  ) async throws -> StepOutcome {
    try await confirm(owned, context)
    let helm = try context.toolbox.helm()
    let kubectl = try context.toolbox.kubectl()
    let namespace = owned.namespace
    let sets = try await scaleSets(ofRelease: scaleSet.name, in: namespace, kubectl)
    for set in try await sets + objects("autoscalingrunnersets", of: scaleSet.name, in: namespace, kubectl)
    where set.isTerminating {
      throw EngineError(
        .failed, "An earlier scale set \(scaleSet.name) is still being removed",
        why: "Its runners finish their jobs first; a new one of the same name would collide with it",
        fix: "Run the same command again when it is gone (`deskrun status` shows it), or "
          + "`deskrun remove \(scaleSet.installation) --force` if it stays")
    }
    try await recover(release: scaleSet.name, in: namespace, helm, context)
    let release = try await controllerRelease(context)
    let before = try await helm.status(release: scaleSet.name, namespace: namespace)
    if !owned.isAdopted, let before, before.status == "deployed", !sets.isEmpty {
      let values = try await helm.values(release: scaleSet.name, namespace: namespace)
      let isChanged = try await putBack(sets, scaleSet, released: values, kubectl, context)
      if !isChanged, before.chartVersion == release.description,
        OwnershipMark.unmarked(values) == OwnershipMark.unmarked(scaleSet.releaseValues)
      {
        return .unchanged("unchanged")
      }
    }
    context.progress(before == nil ? "installing it" : "bringing it up to date")
    try await helm.upgradeInstall(
      release: scaleSet.name, chart: ARCCharts.scaleSetChart, version: release.description,
      namespace: namespace, values: scaleSet.releaseValues, wait: false, timeout: .seconds(240))
    return .changed(before == nil ? "installed" : "updated")
  }

  /// Restores the desired values of a scale set that was changed without Helm, if Helm would not: it compares with its
  /// release and not with the cluster, and with server-side apply it refuses a field that has another owner and another
  /// value.
  ///
  /// A setting counts as changed only if the release sets it and the cluster has another value. What the release does
  /// not set comes from the chart or from someone else.
  ///
  /// - Parameter released: the values that the scale set was deployed with.
  /// - Returns: whether a setting was restored.
  private func putBack(
    _ sets: [FoundObject], _ scaleSet: ScaleSetDeployment, released: JSONValue, _ kubectl: Kubectl,
    _ context: StepContext
  ) async throws -> Bool {
    let wanted = ScaleSetSettings(values: scaleSet.releaseValues, scaleSet: scaleSet.name)
    let before = ScaleSetSettings(values: released, scaleSet: scaleSet.name)
    var isChanged = false
    for set in sets {
      let found = ScaleSetSettings(spec: set.object["spec"], scaleSet: set.name)
      let released = SettingDrift.list(wanted: before, found: found).map(\.setting).filter {
        Self.names($0, released)
      }
      guard !released.isEmpty else { continue }
      isChanged = true
      // A setting that already has the desired value, for example after it was taken over into the configuration, is
      // not restored.
      let different = SettingDrift.list(wanted: wanted, found: found).map(\.setting)
      let changed = released.filter(different.contains)
      var spec: JSONObject = [:]
      if changed.contains(.minRunners) { spec["minRunners"] = .int(wanted.minimum) }
      if changed.contains(.maxRunners) { spec["maxRunners"] = wanted.maximum.map(JSONValue.int) ?? .null }
      if changed.contains(.image), let image = wanted.image,
        let containers = set.object["spec"]?["template"]?["spec"]?["containers"]?.arrayValue
      {
        let replaced = containers.map { container -> JSONValue in
          guard container["name"] == "runner", var object = container.objectValue else { return container }
          object["image"] = .string(image)
          return .object(object)
        }
        spec["template"] = ["spec": ["containers": .array(replaced)]]
      }
      // Settings that GitHub reads only once are handled by recreating the scale set.
      guard !spec.isEmpty else { continue }
      let titles = changed.map(\.title).joined(separator: ", ")
      context.progress("restoring the configured settings of \(set.name): \(titles)")
      try await kubectl.patch(
        kind: "autoscalingrunnersets.actions.github.com", name: set.name, namespace: set.namespace,
        merge: ["spec": .object(spec)])
    }
    return isChanged
  }

  /// Whether the values of a release contain a setting.
  private static func names(_ setting: SettingDrift.Setting, _ values: JSONValue) -> Bool {
    switch setting {
    case .url: values["githubConfigUrl"] != nil
    case .minRunners: values["minRunners"]?.intValue != nil
    case .maxRunners: values["maxRunners"]?.intValue != nil
    case .runnerGroup: values["runnerGroup"] != nil
    case .labels: values["scaleSetLabels"] != nil
    case .image: ScaleSetSettings(values: values, scaleSet: "").image != nil
    }
  }
}
