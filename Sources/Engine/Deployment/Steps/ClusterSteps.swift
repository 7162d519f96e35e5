import Basics
import Tools

#if canImport(Darwin)
import Darwin
#else
import Glibc
#endif

extension PlanExecutor {
  func checkTools(_ tools: [ToolName], _ context: StepContext) async throws -> StepOutcome {
    try context.toolbox.require(tools)
    var found: [String] = []
    for tool in tools {
      context.progress("asking \(tool.rawValue) for its version", found.count, of: tools.count)
      found.append("\(tool.rawValue) \(try await context.toolbox.versionText(of: tool))")
    }
    return .unchanged(found.joined(separator: ", "))
  }

  func checkDocker(_ context: StepContext) async throws -> StepOutcome {
    let state = try await context.toolbox.docker().state()
    if let problem = state.problem { throw problem }
    return .unchanged(state.version)
  }

  package func ensureCluster(
    _ configuration: KindClusterConfiguration, _ owned: OwnedCluster, _ context: StepContext
  ) async throws -> StepOutcome {
    let outcome = try await runCluster(configuration, owned, context)
    if !owned.isConfigured { try await store.change { $0.nameCluster() } }
    return outcome
  }

  private func runCluster(
    _ configuration: KindClusterConfiguration, _ owned: OwnedCluster, _ context: StepContext
  ) async throws -> StepOutcome {
    let docker = try context.toolbox.docker()
    let container = configuration.nodeContainer
    guard let node = try await docker.node(container: container) else {
      guard try await context.toolbox.kind().clusters().contains(configuration.name) else {
        return try await createCluster(configuration, context)
      }
      return try await useUnseen(configuration, owned, context)
    }
    try owned.confirm(node)
    switch node.status {
    case .running:
      try warnOfMissingMounts(configuration, node, context)
      return .unchanged("running")
    case .paused:
      context.progress("resuming its node")
      try await docker.unpause(container: container)
    case .stopped:
      context.progress("starting its node")
      try await docker.start(container: container)
    }
    if try await ClusterInspector.isHalfCreated(configuration.name, docker) {
      // It never had an API, so nothing can run on it.
      try owned.confirmCreated(node)
      context.progress("deleting what an interrupted creation left")
      try await context.toolbox.kind().delete(cluster: configuration.name)
      return try await createCluster(configuration, context)
    }
    try warnOfMissingMounts(configuration, node, context)
    return .changed("its node was \(node.status == .paused ? "paused" : "stopped"); started")
  }

  /// Uses a cluster that kind lists although the container engine does not show its node: it exists, so it is not
  /// created, and it can be used if it responds.
  private func useUnseen(
    _ configuration: KindClusterConfiguration, _ owned: OwnedCluster, _ context: StepContext
  ) async throws -> StepOutcome {
    try owned.confirm(nil)
    let problem = ClusterInspector.unseen(configuration.name)
    guard (try? await context.toolbox.kubectl().serverVersion()) != nil else { throw problem }
    context.warn("\(problem.what). \(problem.why.map { "\($0). " } ?? "")\(problem.fix ?? "")")
    return .unchanged("running")
  }

  private func createCluster(
    _ configuration: KindClusterConfiguration, _ context: StepContext
  ) async throws -> StepOutcome {
    let kind = try context.toolbox.kind()
    let kubectl = try context.toolbox.kubectl()
    let docker = try context.toolbox.docker()
    var configuration = configuration
    configuration.mounts = try Self.usable(configuration.mounts, context)
    // kind makes its new context the current one. Restore the user's current context in any case.
    let before = try await kubectl.currentContext()
    context.progress("creating it (the first time its image is downloaded)")
    context.phases.expect(Kind.phases)
    let result: Result<Void, any Error>
    do {
      try await kind.create(cluster: configuration.name, configuration: configuration.json)
      result = .success(())
    } catch { result = .failure(error) }
    context.phases.expect([])
    // In a separate task, because it must also happen after this one was canceled.
    let restored = await Task { try await Self.restoreCurrentContext(before, cluster: configuration.name, kubectl) }
      .result
    if case .failure(let error) = result {
      // Also in a separate task: an incomplete node would be mistaken for a complete one.
      let left = await Task { try await deleteCreated(configuration, error, kind, docker, context) }.result
      if case .failure(let problem) = left {
        context.warn(
          "A part of the cluster \(configuration.name) may be left: "
            + "\((problem as? EngineError)?.what ?? String(describing: problem)). "
            + "If it is not in use: kind delete cluster --name \(configuration.name)")
      }
      throw error
    }
    if case .failure(let error) = restored {
      context.warn(
        "kubectl's current context is now \(toolbox.target.context) and could not be set back"
          + (before.map { " to \($0)" } ?? "") + ": \((error as? EngineError)?.what ?? String(describing: error))")
    }
    try await forgetFormerCluster()
    return .changed("created")
  }

