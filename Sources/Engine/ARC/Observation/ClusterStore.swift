import Basics
import Kubernetes
import Tools

/// The objects of a cluster as they are now, changed in place as it tells of them. What one change costs does not depend
/// on how many objects there are, but for lists of references that a snapshot shares and that are copied once after it.
struct ClusterStore: Sendable {
  /// The kinds that are watched.
  package enum Kind: Sendable, CaseIterable {
    case pods, runners, scaleSets, controllers
  }

  private var pods = NamedList<Pod> { $0.metadata.name }
  private var ephemeralRunners = NamedList<EphemeralRunner> { $0.metadata.name }
  private var runners = NamedList<Runner> { $0.name }
  private var scaleSets = NamedList<ScaleSet> { $0.metadata.name }
  private var controllers = NamedList<ControllerState>(ClusterStore.key)
  private var jobPods: [String: Set<String>] = [:]
  private var listeners: [String: (pod: String, state: ListenerState)] = [:]
  private var counts: [String: RunnerStateCounts] = [:]
  /// The names told since a list began, by kind, while one is under way.
  private var listed: [Kind: Set<String>] = [:]
  private var complete: Set<Kind> = []
  /// The names of pods that are in another namespace than the scale sets: of the listeners of a controller there.
  private var elsewhere: Set<String> = []
  /// Why those cannot be read.
  private var listenersProblem: EngineError?
  private var listedElsewhere: Set<String>?

  /// Whether every kind has been listed once.
  var isComplete: Bool { complete.count == Kind.allCases.count }

  /// Takes in what the watch of pods tells.
  package mutating func apply(_ events: [WatchEvent<Pod>]) {
    apply(
      events, .pods, name: { $0.metadata.name },
      names: { store in store.pods.elements.map(\.metadata.name).filter { !store.elsewhere.contains($0) } }
    ) {
      // A listener keeps its name when its controller is installed in this namespace.
      $0.elsewhere.remove($1.metadata.name)
      $0.put($1)
    } remove: {
      if !$0.elsewhere.contains($1) { $0.removePod($1) }
    }
  }

  /// Takes in what the watch of listeners tells that are not in the namespace of the scale sets.
  mutating func applyElsewhere(_ events: [WatchEvent<Pod>]) {
    listenersProblem = nil
    for event in events {
      switch event {
      case .listBegins: listedElsewhere = []
      case .put(let pod):
        elsewhere.insert(pod.metadata.name)
        listedElsewhere?.insert(pod.metadata.name)
        put(pod)
      case .gone(let pod):
        if elsewhere.remove(pod.metadata.name) != nil { removePod(pod.metadata.name) }
      case .listEnds:
        for name in elsewhere.subtracting(listedElsewhere ?? elsewhere) {
          elsewhere.remove(name)
          removePod(name)
        }
        listedElsewhere = nil
      }
    }
  }

  /// The listeners in another namespace are not watched any more, because the controller is not there or because they
  /// cannot be read; why.
  mutating func forgetElsewhere(_ problem: EngineError?) {
    for name in elsewhere { removePod(name) }
    (elsewhere, listedElsewhere, listenersProblem) = ([], nil, problem)
  }

  /// A controller that moves to another namespace has the same name there, and may be there before the old one is gone.
  private static func key(_ controller: ControllerState) -> String { "\(controller.name)\0\(controller.namespace)" }

  /// The namespace of the controller; nil while none was seen.
  var controllerNamespace: String? { controllers.elements.first?.namespace }

  /// Takes in what the watch of ephemeral runners tells.
  package mutating func apply(_ events: [WatchEvent<EphemeralRunner>]) {
    apply(events, .runners, name: { $0.metadata.name }, names: { $0.ephemeralRunners.elements.map(\.metadata.name) }) {
      $0.ephemeralRunners.put($1)
      $0.join($1.metadata.name)
    } remove: {
      $0.ephemeralRunners.remove($1)
      if let runner = $0.runners[$1] { $0.count(runner, -1) }
      $0.runners.remove($1)
    }
  }

