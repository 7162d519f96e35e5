import ARC
import Basics
import Tools

/// Looks at what stands in the cluster, for plans.
package struct DeploymentObserver: Sendable {
  package let toolbox: Toolbox
  /// The identity of the configuration.
  package let owner: String
  /// Whether a deskrun holds the lock under which clusters are created: what looks half-created then is being created.
  package let mayBeInCreation: Bool

  /// Looks through this toolbox.
  package init(toolbox: Toolbox, owner: String, mayBeInCreation: Bool) {
    (self.toolbox, self.owner, self.mayBeInCreation) = (toolbox, owner, mayBeInCreation)
  }

  /// What stands in the cluster. Changes nothing. What decides whose something is and whose job would be lost is a
  /// `problem` when it cannot be read; what only forecasts need is left out.
  ///
  /// - Throws: `CancellationError` alone.
  package func observe() async throws -> DeployedState {
    let inspector = ClusterInspector(toolbox: toolbox, mayBeInCreation: mayBeInCreation)
    let cluster = try await inspector.state()
    var state = DeployedState(cluster: cluster)
    if case .halfCreated = cluster { state.isHalfCreated = true }
    guard cluster.isReady, let kubectl = try? toolbox.kubectl() else { return state }
    let reader = OwnershipReader(toolbox: toolbox, owner: owner)
    async let controllers = reader.controllers()
    async let sets = reader.scaleSets()
    async let releases = reader.releases()
    async let busy = reader.busyRunners()
    async let secrets = kubectl.tolerantList(Self.ownPath("secrets"))
    async let templates = kubectl.tolerantList(Self.ownPath("configmaps"))
    do {
      (state.controllers, state.scaleSets) = try await (controllers, sets)
      state.busy = try await busy
      let found = Dictionary(
        try await releases.filter { $0.name != ARCCharts.controllerRelease }.map { ($0.name, $0) },
        uniquingKeysWith: { $1 })
      let names = state.scaleSets.filter { $0.namespace == ClusterTarget.namespace }.map(\.name)
      for name in state.releases.union(found.keys).union(names) {
        state.evidence[name] = try await reader.evidence(of: name, release: found[name], sets: state.scaleSets)
      }
    } catch let error as EngineError {
      state.problem = error
    }
    do {
      state.isHalfCreated = try await inspector.lacksStorageClass()
      if state.isHalfCreated { state.runningPods = try await RunningPods.list(kubectl) }
    } catch let error as EngineError {
      // An API that has just been started; the step that waits for it looks again.
      if state.isHalfCreated { state.problem = state.problem ?? error }
    }
    for object in try await secrets + templates {
      if let name = object["metadata"]?["name"]?.stringValue { state.ownObjects.insert(name) }
    }
    return state
  }

  private static func ownPath(_ plural: String) -> String {
    "/api/v1/namespaces/\(ClusterTarget.namespace)/\(plural)?labelSelector=app.kubernetes.io%2Fmanaged-by%3Ddeskrun"
  }
}

extension Kubectl {
  /// The items of a list, none when they cannot be had.
  ///
  /// - Throws: `CancellationError` alone.
  func tolerantList(_ path: String) async throws -> [JSONValue] {
    do {
      let list = try await json(path, timeout: .seconds(15))
      return list["items"]?.arrayValue ?? []
    } catch let error as CancellationError {
      throw error
    } catch {
      return []
    }
  }
}