  /// A cluster that deskrun created replaces the former cluster of the installations configured on it.
  private func forgetFormerCluster() async throws {
    let here = try store.load().on(toolbox.target)
    let noted = here.installations.map(\.name).filter { here.identity(of: $0) != nil }
    guard !noted.isEmpty else { return }
    try await store.change { configuration in for name in noted { configuration.noteIdentity(of: name, nil) } }
  }

  /// How many more times to check for leftovers after a creation was canceled, once per interval.
  private static let looksAfterStop = 8

  /// Deletes what a failed or canceled creation left. Before it, neither kind nor the container engine knew the name; a
  /// node of that name is from this run if it has the mounts that this run requested. Any other one, which someone else
  /// created meanwhile, is kept.
  ///
  /// The container engine completes a `docker run` whose client was killed, even after kind has deleted everything it
  /// found. So the cleanup after a canceled creation ends only when nothing has appeared for some seconds.
  private func deleteCreated(
    _ configuration: KindClusterConfiguration, _ failure: any Error, _ kind: Kind, _ docker: Docker,
    _ context: StepContext
  ) async throws {
    let failure = failure as? EngineError
    if let failure, failure.description.contains("already exist") { return }
    guard failure == nil || failure?.kind == .timedOut || failure?.kind == .interrupted else {
      return try await deleteLeft(configuration, kind, docker)
    }
    context.progress("deleting what was created so far")
    var problem: (any Error)?
    for look in 0...Self.looksAfterStop {
      if look > 0 { try await Task.sleep(for: pace.interval) }
      // A node that is just being created may not be readable or deletable yet.
      do {
        try await deleteLeft(configuration, kind, docker)
        problem = nil
      } catch { problem = error }
    }
    if let problem { throw problem }
  }

  private func deleteLeft(_ configuration: KindClusterConfiguration, _ kind: Kind, _ docker: Docker) async throws {
    guard let node = try await docker.node(container: configuration.nodeContainer) else {
      guard try await kind.clusters().contains(configuration.name) else { return }
      throw ClusterInspector.unseen(configuration.name)
    }
    guard node.isMarked(caches: store.paths.caches), node.has(configuration.mounts) else { return }
    try await kind.delete(cluster: configuration.name)
  }

  private static func restoreCurrentContext(_ before: String?, cluster: String, _ kubectl: Kubectl) async throws {
    for attempt in 1...3 {
      do {
        if let before {
          try await kubectl.useContext(before)
        } else if try await kubectl.currentContext() == "kind-\(cluster)" {
          try await kubectl.unsetCurrentContext()
        }
        return
      } catch {
        if attempt == 3 { throw error }
      }
    }
  }

  /// A node cannot get further mounts later, so missing mounts that an installation needs are reported at once.
  private func warnOfMissingMounts(
    _ configuration: KindClusterConfiguration, _ node: NodeState, _ context: StepContext
  ) throws {
    let missing = node.missing(configuration.mounts.filter(\.isNeeded))
    if let refusal = NodeState.refusal(missing) { throw refusal }
    guard !missing.isEmpty else { return }
    context.warn(
      "The cluster's node was created without a mount for \(missing.map(\.hostPath).joined(separator: ", ")), so caches "
        + "stay inside the node and are deleted with it. \(NodeState.recreation).")
  }

