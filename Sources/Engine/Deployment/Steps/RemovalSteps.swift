import ARC
import Basics
import Installations
import Tools

extension PlanExecutor {
  /// Has a scale set end. Where its release is gone already, nobody asked the scale set itself to, so that is done here.
  package func uninstall(_ owned: OwnedRelease, _ context: StepContext) async throws -> StepOutcome {
    let helm = try context.toolbox.helm()
    let kubectl = try context.toolbox.kubectl()
    let found = try await confirm(owned, context)
    if found.release != nil { try await helm.uninstall(release: owned.name, namespace: owned.namespace) }
    var isChanged = found.release != nil
    guard found.set != nil else { return isChanged ? .changed() : .unchanged("it is not installed") }
    for set in try await scaleSets(ofRelease: owned.name, in: owned.namespace, kubectl) where !set.isTerminating {
      try await kubectl.delete(
        kind: "autoscalingrunnersets.actions.github.com", name: set.name, namespace: set.namespace, wait: false)
      isChanged = true
    }
    return isChanged ? .changed() : .unchanged("already being deleted")
  }

  /// Looks again whose a release is, right before it is changed: the plan may be old, or made before the cluster ran.
  ///
  /// - Throws: `EngineError` of kind `failed` when it is another's.
  @discardableResult
  package func confirm(_ owned: OwnedRelease, _ context: StepContext) async throws -> ReleaseEvidence {
    let found = try await OwnershipReader(toolbox: context.toolbox, owner: store.owner)
      .evidence(of: owned.name, in: owned.namespace)
    try Ownership.confirm(owned, found)
    return found
  }

  /// Waits until nothing of a scale set is left, and then deletes what a release that lost its record left behind.
  ///
  /// Only what was asked to end is waited for: a scale set that is not being deleted is an error, and a listener that is
  /// left without its scale set is deleted.
  ///
  /// While runners are left, a look is one list of them; the rest goes after them and is looked at once in five looks.
  func waitForRunners(
    of owned: OwnedRelease, policy: RunnerPolicy, _ context: StepContext
  ) async throws -> StepOutcome {
    let kubectl = try context.toolbox.kubectl()
    var watch = RemovalWatch(release: owned.name, namespace: owned.namespace)
    let found = try await confirm(owned, context)
    while true {
      let isDue = watch.isDue(of: Self.fullLook)
      if isDue {
        try await lookAtSets(&watch, kubectl)
        watch.lacksController =
          try await OwnershipReader(toolbox: context.toolbox, owner: store.owner).controllers().isEmpty
      }
      let runners = try await objects("ephemeralrunners", of: watch.names, in: owned.namespace, kubectl)
      let isFull = isDue || runners.isEmpty
      if isFull {
        if !isDue { try await lookAtSets(&watch, kubectl) }
        watch.others = try await others(of: watch.names, in: owned.namespace, among: watch.present, kubectl)
      }
      let left = watch.others + runners.map { RemovalWatch.Left(kind: "ephemeralrunners", object: $0) }
      if left.isEmpty {
        let cleared = try await deleteLeftOvers(of: owned, found, kubectl, context)
        return watch.hasWaited || cleared ? .changed() : .unchanged("none found")
      }
      watch.hasWaited = true
      if isFull { try await endWhatNobodyEnded(left, sets: watch.sets, &watch, kubectl) }
      let busy = runners.filter(\.isBusyRunner)
      if isFull, policy == .interrupt { try await interrupt(runners, kubectl) }
      if isFull { watch.held = busy.isEmpty ? [] : try await held(busy, of: watch.names, in: owned.namespace, kubectl) }
      if watch.stands(left, busy: !busy.isEmpty) > pace.removalPatience { throw watch.stalled(left) }
      watch.mostRunners = max(watch.mostRunners, runners.count)
      // What is left after them is a few objects that go together.
      context.progress(
        watch.words(left, busy: busy), watch.mostRunners - runners.count, of: runners.isEmpty ? 0 : watch.mostRunners)
      try await Task.sleep(for: pace.interval)
    }
  }

  /// In how many looks at the runners one is at everything.
  private static let fullLook = 5

  /// Finds the scale sets of the release, and those of the names it had that are another's.
  private func lookAtSets(_ watch: inout RemovalWatch, _ kubectl: Kubectl) async throws {
    watch.present = try await scaleSets(in: watch.namespace, kubectl)
    watch.names.formUnion(watch.sets.map(\.name))
    // A scale set of this name that another release deployed is not waited for.
    if Self.isOfAnotherRelease(watch.release, watch.present) { watch.names.remove(watch.release) }
  }