  /// Takes in what the watch of scale sets tells.
  package mutating func apply(_ events: [WatchEvent<ScaleSet>]) {
    apply(events, .scaleSets, name: { $0.metadata.name }, names: { $0.scaleSets.elements.map(\.metadata.name) }) {
      $0.scaleSets.put($1)
    } remove: {
      $0.scaleSets.remove($1)
    }
  }

  /// Takes in what the watch of controllers tells.
  package mutating func apply(_ events: [WatchEvent<ControllerState>]) {
    apply(events, .controllers, name: Self.key, names: { $0.controllers.elements.map(Self.key) }) {
      $0.controllers.put($1)
    } remove: {
      $0.controllers.remove($1)
    }
  }

  private mutating func apply<Object>(
    _ events: [WatchEvent<Object>], _ kind: Kind, name: (Object) -> String, names: (ClusterStore) -> [String],
    put: (inout ClusterStore, Object) -> Void, remove: (inout ClusterStore, String) -> Void
  ) {
    for event in events {
      switch event {
      case .listBegins: listed[kind] = []
      case .put(let object):
        put(&self, object)
        listed[kind]?.insert(name(object))
      case .gone(let object): remove(&self, name(object))
      case .listEnds:
        if let told = listed.removeValue(forKey: kind) {
          for name in names(self) where !told.contains(name) { remove(&self, name) }
        }
        complete.insert(kind)
      }
    }
  }

  private mutating func put(_ pod: Pod) {
    let name = pod.metadata.name
    pods.put(pod)
    switch pod.role {
    case .runner: join(name)
    case .job(let runner):
      jobPods[runner, default: []].insert(name)
      join(runner)
    case .listener: if let set = pod.metadata.scaleSet { listeners[set] = (name, ListenerState(pod)) }
    case .controller, .other: break
    }
  }

  private mutating func removePod(_ name: String) {
    guard let pod = pods[name] else { return }
    pods.remove(name)
    switch pod.role {
    case .runner: join(name)
    case .job(let runner):
      jobPods[runner]?.remove(name)
      if jobPods[runner]?.isEmpty == true { jobPods[runner] = nil }
      join(runner)
    case .listener:
      // The next listener may be there before the last one is gone.
      if let set = pod.metadata.scaleSet, listeners[set]?.pod == name { listeners[set] = nil }
    case .controller, .other: break
    }
  }

  /// Makes a runner again from its object and pods.
  private mutating func join(_ name: String) {
    guard let object = ephemeralRunners[name] else { return }
    let jobs = jobPods[name].map { $0.sorted().compactMap { pods[$0] } } ?? []
    let runner = Runner(object, pod: pods[name], jobPods: jobs)
    if let former = runners[name] {
      // Much that changes in a pod changes nothing that is shown.
      if former == runner { return }
      count(former, -1)
    }
    count(runner, 1)
    runners.put(runner)
  }

  private mutating func count(_ runner: Runner, _ number: Int) {
    counts[runner.scaleSet, default: .init()].add(runner.state, number)
  }

  /// How things stand.
  package func snapshot(at now: Int64) -> Snapshot {
    var snapshot = Snapshot(
      takenAt: now, controller: controllers.elements.first, scaleSets: scaleSets.elements,
      listeners: listeners.mapValues(\.state), listenerNames: listeners.mapValues(\.pod), runners: runners.elements,
      pods: pods.elements, counts: counts)
    snapshot.listenersProblem = listenersProblem
    return snapshot
  }
}

extension Snapshot {
  /// What is joined and in order already.
  package init(
    takenAt: Int64, controller: ControllerState?, scaleSets: [ScaleSet], listeners: [String: ListenerState],
    listenerNames: [String: String], runners: [Runner], pods: [Pod], counts: [String: RunnerStateCounts]
  ) {
    self.takenAt = takenAt
    self.controller = controller
    self.scaleSets = scaleSets
    self.listeners = listeners
    self.listenerNames = listenerNames
    self.runners = runners
    self.pods = pods
    self.counts = counts
  }
}