  /// The mounts that a node can be created with. Their folders are created if necessary.
  ///
  /// - Throws: `EngineError` if the folder of a required mount cannot be created.
  private static func usable(
    _ mounts: [KindClusterConfiguration.HostMount], _ context: StepContext
  ) throws -> [KindClusterConfiguration.HostMount] {
    try mounts.filter { mount in
      do throws(EngineError) {
        if mount.createsDirectory { try makeDirectory(mount.hostPath) }
      } catch {
        guard !mount.isNeeded else { throw error }
        context.warn(
          "The node is created without \(mount.hostPath), which another installation uses: "
            + "\(error.what)\(error.why.map { " (\($0))" } ?? ""). \(NodeState.recreation).")
        return false
      }
      // The container engine would create a folder owned by root in its place, even in place of a socket.
      guard mount.isNeeded || FileIO.exists(mount.hostPath) else {
        context.warn(
          "The node is created without \(mount.hostPath), which another installation uses and which does not exist. "
            + "\(NodeState.recreation).")
        return false
      }
      return true
    }
  }

  private static func makeDirectory(_ path: String) throws(EngineError) {
    var folder = ""
    for part in path.split(separator: "/", omittingEmptySubsequences: true) {
      folder += "/" + part
      if mkdir(folder, 0o755) != 0, errno != EEXIST, errno != EISDIR {
        throw EngineError(
          .failed, "The folder \(folder) cannot be created", why: String(cString: strerror(errno)),
          fix: "Create it, or choose another folder for the cache")
      }
    }
  }

  func reachAPI(_ context: StepContext) async throws -> StepOutcome {
    let kubectl = try context.toolbox.kubectl()
    if let cluster = toolbox.target.kindCluster, try await !kubectl.contexts().contains(toolbox.target.context) {
      context.progress("adding the context to the kubeconfig")
      let before = try await kubectl.currentContext()
      let result: Result<Void, any Error>
      do { result = .success(try await context.toolbox.kind().exportKubeconfig(cluster: cluster)) } catch {
        result = .failure(error)
      }
      try await Task { try await Self.restoreCurrentContext(before, cluster: cluster, kubectl) }.value
      try result.get()
    }
    var tries = 0
    let clock = ContinuousClock()
    let start = clock.now
    while true {
      do {
        if let version = try await answer(kubectl) { return .unchanged("Kubernetes \(version)") }
        context.progress("waiting for the API")
      } catch let error as EngineError where ClusterInspector.isStartingUp(error) {
        tries += 1
        try await refuse(error, after: tries, start.duration(to: clock.now))
        context.progress("waiting for the API to start: \(error.why ?? error.what)")
      }
      try await Task.sleep(for: pace.interval)
    }
  }

  /// The version of an API that is ready. An API that has just been started returns its version before authorization
  /// works, so for a kind cluster this also reads something that requires its administrator.
  private func answer(_ kubectl: Kubectl) async throws -> String? {
    guard let version = try await kubectl.serverVersion() else { return nil }
    guard let cluster = toolbox.target.kindCluster else { return version }
    do {
      let isIncomplete = try await ClusterInspector(toolbox: toolbox, mayBeInCreation: false).lacksStorageClass()
      guard isIncomplete else { return version }
    } catch let error as EngineError {
      // A kubeconfig with limited permissions may never be able to read it.
      guard ClusterInspector.isStartingUp(error), await isJustStarted(cluster) else { return version }
      throw error
    }
    throw EngineError(
      .failed, "The kind cluster \(cluster) is half-created: its creation was interrupted",
      why: "It has no StorageClass, which kind creates last",
      fix: "`deskrun up` deletes it and creates it again: configuration and caches stay")
  }

  private func isJustStarted(_ cluster: String) async -> Bool {
    let container = KindClusterConfiguration.nodeContainer(cluster: cluster)
    let node = try? await toolbox.docker().node(container: container)
    return node?.isStarted(within: ClusterInspector.patience) ?? false
  }

