import Basics
import Kubernetes
import Tools

/// Everything deskrun knows of a cluster at one moment.
package struct Snapshot: Sendable, Equatable {
  /// When it was taken, in seconds since 1970.
  package var takenAt: Int64
  /// The controller, or nil when there is none.
  package var controller: ControllerState?
  /// The scale sets, by name and namespace.
  package var scaleSets: [ScaleSet]
  /// The listener of each scale set, by its `ScaleSetID`, as all that follows.
  package var listeners: [String: ListenerState]
  /// The runners, by name.
  package var runners: [Runner]
  /// The pods of runners, jobs, listeners and controllers, by name.
  package var pods: [Pod]
  /// The name of the pod of each scale set's listener.
  package var listenerNames: [String: String]
  /// How many runners of each scale set are in which state.
  package var counts: [String: RunnerStateCounts]
  /// Why the pods of listeners cannot be read; nil where they can.
  package var listenersProblem: EngineError?
  /// What the credentials do not let deskrun see; nil where that is nothing.
  package var limits: ReadingLimits?
  /// The one namespace that was looked at; nil where it was not narrowed.
  package var narrowedTo: String?

  /// Whether nothing can be said of the controller, because it cannot be read.
  package var hidesController: Bool { controller == nil && limits?.hidesController == true }

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
    self.pods = (self.pods.filter { $0.role != .listener } + listeners).sorted { $0.metadata.key < $1.metadata.key }
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
