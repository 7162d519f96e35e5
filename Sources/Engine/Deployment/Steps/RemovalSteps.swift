import ARC
import Basics
import Installations
import Tools

extension PlanExecutor {
  /// Starts the deletion of a scale set. If its release no longer exists, Helm does not delete it, so this does.
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

  /// Checks the ownership of a release again right before it is changed: the plan may be old, or the cluster may not
  /// have been running when it was made.
  ///
  /// - Throws: `EngineError` of kind `failed` if it has another owner.
  @discardableResult
  package func confirm(_ owned: OwnedRelease, _ context: StepContext) async throws -> ReleaseEvidence {
    let found = try await OwnershipReader(toolbox: context.toolbox, owner: store.owner)
      .evidence(of: owned.name, in: owned.namespace)
    try Ownership.confirm(owned, found)
    return found
  }

  /// Waits until all objects of a scale set are deleted, and then deletes what a release without a Helm record left.
  ///
  /// It waits only for objects that are being deleted: a scale set that is not being deleted is an error, and a
  /// listener without a scale set is deleted.
  ///
  /// While runners are left, each check only lists them; everything else is deleted after them and is read in every
  /// fifth check.
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
      // After the runners, only a few objects are left, which are deleted together.
      context.progress(
        watch.words(left, busy: busy), watch.mostRunners - runners.count, of: runners.isEmpty ? 0 : watch.mostRunners)
      try await Task.sleep(for: pace.interval)
    }
  }

  /// Every how many checks everything is read.
  private static let fullLook = 5

  /// Reads the scale sets, and determines which names belong to the release.
  private func lookAtSets(_ watch: inout RemovalWatch, _ kubectl: Kubectl) async throws {
    watch.present = try await scaleSets(in: watch.namespace, kubectl)
    watch.names.formUnion(watch.sets.map(\.name))
    // Do not wait for a scale set of this name that another release deployed.
    if Self.isOfAnotherRelease(watch.release, watch.present) { watch.names.remove(watch.release) }
  }

  /// The remaining objects of the scale sets other than runners, in the order in which the controller removes them.
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

  /// The runners whose pod was deleted or has exited, but whose job is still running according to GitHub.
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

  /// Whether the scale set of this name was deployed by a release with another name.
  private static func isOfAnotherRelease(_ name: String, _ present: [FoundObject]) -> Bool {
    present.contains { $0.name == name && $0.release != nil && !$0.isDeployed(as: name) }
  }

  /// Deletes a listener whose scale set no longer exists, for example after its URL changed: nothing else would delete
  /// it.
  private func endWhatNobodyEnded(
    _ left: [RemovalWatch.Left], sets: [FoundObject], _ watch: inout RemovalWatch, _ kubectl: Kubectl
  ) async throws {
    if let set = sets.first(where: { !$0.isTerminating }) {
      // The list may have been read before Helm deleted the scale set.
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

  /// Deletes the roles, accounts and Secret of a release that has no Helm record: unlike `helm uninstall`, deleting the
  /// scale set does not delete them.
  private func deleteLeftOvers(
    of owned: OwnedRelease, _ found: ReleaseEvidence, _ kubectl: Kubectl, _ context: StepContext
  ) async throws -> Bool {
    // Helm deletes the objects of a release that it has a record of.
    guard found.release == nil else { return false }
    var isChanged = false
    for kind in Self.releaseKinds {
      for object in try await leftOvers(kind, of: owned, kubectl) {
        context.progress("deleting what the release \(owned.name) left: \(object.name)")
        if !object.isTerminating {
          try await kubectl.delete(kind: kind, name: object.name, namespace: object.namespace, wait: false)
        }
        // Their finalizers are for the scale set, which is deleted by now, so nothing else would remove them.
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

  /// The objects of a kind that the chart created for a release and that have this configuration's labels.
  private func leftOvers(_ kind: String, of owned: OwnedRelease, _ kubectl: Kubectl) async throws -> [FoundObject] {
    let selector = "\(OwnershipMark.installation)=\(owned.installation.plain),\(OwnershipMark.owner)=\(store.owner)"
    do {
      let objects = try await kubectl.list(kind: kind, namespace: owned.namespace, selector: selector)
      return objects.map(FoundObject.init).filter {
        $0.release == owned.name && $0.releaseNamespace == owned.namespace
      }
    } catch let error as EngineError where error.kind == .unauthorized {
      // Without the permission to read roles they could not be deleted either.
      return []
    }
  }

  /// Deletes the pods of runners: the controller sees their jobs end and deletes the runners.
  private func interrupt(_ runners: [FoundObject], _ kubectl: Kubectl) async throws {
    for runner in runners {
      try await kubectl.delete(kind: "pods", name: runner.name, namespace: runner.namespace, wait: false)
    }
  }

  /// Checks that no scale set with the installation's label is left: deletion was by release name, and one may have
  /// another name.
  ///
  /// - Throws: `EngineError` of kind `failed` that names the remaining scale sets.
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
      why: "It has the label \(OwnershipMark.installation)=\(name.plain)"
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

  /// The last resort if an object is never deleted: removes the finalizers that keep ARC's objects until GitHub has
  /// been notified, innermost objects first. The scale set may remain registered with GitHub.
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
