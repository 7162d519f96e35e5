import ARC
import Basics
import Installations
import Tools

extension PlanExecutor {
  package func applySecret(
    _ installation: Installation, _ releases: [OwnedRelease], _ context: StepContext
  ) async throws -> StepOutcome {
    let resolved = try await credentials(installation)
    let kubectl = try context.toolbox.kubectl()
    let name = DeploymentNames.secret(installation.name)
    let manifest = resolved.secretManifest(
      name: name, namespace: ClusterTarget.namespace,
      labels: DeploymentNames.labels(installation: installation.name, owner: store.owner))
    let existing = try await kubectl.get(kind: "secrets", name: name, namespace: ClusterTarget.namespace)
    try refuse(existing, "Secret", name, of: installation.name, isAdopted: releases.contains(where: \.isAdopted))
    if DeploymentNames.isOwn(existing, of: installation.name, owner: store.owner), existing?["data"] == manifest["data"]
    {
      return .unchanged("is there")
    }
    try await kubectl.apply([Self.namespaceManifest, manifest])
    guard existing != nil else { return .changed("made") }
    for release in releases {
      try await confirm(release, context)
      try await useNewCredentials(scaleSet: release.name, kubectl, context)
    }
    return .changed("replaced")
  }

  /// A Secret or ConfigMap that deskrun did not make is replaced only with the scale set that uses it, when the user had
  /// that adopted.
  private func refuse(
    _ existing: JSONValue?, _ kind: String, _ name: String, of installation: InstallationName, isAdopted: Bool
  ) throws(EngineError) {
    guard existing != nil, !isAdopted, !DeploymentNames.isOwn(existing, of: installation, owner: store.owner) else {
      return
    }
    throw EngineError(
      .failed, "The \(kind) \(name) in namespace \(ClusterTarget.namespace) was not created by deskrun",
      why: "It has no label \(OwnershipMark.installation)=\(installation)",
      fix: "Delete it if nothing needs it (kubectl delete \(kind.lowercased()) \(name) -n "
        + "\(ClusterTarget.namespace)), or use another name for the installation")
  }

  /// A listener reads its credentials once, when it is made. Deleting the AutoscalingListener has the controller make
  /// it anew; touching the scale set wakes a controller that is backing off after a refused token.
  private func useNewCredentials(scaleSet: String, _ kubectl: Kubectl, _ context: StepContext) async throws {
    let listeners = try await objects("autoscalinglisteners", of: scaleSet, kubectl)
    for listener in listeners {
      context.progress("having the listener of \(scaleSet) read the new credentials")
      try await kubectl.delete(
        kind: "autoscalinglisteners.actions.github.com", name: listener.name, namespace: listener.namespace, wait: false
      )
    }
    for set in try await objects("autoscalingrunnersets", of: scaleSet, kubectl) {
      try await kubectl.patch(
        kind: "autoscalingrunnersets.actions.github.com", name: set.name, namespace: set.namespace,
        merge: ["metadata": ["annotations": ["deskrun/credentials-changed": .string(Self.stamp())]]])
    }
  }

  private static func stamp() -> String {
    let now = SystemTime.secondsSince1970()
    return String(now)
  }

  static let namespaceManifest: JSONValue = [
    "apiVersion": "v1", "kind": "Namespace", "metadata": ["name": .string(ClusterTarget.namespace)],
  ]

  package func applyHookTemplate(
    _ scaleSet: ScaleSetDeployment, _ owned: OwnedRelease, _ context: StepContext
  ) async throws -> StepOutcome {
    guard let template = scaleSet.values.hookTemplate else { return .skipped("this mode needs none") }
    let kubectl = try context.toolbox.kubectl()
    let name = ScaleSetValues.hookTemplateName(scaleSet: scaleSet.name)
    let data: JSONValue = .object(
      JSONObject([(ScaleSetValues.hookTemplateKey, .string(template.encoded(pretty: true)))]))
    let existing = try await kubectl.get(kind: "configmaps", name: name, namespace: ClusterTarget.namespace)
    try refuse(existing, "ConfigMap", name, of: owned.installation, isAdopted: owned.isAdopted)
    if DeploymentNames.isOwn(existing, of: owned.installation, owner: store.owner), existing?["data"] == data {
      return .unchanged("is there")
    }
    try await kubectl.apply([
      Self.namespaceManifest,
      [
        "apiVersion": "v1", "kind": "ConfigMap",
        "metadata": [
          "name": .string(name), "namespace": .string(ClusterTarget.namespace),
          "labels": .object(DeploymentNames.labels(installation: scaleSet.installation, owner: store.owner)),
        ],
        "data": data,
      ],
    ])
    return .changed(existing == nil ? "made" : "replaced")
  }

