import ARC
import Basics
import Installations
import Tools

extension PlanExecutor {
  package func uninstall(_ owned: OwnedRelease, _ context: StepContext) async throws -> StepOutcome {
    let helm = try context.toolbox.helm()
    let found = try await confirm(owned, context)
    guard found.release != nil else { return .unchanged("it is not installed") }
    try await helm.uninstall(release: owned.name, namespace: ClusterTarget.namespace)
    return .changed()
  }

  /// Looks again whose a release is, right before it is changed: the plan may be old, or made before the cluster ran.
  ///
  /// - Throws: `EngineError` of kind `failed` when it is another's.
  @discardableResult
  package func confirm(_ owned: OwnedRelease, _ context: StepContext) async throws -> ReleaseEvidence {
    let found = try await OwnershipReader(toolbox: context.toolbox, owner: store.owner).evidence(of: owned.name)
    try Ownership.confirm(owned, found)
    return found
  }

  /// The kinds that must be gone before what they depend on may go, as the controller takes them away.
  private static let dependents = [
    "autoscalingrunnersets", "autoscalinglisteners", "ephemeralrunnersets", "ephemeralrunners",
  ]

  func waitForRunners(
    of owned: OwnedRelease, policy: RunnerPolicy, _ context: StepContext
  ) async throws -> StepOutcome {
    let scaleSet = owned.name
    let kubectl = try context.toolbox.kubectl()
    if policy == .interrupt { try await confirm(owned, context) }
    var hasWaited = false
    while true {
      var left: [String] = []
      for plural in Self.dependents {
        for object in try await objects(plural, of: scaleSet, kubectl) {
          left.append("\(Self.singular(plural)) \(object.name)")
        }
      }
      let runners = try await objects("ephemeralrunners", of: scaleSet, kubectl)
      if left.isEmpty { return hasWaited ? .changed() : .unchanged("there were none") }
      hasWaited = true
      if policy == .interrupt { try await interrupt(runners, kubectl) }
      let busy = runners.compactMap { runner in
        runner.status?["jobDisplayName"]?.stringValue.map { "\(runner.name) (\($0))" }
      }
      context.progress(
        busy.isEmpty
          ? "waiting for \(left.count == 1 ? left[0] : "\(left.count) objects") to go"
          : "waiting for \(busy.count == 1 ? "the job of " : "the jobs of ")" + busy.joined(separator: ", "))
      try await Task.sleep(for: pace.interval)
    }
  }

  /// Deletes the pods of runners: the controller sees their jobs end and lets the runners go.
  private func interrupt(_ runners: [FoundObject], _ kubectl: Kubectl) async throws {
    for runner in runners {
      try await kubectl.delete(kind: "pods", name: runner.name, namespace: runner.namespace, wait: false)
    }
  }

  private static func singular(_ plural: String) -> String {
    switch plural {
    case "autoscalingrunnersets": "scale set"
    case "autoscalinglisteners": "listener"
    case "ephemeralrunnersets": "runner set"
    default: "runner"
    }
  }

  func deleteHookTemplate(of owned: OwnedRelease, _ context: StepContext) async throws -> StepOutcome {
    try await deleteOwn(
      "configmaps", ScaleSetValues.hookTemplateName(scaleSet: owned.name), of: owned.installation, context)
  }

  func deleteSecret(of name: InstallationName, _ context: StepContext) async throws -> StepOutcome {
    try await deleteOwn("secrets", DeploymentNames.secret(name), of: name, context)
  }

  private func deleteOwn(
    _ kind: String, _ name: String, of installation: InstallationName, _ context: StepContext
  ) async throws -> StepOutcome {
    let kubectl = try context.toolbox.kubectl()
    guard let object = try await kubectl.get(kind: kind, name: name, namespace: ClusterTarget.namespace) else {
      return .unchanged("there was none")
    }
    guard DeploymentNames.isOwn(object, of: installation, owner: store.owner) else {
      return .skipped("\(name) was not created by deskrun for \(installation) and is left alone")
    }
    try await kubectl.delete(kind: kind, name: name, namespace: ClusterTarget.namespace, wait: true)
    return .changed()
  }

  /// The last resort when something never goes: what protects ARC's objects from vanishing before GitHub has been
  /// told is taken off them, innermost first. The scale set may stay registered at GitHub.
  func clearFinalizers(of owned: OwnedRelease, _ context: StepContext) async throws -> StepOutcome {
    try await confirm(owned, context)
    let scaleSet = owned.name
    let kubectl = try context.toolbox.kubectl()
    let none: JSONValue = ["metadata": ["finalizers": .null]]
    var cleared = 0
    for plural in ["ephemeralrunners", "ephemeralrunnersets", "autoscalinglisteners", "autoscalingrunnersets"] {
      let kind = "\(plural).actions.github.com"
      for object in try await objects(plural, of: scaleSet, kubectl) {
        context.progress("clearing \(Self.singular(plural)) \(object.name)")
        if !object.isTerminating {
          try await kubectl.delete(kind: kind, name: object.name, namespace: object.namespace, wait: false)
        }
        if object.hasFinalizers {
          try await kubectl.patch(kind: kind, name: object.name, namespace: object.namespace, merge: none)
          cleared += 1
        }
      }
    }
    let selector = "actions.github.com/scale-set-name=\(scaleSet)"
    for kind in [
      "rolebindings.rbac.authorization.k8s.io", "roles.rbac.authorization.k8s.io", "serviceaccounts", "secrets",
    ] {
      for value in try await kubectl.list(kind: kind, namespace: ClusterTarget.namespace, selector: selector) {
        let object = FoundObject(value)
        guard object.isTerminating, object.hasFinalizers else { continue }
        try await kubectl.patch(kind: kind, name: object.name, namespace: object.namespace, merge: none)
        cleared += 1
      }
    }
    return cleared == 0 ? .unchanged("nothing had any") : .changed("\(cleared) objects cleared")
  }
}