  /// What of the scale sets is left besides their runners, in the order in which the controller removes it.
  private func others(
    of names: Set<String>, in namespace: String, among present: [FoundObject], _ kubectl: Kubectl
  ) async throws -> [RemovalWatch.Left] {
    var left = present.filter { names.contains($0.name) }.map {
      RemovalWatch.Left(kind: "autoscalingrunnersets", object: $0)
    }
    for kind in ["autoscalinglisteners", "ephemeralrunnersets"] {
      left += try await objects(kind, of: names, in: namespace, kubectl).map { .init(kind: kind, object: $0) }
    }
    return left
  }

  /// The runners whose pod is gone or has ended although GitHub still counts their job as running.
  private func held(
    _ busy: [FoundObject], of names: Set<String>, in namespace: String, _ kubectl: Kubectl
  ) async throws -> Set<String> {
    let list = try await kubectl.json(
      "/api/v1/namespaces/\(namespace)/pods?\(Self.selector(ofScaleSets: names))", timeout: .seconds(30))
    let pods = Dictionary(
      (list["items"]?.arrayValue ?? []).map { ($0["metadata"]?["name"]?.stringValue ?? "", $0["status"]) },
      uniquingKeysWith: { $1 })
    return Set(
      busy.map(\.name).filter { name in
        guard let status = pods[name] else { return true }
        let containers = status?["containerStatuses"]?.arrayValue ?? []
        let runs = containers.contains { $0["name"] == "runner" && $0["state"]?["terminated"] == nil }
        let isOver = ["Succeeded", "Failed"].contains(status?["phase"]?.stringValue ?? "")
        return isOver || (!runs && !containers.isEmpty)
      })
  }

  /// Whether the scale set of this name was deployed by another release than that of its name.
  private static func isOfAnotherRelease(_ name: String, _ present: [FoundObject]) -> Bool {
    present.contains { $0.name == name && $0.release != nil && !$0.isDeployed(as: name) }
  }

  /// A listener whose scale set is gone, as a changed URL leaves one, ends by nobody's doing.
  private func endWhatNobodyEnded(
    _ left: [RemovalWatch.Left], sets: [FoundObject], _ watch: inout RemovalWatch, _ kubectl: Kubectl
  ) async throws {
    if let set = sets.first(where: { !$0.isTerminating }) {
      // Helm's deletion may have crossed this look.
      guard watch.notEnding() > pace.registrationPatience / 3 else { return }
      throw EngineError(
        .failed, "The scale set \(set.name) is not being deleted",
        why: "It was deployed again after this command uninstalled it",
        fix: "Make sure that nothing else deploys it, then run the same command again")
    }
    guard sets.isEmpty else { return }
    for item in left where item.kind == "autoscalinglisteners" && !item.object.isTerminating {
      try await kubectl.delete(
        kind: "autoscalinglisteners.actions.github.com", name: item.object.name, namespace: item.object.namespace,
        wait: false)
    }
  }

  /// Deletes the roles, accounts and Secret of a release that Helm does not know any more: an uninstallation by Helm
  /// takes them with it, the deletion of the scale set alone does not.
  private func deleteLeftOvers(
    of owned: OwnedRelease, _ found: ReleaseEvidence, _ kubectl: Kubectl, _ context: StepContext
  ) async throws -> Bool {
    // What Helm knows, Helm deletes.
    guard found.release == nil else { return false }
    var isChanged = false
    for kind in Self.releaseKinds {
      for object in try await leftOvers(kind, of: owned, kubectl) {
        context.progress("deleting what the release \(owned.name) left: \(object.name)")
        if !object.isTerminating {
          try await kubectl.delete(kind: kind, name: object.name, namespace: object.namespace, wait: false)
        }
        // They are kept from going until the scale set has gone; now nobody would release them.
        if object.hasFinalizers {
          try await kubectl.patch(
            kind: kind, name: object.name, namespace: object.namespace, merge: ["metadata": ["finalizers": .null]])
        }
        isChanged = true
      }
    }
    return isChanged
  }

  private static let releaseKinds = [
    "rolebindings.rbac.authorization.k8s.io", "roles.rbac.authorization.k8s.io", "serviceaccounts", "secrets",
  ]

  /// The objects of a kind that the chart made for a release and that bear the mark of this configuration.
  private func leftOvers(_ kind: String, of owned: OwnedRelease, _ kubectl: Kubectl) async throws -> [FoundObject] {
    let selector = "\(OwnershipMark.installation)=\(owned.installation),\(OwnershipMark.owner)=\(store.owner)"
    do {
      let objects = try await kubectl.list(kind: kind, namespace: owned.namespace, selector: selector)
      return objects.map(FoundObject.init).filter {
        $0.release == owned.name && $0.releaseNamespace == owned.namespace
      }
    } catch let error as EngineError where error.kind == .unauthorized {
      // Who may not see roles could not delete them either.
      return []
    }
  }

