import Basics
import Kubernetes
import Tools

/// The state of a cluster at one moment.
package struct Snapshot: Sendable, Equatable {
  /// When it was taken, in seconds since 1970.
  package var takenAt: Int64
  /// The controller, or nil if none was found.
  package var controller: ControllerState?
  /// The scale sets, sorted by name and namespace.
  package var scaleSets: [ScaleSet]
  /// The listener of each scale set, by `ScaleSetID` like all the following dictionaries.
  package var listeners: [String: ListenerState]
  /// The runners, sorted by name.
  package var runners: [Runner]
  /// The pods of runners, jobs, listeners and controllers, sorted by name.
  package var pods: [Pod]
  /// The name of each scale set's listener pod.
  package var listenerNames: [String: String]
  /// The number of runners of each scale set by state.
  package var counts: [String: RunnerStateCounts]
  /// Why the pods of listeners cannot be read; nil if they can.
  package var listenersProblem: EngineError?
  /// What the credentials do not permit deskrun to read; nil if nothing is missing.
  package var limits: ReadingLimits?
  /// The only namespace that was read; nil if not restricted.
  package var narrowedTo: String?

  /// Whether the state of the controller is unknown, because it cannot be read.
  package var hidesController: Bool { controller == nil && limits?.hidesController == true }

  /// The state of a scale set's listener.
  package func listener(of scaleSet: String) -> ListenerState {
    listeners[scaleSet] ?? (listenersProblem == nil ? .absent : .unknown)
  }

  /// The runner of this name.
  package func runner(_ name: String) -> Runner? { runners.named(name) { $0.name } }

  /// The pod of this name.
  package func pod(_ name: String) -> Pod? { pods.named(name) { $0.metadata.name } }

  /// A copy with other states for the named runners.
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

  /// The namespace of the controller and the listeners; nil if unknown or if no controller was found.
  package var controllerNamespace: String? {
    controller.flatMap { $0.namespace.isEmpty ? nil : $0.namespace }
  }

  /// A scale set's listener pod, which has the same name as the listener object.
  package func listenerPod(of scaleSet: String) -> Pod? {
    listenerNames[scaleSet].flatMap(pod)
  }

  /// Replaces the pods of listeners with their current state.
  package mutating func replaceListeners(_ pods: [Pod], at now: Int64) {
    let listeners = pods.filter { $0.role == .listener }
    self.pods = (self.pods.filter { $0.role != .listener } + listeners).sorted { $0.metadata.key < $1.metadata.key }
    (self.listeners, listenerNames) = ([:], [:])
    for pod in listeners {
      guard let set = pod.metadata.scaleSet else { continue }
      (self.listeners[set], listenerNames[set]) = (ListenerState(pod), pod.metadata.name)
    }
  }

  /// Creates a snapshot by joining the objects.
  package init(
    takenAt: Int64, controller: ControllerState?, scaleSets: [ScaleSet], runners: [EphemeralRunner], pods: [Pod]
  ) {
    self.takenAt = takenAt
    self.controller = controller
    self.scaleSets = scaleSets.sorted { $0.metadata.key < $1.metadata.key }
    self.pods = pods.sorted { $0.metadata.key < $1.metadata.key }
    var byName: [ObjectKey: Pod] = [:]
    var jobPods: [ObjectKey: [Pod]] = [:]
    var listeners: [String: ListenerState] = [:]
    listenerNames = [:]
    for pod in pods {
      switch pod.role {
      case .runner: byName[pod.metadata.key] = pod
      case .job(let runner): jobPods[ObjectKey(runner, pod.metadata.namespace), default: []].append(pod)
      case .listener:
        guard let set = pod.metadata.scaleSet else { continue }
        (listeners[set], listenerNames[set]) = (ListenerState(pod), pod.metadata.name)
      case .controller, .other: break
      }
    }
    self.listeners = listeners
    self.runners = runners.map { runner in
      Runner(runner, pod: byName[runner.metadata.key], jobPods: jobPods[runner.metadata.key] ?? [])
    }.sorted { $0.key < $1.key }
    counts = [:]
    for runner in self.runners { counts[runner.scaleSet, default: .init()].add(runner.state, 1) }
  }
}

extension Array {
  /// The element with a name, in an array sorted by name.
  package func named(_ wanted: String, _ name: (Element) -> String) -> Element? {
    var (low, high) = (0, count)
    while low < high {
      let middle = (low + high) / 2
      if name(self[middle]) < wanted { low = middle + 1 } else { high = middle }
    }
    return low < count && name(self[low]) == wanted ? self[low] : nil
  }
}