  package func installScaleSet(
    _ scaleSet: ScaleSetDeployment, _ owned: OwnedRelease, _ context: StepContext
  ) async throws -> StepOutcome {
    try await confirm(owned, context)
    let helm = try context.toolbox.helm()
    let kubectl = try context.toolbox.kubectl()
    for set in try await objects("autoscalingrunnersets", of: scaleSet.name, kubectl) where set.isTerminating {
      throw EngineError(
        .failed, "An earlier scale set \(scaleSet.name) is still being taken away",
        why: "Its runners finish their jobs first; a new one of the same name would collide with it",
        fix: "Run the same command again when it is gone (`deskrun status` shows it), or "
          + "`deskrun remove \(scaleSet.installation) --force` if it never goes")
    }
    try await recover(release: scaleSet.name, helm, context)
    let release = try await controllerRelease(context)
    let before = try await helm.status(release: scaleSet.name, namespace: ClusterTarget.namespace)
    if !owned.isAdopted, let before, before.status == "deployed", before.chartVersion == release.description,
      scaleSet.valuesFile == nil,
      OwnershipMark.unmarked(try await helm.values(release: scaleSet.name, namespace: ClusterTarget.namespace))
        == OwnershipMark.unmarked(scaleSet.releaseValues),
      try await !objects("autoscalingrunnersets", of: scaleSet.name, kubectl).isEmpty
    {
      return .unchanged("is there")
    }
    context.progress(before == nil ? "installing it" : "bringing it up to date")
    try await helm.upgradeInstall(
      release: scaleSet.name, chart: ARCCharts.scaleSetChart, version: release.description,
      namespace: ClusterTarget.namespace,
      values: scaleSet.releaseValues, valuesFile: scaleSet.valuesFile, wait: false, timeout: .seconds(240))
    return .changed(before == nil ? "installed" : "brought up to date")
  }

  /// One of ARC's objects, as far as plans look at it.
  package struct FoundObject: Sendable, Equatable {
    package var name: String
    package var namespace: String
    package var isTerminating: Bool
    var hasFinalizers: Bool
    package var annotations: JSONValue?
    package var status: JSONValue?
    /// How often its spec was changed; 0 when it does not say.
    package var generation: Int

    package init(_ object: JSONValue) {
      let metadata = object["metadata"]
      name = metadata?["name"]?.stringValue ?? ""
      namespace = metadata?["namespace"]?.stringValue ?? ClusterTarget.namespace
      isTerminating = metadata?["deletionTimestamp"]?.stringValue != nil
      hasFinalizers = !(metadata?["finalizers"]?.arrayValue ?? []).isEmpty
      annotations = metadata?["annotations"]
      status = object["status"]
      generation = metadata?["generation"]?.intValue ?? 0
    }
  }

  /// ARC's objects of a kind that belong to a scale set. A kind the cluster does not know has none.
  package func objects(_ plural: String, of scaleSet: String, _ kubectl: Kubectl) async throws -> [FoundObject] {
    // Listeners live in the controller's namespace, which need not be deskrun's.
    let place = plural == "autoscalinglisteners" ? "" : "namespaces/\(ClusterTarget.namespace)/"
    let path =
      "/apis/actions.github.com/v1alpha1/\(place)\(plural)"
      + "?labelSelector=actions.github.com%2Fscale-set-name%3D\(scaleSet)"
    do {
      let list = try await kubectl.json(path, timeout: .seconds(30))
      return (list["items"]?.arrayValue ?? []).filter { object in
        let namespace = object["metadata"]?["labels"]?["actions.github.com/scale-set-namespace"]?.stringValue
        return namespace ?? ClusterTarget.namespace == ClusterTarget.namespace
      }.map(FoundObject.init)
    } catch let error as EngineError where error.kind == .notFound {
      return []
    }
  }
}
