import ARC
import Basics
import Installations
import Tools

/// Looks at what stands in the cluster, for plans.
package struct DeploymentObserver: Sendable {
  package let toolbox: Toolbox
  /// The identity of the configuration.
  package let owner: String
  /// Whether a deskrun holds the lock under which clusters are created: what looks half-created then is being created.
  package let mayBeInCreation: Bool
  /// In which namespaces the releases of the configuration are.
  package let namespaces: ReleaseNamespaces
  /// Whether something is to be compared with the identity of the cluster, or will be.
  package var identifies = false

  /// Looks through this toolbox.
  package init(
    toolbox: Toolbox, owner: String, mayBeInCreation: Bool, namespaces: ReleaseNamespaces = ReleaseNamespaces()
  ) {
    (self.toolbox, self.owner, self.mayBeInCreation) = (toolbox, owner, mayBeInCreation)
    self.namespaces = namespaces
  }

  /// What stands in the cluster. Changes nothing. What decides whose something is and whose job would be lost is a
  /// `problem` when it cannot be read; what only forecasts need is left out.
  ///
  /// - Throws: `CancellationError` alone.
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
      // Namespaces that the configuration does not name any more.
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
      // An API that has just been started; the step that waits for it looks again.
      if state.isHalfCreated { state.problem = state.problem ?? error }
    }
    state.ownObjects.formUnion(try await own)
    state.identity = try await identity
    return state
  }

  /// The names of the Secrets and ConfigMaps that deskrun made.
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
