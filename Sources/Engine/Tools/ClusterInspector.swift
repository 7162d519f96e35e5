import Basics

/// Finds out how a cluster is, changing nothing.
package struct ClusterInspector: Sendable {
  package let toolbox: Toolbox

  /// Inspects the target of this toolbox.
  package init(toolbox: Toolbox) { self.toolbox = toolbox }

  /// The state of the cluster. Asks the API first: when it answers, nobody else needs to be asked.
  ///
  /// - Throws: `CancellationError` alone; everything else is a state.
  package func state() async throws -> ClusterState {
    let refusal: EngineError
    do {
      let kubectl = try toolbox.kubectl()
      if let version = try await kubectl.serverVersion() { return .ready(version: version) }
      refusal = EngineError(.unreachable, "The cluster \(toolbox.target.context) does not answer")
    } catch let error as EngineError {
      if error.kind == .toolMissing { return .toolMissing(error) }
      refusal = error
    }
    guard let cluster = toolbox.target.kindCluster else { return .unreachable(refusal) }
    return try await kindState(cluster: cluster, refusal: refusal)
  }

  private func kindState(cluster: String, refusal: EngineError) async throws -> ClusterState {
    do {
      let docker = try toolbox.docker()
      if let problem = try await docker.state().problem { return .dockerUnavailable(problem) }
      guard let node = try await docker.node(container: KindClusterConfiguration.nodeContainer(cluster: cluster)) else {
        return try await isListed(cluster) ? .unreachable(Self.unseen(cluster)) : .absent
      }
      switch node.status {
      case .running: return .unreachable(refusal)
      case .paused: return .paused
      case .stopped: return .stopped
      }
    } catch let error as EngineError {
      return error.kind == .toolMissing ? .toolMissing(error) : .unreachable(error)
    }
  }

  /// Whether kind knows a cluster whose node the container engine does not show, as when it uses another engine.
  private func isListed(_ cluster: String) async throws -> Bool {
    guard let kind = try? toolbox.kind() else { return false }
    return try await kind.clusters().contains(cluster)
  }

  /// kind and the container engine contradict each other.
  package static func unseen(_ cluster: String) -> EngineError {
    EngineError(
      .unreachable, "kind lists the cluster \(cluster), but its node cannot be inspected",
      why: "kind may use another container engine than the one that deskrun asks",
      fix: "Name the engine that kind uses: DESKRUN_DOCKER=podman, or set KIND_EXPERIMENTAL_PROVIDER")
  }
}
