import Basics
import Kubernetes
import Tools

/// Everything deskrun knows of a cluster at one moment.
package struct Snapshot: Sendable, Equatable {
  /// When it was taken, in seconds since 1970.
  package var takenAt: Int64
  /// The controller, or nil when there is none.
  package var controller: ControllerState?
  /// The scale sets, by name.
  package var scaleSets: [ScaleSet]
  /// The listener of each scale set.
  package var listeners: [String: ListenerState]
  /// The runners, by name.
  package var runners: [Runner]
  /// All pods of the namespace, by name.
  package var pods: [Pod]
  /// The name of the pod of each scale set's listener.
  package var listenerNames: [String: String]
  /// How many runners of each scale set are in which state.
  package var counts: [String: RunnerStateCounts]
  /// Why the pods of listeners cannot be read, where they are in another namespace than the scale sets; nil where they
  /// can.
  package var listenersProblem: EngineError?

  /// What the listener of a scale set does.
  package func listener(of scaleSet: String) -> ListenerState {
    listeners[scaleSet] ?? (listenersProblem == nil ? .absent : .unknown)
  }

  /// The runner of this name.
  package func runner(_ name: String) -> Runner? { runners.named(name) { $0.name } }

  /// The pod of this name.
  package func pod(_ name: String) -> Pod? { pods.named(name) { $0.metadata.name } }

  /// The same with these runners in these states, by name.
  package func correcting(_ states: [String: RunnerState]) -> Snapshot {
    var corrected = self
    for index in runners.indices {
      let runner = runners[index]
      guard let state = states[runner.name] else { continue }
      corrected.runners[index] = Runner(runner, state: state)
      corrected.counts[runner.scaleSet, default: .init()].add(runner.state, -1)
      corrected.counts[runner.scaleSet, default: .init()].add(state, 1)
    }
    return corrected
  }

  /// The namespace of the controller, where the listeners are too; nil when there is none or it does not say.
  package var controllerNamespace: String? {
    controller.flatMap { $0.namespace.isEmpty ? nil : $0.namespace }
  }

  /// The pod of a scale set's listener, which has the name of its object.
  package func listenerPod(of scaleSet: String) -> Pod? {
    listenerNames[scaleSet].flatMap(pod)
  }

  /// Puts the pods of listeners as they are now in the place of those that were seen before.
  package mutating func replaceListeners(_ pods: [Pod], at now: Int64) {
    let listeners = pods.filter { $0.role == .listener }
    self.pods = (self.pods.filter { $0.role != .listener } + listeners).sorted { $0.metadata.name < $1.metadata.name }
    (self.listeners, listenerNames) = ([:], [:])
    for pod in listeners {
      guard let set = pod.metadata.scaleSet else { continue }
      (self.listeners[set], listenerNames[set]) = (ListenerState(pod), pod.metadata.name)
    }
  }

  /// Joins the parts.
  package init(
    takenAt: Int64, controller: ControllerState?, scaleSets: [ScaleSet], runners: [EphemeralRunner], pods: [Pod]
  ) {
    self.takenAt = takenAt
    self.controller = controller
    self.scaleSets = scaleSets.sorted { $0.metadata.name < $1.metadata.name }
    self.pods = pods.sorted { $0.metadata.name < $1.metadata.name }
    var byName: [String: Pod] = [:]
    var jobPods: [String: [Pod]] = [:]
    var listeners: [String: ListenerState] = [:]
    listenerNames = [:]
    for pod in pods {
      switch pod.role {
      case .runner: byName[pod.metadata.name] = pod
      case .job(let runner): jobPods[runner, default: []].append(pod)
      case .listener:
        guard let set = pod.metadata.scaleSet else { continue }
        (listeners[set], listenerNames[set]) = (ListenerState(pod), pod.metadata.name)
      case .controller, .other: break
      }
    }
    self.listeners = listeners
    self.runners = runners.map { runner in
      Runner(runner, pod: byName[runner.metadata.name], jobPods: jobPods[runner.metadata.name] ?? [])
    }.sorted { $0.name < $1.name }
    counts = [:]
    for runner in self.runners { counts[runner.scaleSet, default: .init()].add(runner.state, 1) }
  }
}

extension Array {
  /// The element of a name, in an array that is in the order of names.
  package func named(_ wanted: String, _ name: (Element) -> String) -> Element? {
    var (low, high) = (0, count)
    while low < high {
      let middle = (low + high) / 2
      if name(self[middle]) < wanted { low = middle + 1 } else { high = middle }
    }
    return low < count && name(self[low]) == wanted ? self[low] : nil
  }
}

/// Takes snapshots.
package struct SnapshotReader: Sendable {
  package let api: any KubernetesAPI
  /// The namespace of the scale sets.
  package let namespace: String

  /// Reads through this API.
  package init(api: any KubernetesAPI, namespace: String = ClusterTarget.namespace) {
    self.api = api
    self.namespace = namespace
  }

  /// Takes a snapshot: the lists are read at the same time.
  ///
  /// - Parameter now: the moment it is taken at, in seconds since 1970.
  /// - Throws: `EngineError` when the cluster does not answer. ARC's kinds missing means that it is not installed.
  package func read(now: Int64) async throws -> Snapshot {
    let arc = "/apis/actions.github.com/v1alpha1/namespaces/\(namespace)"
    async let controllers: [ControllerState] = list(
      "/apis/apps/v1/deployments?labelSelector=app.kubernetes.io%2Fpart-of%3Dgha-rs-controller")
    async let sets = scaleSets()
    async let runners: [EphemeralRunner] = list("\(arc)/ephemeralrunners")
    async let pods: [Pod] = list("/api/v1/namespaces/\(namespace)/pods")
    // A controller makes the listeners in its own namespace, which need not be that of the scale sets.
    var all = try await pods
    var problem: EngineError?
    if let elsewhere = try await controllers.first?.namespace, !elsewhere.isEmpty, elsewhere != namespace {
      do {
        all += try await list("/api/v1/namespaces/\(elsewhere)/pods?\(Self.listeners(of: namespace))")
      } catch let error as EngineError where error.kind == .unauthorized {
        // Who may see the runners need not be allowed to see the controller's namespace.
        problem = error
      }
    }
    var snapshot = try await Snapshot(
      takenAt: now, controller: controllers.first, scaleSets: sets, runners: runners, pods: all)
    snapshot.listenersProblem = problem
    return snapshot
  }

  /// The scale sets alone.
  ///
  /// - Throws: as `read`.
  package func scaleSets(timeout: Duration = .seconds(20)) async throws -> [ScaleSet] {
    try await list("/apis/actions.github.com/v1alpha1/namespaces/\(namespace)/autoscalingrunnersets", timeout)
  }

  /// Selects the pods of the listeners of a namespace's scale sets, wherever they are.
  package static func listeners(of namespace: String) -> String {
    "labelSelector=app.kubernetes.io%2Fcomponent%3Drunner-scale-set-listener%2C"
      + "actions.github.com%2Fscale-set-namespace%3D\(namespace)"
  }

  private func list<Object: ScannedObject>(
    _ path: String, _ timeout: Duration = .seconds(20)
  ) async throws -> [Object] {
    do {
      return try ScannedList<Object>(await api.get(path, timeout: timeout)).items
    } catch let error as EngineError where error.kind == .notFound {
      return []
    }
  }
}
