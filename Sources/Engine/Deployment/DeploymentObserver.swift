import ARC
import Basics
import Installations
import Tools

/// Reads what is deployed in the cluster, for plans.
package struct DeploymentObserver: Sendable {
  package let toolbox: Toolbox
  package let owner: String
  /// Whether a deskrun holds the lock for creating clusters: a cluster that looks half-created is then being created.
  package let mayBeInCreation: Bool
  /// The namespaces of the configured releases.
  package let namespaces: ReleaseNamespaces
  /// Whether the identity of the cluster is needed.
  package var identifies = false

  package init(
    toolbox: Toolbox, owner: String, mayBeInCreation: Bool, namespaces: ReleaseNamespaces = ReleaseNamespaces()
  ) {
    (self.toolbox, self.owner, self.mayBeInCreation) = (toolbox, owner, mayBeInCreation)
    self.namespaces = namespaces
  }

  /// Reads what is deployed, without changing anything. If ownership or busy runners cannot be read, the error becomes
  /// the state's `problem`; data that only forecasts need is optional.
  ///
  /// - Throws: only `CancellationError`.
  package func observe() async throws -> DeployedState {
    let inspector = ClusterInspector(toolbox: toolbox, mayBeInCreation: mayBeInCreation)
    let cluster = try await inspector.state()
    var state = DeployedState(cluster: cluster)
    state.namespaces = namespaces
    if case .halfCreated = cluster { state.isHalfCreated = true }
    guard cluster.isReady, let kubectl = try? toolbox.kubectl() else { return state }
    let reader = OwnershipReader(toolbox: toolbox, owner: owner)
    async let controllers = reader.controllers()
    async let sets = reader.scaleSets()
    async let releases = reader.releases(in: namespaces.all)
    async let busy = reader.busyRunners(in: namespaces.all)
    async let own = ownObjects(in: namespaces.all, kubectl)
    async let identity = identifies ? toolbox.clusterIdentity() : nil
    do {
      (state.controllers, state.scaleSets) = try await (controllers, sets)
      state.busy = try await busy
      var listed = try await releases
      state.namespaces.include(state.scaleSets, owner: owner)
      // Namespaces that are no longer in the configuration.
      let further = state.namespaces.all.filter { !namespaces.all.contains($0) }
      if !further.isEmpty {
        listed.merge(try await reader.releases(in: further)) { first, _ in first }
        state.busy += try await reader.busyRunners(in: further)
        state.ownObjects = try await ownObjects(in: further, kubectl)
      }
      var found: [String: HelmRelease] = [:]
      for (namespace, releases) in listed {
        for release in releases
        where release.name != ARCCharts.controllerRelease && state.namespaces.of(release.name) == namespace {
          found[release.name] = release
        }
      }
      let names = state.scaleSets.filter { $0.namespace == state.namespaces.of($0.name) }.map(\.name)
      for name in state.releases.union(found.keys).union(names) {
        state.evidence[name] = try await reader.evidence(
          of: name, in: state.namespaces.of(name), release: found[name], sets: state.scaleSets)
      }
    } catch let error as EngineError {
      state.problem = error
    }
    do {
      state.isHalfCreated = try await inspector.lacksStorageClass()
      if state.isHalfCreated { state.runningPods = try await RunningPods.list(kubectl) }
    } catch let error as EngineError {
      // The API may have just been started; the step that waits for it checks again.
      if state.isHalfCreated { state.problem = state.problem ?? error }
    }
    state.ownObjects.formUnion(try await own)
    state.identity = try await identity
    return state
  }

  /// The names of the Secrets and ConfigMaps created by deskrun.
  private func ownObjects(in namespaces: [String], _ kubectl: Kubectl) async throws -> Set<String> {
    var names: Set<String> = []
    for namespace in namespaces {
      async let secrets = kubectl.tolerantList(Self.ownPath("secrets", namespace))
      async let maps = kubectl.tolerantList(Self.ownPath("configmaps", namespace))
      for object in try await secrets + maps {
        if let name = object["metadata"]?["name"]?.stringValue { names.insert(name) }
      }
    }
    return names
  }

  private static func ownPath(_ plural: String, _ namespace: String) -> String {
    "/api/v1/namespaces/\(namespace)/\(plural)?labelSelector=app.kubernetes.io%2Fmanaged-by%3Ddeskrun"
  }
}

extension Kubectl {
  /// The items of a list; empty if the list cannot be read.
  ///
  /// - Throws: only `CancellationError`.
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
