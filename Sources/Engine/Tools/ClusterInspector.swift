import Basics

/// Determines the state of a cluster without changing anything.
package struct ClusterInspector: Sendable {
  package let toolbox: Toolbox
  /// Whether another process may be creating the cluster.
  package let mayBeInCreation: Bool

  /// Inspects the target of this toolbox.
  ///
  /// - Parameter mayBeInCreation: false for callers that hold the lock for creating clusters.
  package init(toolbox: Toolbox, mayBeInCreation: Bool = true) {
    self.toolbox = toolbox
    self.mayBeInCreation = mayBeInCreation
  }

  /// How long the API of a node that was just started may fail in any way. Docker's proxy accepts connections and
  /// closes them for some 10 s, and then the API server responds before its authorization is ready.
  package static let patience: Duration = .seconds(120)
  /// The maximum time kind needs from starting a node's container to writing the file that makes it a control plane.
  package static let creationTime: Duration = .seconds(60)

  /// The maximum time for reading the API's version. kubectl itself gives up after ten seconds, unless a program that
  /// it starts hangs, for example a credential plugin.
  private static let answerTime: Duration = .seconds(12)

  /// What helps where the kubeconfig has no context of a kind cluster that is running.
  package static let addsContext = "`deskrun up` adds it to the kubeconfig again"

  private var late: EngineError {
    EngineError(
      .timedOut, "The cluster \(SafeText.line(toolbox.target.context)) does not answer in time",
      why: "No answer within \(DurationText.short(Self.answerTime))",
      fix: "It may be busy or starting: try again, or see `deskrun doctor`", obstacle: .silent)
  }

  /// The state of the cluster. Asks the API first: if it responds, nothing else needs to be asked.
  ///
  /// - Throws: only `CancellationError`; everything else is a state.
  package func state() async throws -> ClusterState {
    let refusal: EngineError
    do {
      let api = try toolbox.api()
      let answer = try await TimeLimit.value(Self.answerTime) { try await api.serverVersion() }
      if case .some(.some(let version)) = answer { return .ready(version: version) }
      refusal =
        answer == nil
        ? late
        : EngineError(.unreachable, "The cluster \(toolbox.target.context) does not answer", obstacle: .silent)
    } catch let error as EngineError {
      if error.kind == .toolMissing { return .toolMissing(error) }
      refusal = error
    }
    // With such a file kind cannot create a cluster either, so that there is none is not all there is to say.
    if refusal.obstacle == .kubeconfig { return .unreachable(refusal) }
    guard let cluster = toolbox.target.kindCluster else {
      // If the API was waited for until the timeout, the context exists.
      if refusal.kind != .timedOut, let error = try await missingContext(refusal) { return .contextMissing(error) }
      return .unreachable(refusal)
    }
    return try await kindState(cluster: cluster, refusal: refusal)
  }

  /// The error for a context that the kubeconfig certainly does not have; nil if it has it, or if that is not known.
  private func missingContext(_ refusal: EngineError) async throws -> EngineError? {
    let contexts: [String]
    do { contexts = try await toolbox.kubectl().contexts() } catch is EngineError { return nil }
    guard !contexts.contains(toolbox.target.context) else { return nil }
    guard refusal.obstacle == .context else { return refusal }
    guard contexts.isEmpty, let file = toolbox.absentKubeconfig else {
      var refusal = refusal
      let files = toolbox.kubeconfigFiles.map { SafeText.line($0) }
      if !files.isEmpty { refusal.why = "it is not in \(files.joined(separator: ", "))" }
      return refusal
    }
    return Toolbox.noKubeconfig(
      file,
      fix: toolbox.target.kubeconfig == nil
        ? Toolbox.kubeconfigFix(toolbox.environment) : "Put the file back")
  }

  /// The error if the kubeconfig certainly does not have this context, which is found out without the cluster; nil if it
  /// has it, and for deskrun's own kind cluster, which may be created with it.
  ///
  /// - Throws: `EngineError` if the kubeconfig cannot be used, `CancellationError`.
  package func absentContext() async throws -> EngineError? {
    guard toolbox.target.kindCluster == nil else { return nil }
    let contexts: [String]
    do { contexts = try await toolbox.kubectl().contexts() } catch let error as EngineError {
      // Without kubectl, or if it fails in another way, nothing is known of the context.
      guard case .kubeconfig? = error.obstacle else { return nil }
      throw error
    }
    guard !contexts.contains(toolbox.target.context) else { return nil }
    return try await missingContext(
      EngineError(
        .unreachable, "The kubeconfig has no context \(SafeText.line(toolbox.target.context))",
        fix: "`kubectl config get-contexts` lists those there are", obstacle: .context))
  }

  private func kindState(cluster: String, refusal: EngineError) async throws -> ClusterState {
    do {
      let docker = try toolbox.docker()
      if let problem = try await docker.state().problem { return .dockerUnavailable(problem) }
      guard let node = try await docker.node(container: KindClusterConfiguration.nodeContainer(cluster: cluster)) else {
        return try await isListed(cluster) ? .unreachable(Self.unseen(cluster)) : .absent
      }
      switch node.status {
      case .running: return try await runningState(node, cluster, refusal: refusal, docker)
      case .paused: return .paused
      case .stopped: return .stopped
      }
    } catch let error as EngineError {
      return error.kind == .toolMissing ? .toolMissing(error) : .unreachable(error)
    }
  }

  /// The state of a cluster whose node is running and whose API failed.
  private func runningState(
    _ node: NodeState, _ cluster: String, refusal: EngineError, _ docker: Docker
  ) async throws -> ClusterState {
    let isInCreation = mayBeInCreation && node.isStarted(within: Self.creationTime)
    if !isInCreation, try await Self.isHalfCreated(cluster, docker) { return .halfCreated(Self.halfCreated(cluster)) }
    // kind writes the context at the end of the creation. A cluster that responded in any way has one.
    if !isInCreation, refusal.kind == .unreachable, try await missingContext(refusal) != nil {
      return .contextMissing(
        EngineError(
          .unreachable, "The kubeconfig has no context \(toolbox.target.context)",
          why: "The cluster's node is running; its context was deleted, or is in another kubeconfig",
          fix: Self.addsContext, obstacle: .context))
    }
    return Self.isStartingUp(refusal) && node.isStarted(within: Self.patience)
      ? .starting(refusal) : .unreachable(refusal)
  }

  /// Whether a running node never became a control plane: its creation was interrupted before kubeadm wrote this file.
  package static func isHalfCreated(_ cluster: String, _ docker: Docker) async throws -> Bool {
    let container = KindClusterConfiguration.nodeContainer(cluster: cluster)
    return try await docker.hasFile("/etc/kubernetes/admin.conf", in: container) == false
  }

  /// The error for a cluster whose creation was interrupted before it had an API.
  package static func halfCreated(_ cluster: String) -> EngineError {
    EngineError(
      .unreachable, "The kind cluster \(cluster) is half-created: its creation was interrupted",
      why: "/etc/kubernetes/admin.conf is missing in its node, so its API never starts",
      fix: "`deskrun up` deletes it and creates it again: configuration and caches stay")
  }

  /// Whether an API server fails this way while it starts: no response, or one before its authorization is ready.
  package static func isStartingUp(_ refusal: EngineError) -> Bool {
    [.unreachable, .timedOut, .unauthorized].contains(refusal.kind)
  }

  /// Whether a responding kind cluster has no StorageClass. kind creates it last, so creation was interrupted.
  ///
  /// - Throws: `EngineError` if the cluster cannot be asked.
  package func lacksStorageClass() async throws -> Bool {
    guard let cluster = toolbox.target.kindCluster else { return false }
    let list = try await toolbox.api().json("/apis/storage.k8s.io/v1/storageclasses", timeout: .seconds(15))
    guard list["kind"] == "StorageClassList", list["items"]?.arrayValue?.isEmpty == true else { return false }
    guard mayBeInCreation else { return true }
    let container = KindClusterConfiguration.nodeContainer(cluster: cluster)
    guard let node = try await toolbox.docker().node(container: container) else { return false }
    return !node.isStarted(within: Self.patience)
  }

  /// Whether kind lists a cluster whose node the container engine does not show, as when it uses another engine.
  private func isListed(_ cluster: String) async throws -> Bool {
    guard let kind = try? toolbox.kind() else { return false }
    return try await kind.clusters().contains(cluster)
  }

  /// The error when kind and the container engine disagree.
  package static func unseen(_ cluster: String) -> EngineError {
    EngineError(
      .unreachable, "kind lists the cluster \(cluster), but its node cannot be inspected",
      why: "kind may use another container engine than the one that deskrun asks",
      fix: "Name the engine that kind uses: DESKRUN_DOCKER=podman, or set KIND_EXPERIMENTAL_PROVIDER")
  }
}