  /// Deletes the pods of runners: the controller sees their jobs end and lets the runners go.
  private func interrupt(_ runners: [FoundObject], _ kubectl: Kubectl) async throws {
    for runner in runners {
      try await kubectl.delete(kind: "pods", name: runner.name, namespace: runner.namespace, wait: false)
    }
  }

  /// Helm and the controller were told by the names of releases; what bears the mark of the installation under another
  /// name is still there.
  ///
  /// - Throws: `EngineError` of kind `failed` that names the scale sets that are left.
  func confirmRemoved(
    _ name: InstallationName, in namespace: String, _ context: StepContext
  ) async throws -> StepOutcome {
    let sets = try await scaleSets(
      markedWith: name, owner: store.owner, in: namespace, try context.toolbox.kubectl())
    guard let first = sets.first else { return .unchanged("none left") }
    let names = SafeText.line(sets.map(\.name).joined(separator: ", "))
    let release = first.release.map { SafeText.line($0) }
    throw EngineError(
      .failed, "\(name) is not completely removed: scale set \(names) remains",
      why: "It has the label \(OwnershipMark.installation)=\(name)"
        + (release.map { ", and the Helm release \($0) deployed it" } ?? ""),
      fix: sets.allSatisfy(\.isTerminating)
        ? "It is being deleted: run the same command again when it is gone"
        : (release.map { "Uninstall it: `helm uninstall \($0) -n \(namespace)`" }
          ?? "Delete it: `kubectl delete autoscalingrunnersets \(SafeText.line(first.name)) -n \(namespace)`")
          + ", then run the same command again")
  }

  func deleteHookTemplate(of owned: OwnedRelease, _ context: StepContext) async throws -> StepOutcome {
    try await deleteOwn(
      "configmaps", ScaleSetValues.hookTemplateName(scaleSet: owned.name), of: owned.installation, in: owned.namespace,
      context)
  }

  func deleteSecret(
    of name: InstallationName, in namespace: String, _ context: StepContext
  ) async throws -> StepOutcome {
    try await deleteOwn("secrets", DeploymentNames.secret(name), of: name, in: namespace, context)
  }

  func deleteCertificates(
    of name: InstallationName, in namespace: String, _ context: StepContext
  ) async throws -> StepOutcome {
    try await deleteOwn("configmaps", DeploymentNames.certificates(name), of: name, in: namespace, context)
  }

  private func deleteOwn(
    _ kind: String, _ name: String, of installation: InstallationName, in namespace: String, _ context: StepContext
  ) async throws -> StepOutcome {
    let kubectl = try context.toolbox.kubectl()
    guard let object = try await kubectl.get(kind: kind, name: name, namespace: namespace) else {
      return .unchanged("not found")
    }
    guard DeploymentNames.isOwn(object, of: installation, owner: store.owner) else {
      return .skipped("\(name) was not created by deskrun for \(installation) and is left alone")
    }
    try await kubectl.delete(kind: kind, name: name, namespace: namespace, wait: true)
    return .changed()
  }

  /// The last resort when something never goes: what protects ARC's objects from vanishing before GitHub has been
  /// told is taken off them, innermost first. The scale set may stay registered at GitHub.
  func clearFinalizers(of owned: OwnedRelease, _ context: StepContext) async throws -> StepOutcome {
    try await confirm(owned, context)
    let kubectl = try context.toolbox.kubectl()
    let present = try await scaleSets(in: owned.namespace, kubectl)
    var names = Set(present.filter { $0.isDeployed(as: owned.name) }.map(\.name))
    if !Self.isOfAnotherRelease(owned.name, present) { names.insert(owned.name) }
    var cleared = 0
    for scaleSet in names.sorted() {
      cleared += try await clearFinalizers(ofScaleSet: scaleSet, in: owned.namespace, kubectl, context)
    }
    return cleared == 0 ? .unchanged("none found") : .changed("\(cleared) objects cleared")
  }

  private func clearFinalizers(
    ofScaleSet scaleSet: String, in namespace: String, _ kubectl: Kubectl, _ context: StepContext
  ) async throws -> Int {
    let none: JSONValue = ["metadata": ["finalizers": .null]]
    var cleared = 0
    for plural in ["ephemeralrunners", "ephemeralrunnersets", "autoscalinglisteners", "autoscalingrunnersets"] {
      let kind = "\(plural).actions.github.com"
      for object in try await objects(plural, of: scaleSet, in: namespace, kubectl) {
        context.progress("clearing \(RemovalWatch.singular(plural)) \(object.name)")
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
    for kind in Self.releaseKinds {
      for value in try await kubectl.list(kind: kind, namespace: namespace, selector: selector) {
        let object = FoundObject(value)
        guard object.isTerminating, object.hasFinalizers else { continue }
        try await kubectl.patch(kind: kind, name: object.name, namespace: object.namespace, merge: none)
        cleared += 1
      }
    }
    return cleared
  }
}