  /// Throws if waiting for an API is useless: soon for another cluster, for a kind cluster when it has had enough time
  /// to start. Until then, a refusal by a node that was started recently only means that it is not ready.
  private func refuse(_ error: EngineError, after tries: Int, _ waited: Duration) async throws {
    guard let cluster = toolbox.target.kindCluster else {
      if error.kind == .unauthorized || tries > 3 { throw error }
      return
    }
    let isFresh = await isJustStarted(cluster)
    if error.kind == .unauthorized, !isFresh { throw error }
    if tries == 1, !isFresh, (try? await ClusterInspector.isHalfCreated(cluster, toolbox.docker())) == true {
      throw ClusterInspector.halfCreated(cluster)
    }
    guard !isFresh, waited > ClusterInspector.patience else { return }
    throw EngineError(
      .timedOut, "The node of \(toolbox.target.context) runs and its API does not answer",
      why: error.why ?? error.what,
      fix: "See what its node does: docker logs \(KindClusterConfiguration.nodeContainer(cluster: cluster)). "
        + "`deskrun cluster delete` and `deskrun up` create it again: configuration and caches stay")
  }

  /// Deletes a kind cluster whose creation was interrupted, so that the next step creates it again.
  func deleteHalfCreated(_ owned: OwnedCluster, losing: [String], _ context: StepContext) async throws -> StepOutcome {
    let container = KindClusterConfiguration.nodeContainer(cluster: owned.name)
    guard let node = try await context.toolbox.docker().node(container: container) else {
      return .unchanged("already deleted")
    }
    try owned.confirmCreated(node)
    let inspector = ClusterInspector(toolbox: context.toolbox, mayBeInCreation: false)
    switch try await inspector.state() {
    case .halfCreated: break
    case .ready:
      guard try await inspector.lacksStorageClass() else { return .unchanged("it is not half-created") }
      let running = try await RunningPods.list(context.toolbox.kubectl())
      // Do not delete pods that the user was not asked about.
      guard Set(running).isSubset(of: losing) else {
        throw EngineError(
          .failed, "The half-created cluster was not deleted",
          why: "Meanwhile more runs on it: "
            + running.filter { !losing.contains($0) }.joined(separator: ", "),
          fix: "Run the same command again; it asks again")
      }
    default: return .unchanged("it does not say that it is half-created")
    }
    context.progress("deleting what an interrupted creation left")
    try await context.toolbox.kind().delete(cluster: owned.name)
    return .changed("it was half-created")
  }

  func stopNode(_ owned: OwnedCluster, _ context: StepContext) async throws -> StepOutcome {
    let docker = try context.toolbox.docker()
    let container = KindClusterConfiguration.nodeContainer(cluster: owned.name)
    guard let node = try await docker.node(container: container) else { return .unchanged("no node found") }
    try owned.confirm(node)
    guard node.status != .stopped else { return .unchanged("already stopped") }
    try await docker.stop(container: container)
    return .changed()
  }

  func deleteObject(_ owned: OwnedObject, _ context: StepContext) async throws -> StepOutcome {
    try await confirm(owned.release, context)
    let kubectl = try context.toolbox.kubectl()
    // By the label of the scale set: an object with only a matching name may have another owner.
    for set in try await scaleSets(ofRelease: owned.release.name, in: owned.release.namespace, kubectl) {
      let found = try await objects(owned.kind, of: set.name, in: owned.release.namespace, kubectl)
        .first { $0.name == owned.name }
      guard let found else { continue }
      try await kubectl.delete(kind: owned.kind, name: found.name, namespace: found.namespace, wait: false)
      return .changed()
    }
    return .unchanged("not found")
  }

  package func deleteCluster(_ owned: OwnedCluster, _ context: StepContext) async throws -> StepOutcome {
    let kind = try context.toolbox.kind()
    guard try await kind.clusters().contains(owned.name) else { return .unchanged("not found") }
    let container = KindClusterConfiguration.nodeContainer(cluster: owned.name)
    // A cluster named in the configuration needs no other proof, and another container engine could not provide one.
    if !owned.isConfigured { try owned.confirm(try await context.toolbox.docker().node(container: container)) }
    try await kind.delete(cluster: owned.name)
    return .changed()
  }
}
