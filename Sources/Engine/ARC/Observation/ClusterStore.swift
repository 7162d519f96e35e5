import Basics
import Kubernetes
import Tools

/// The current objects of a cluster, updated in place from watch events. The cost of a change does not depend on the
/// number of objects, except for arrays of references shared with a snapshot, which are copied once after each
/// snapshot.
struct ClusterStore: Sendable {
  /// The source of a watch: a kind, in one namespace or in all (nil).
  struct Slot: Sendable, Hashable {
    var kind: ObservedKind
    var namespace: String?

    func covers(_ key: ObjectKey) -> Bool { namespace.map { $0 == key.namespace } ?? true }
  }

  private var pods = NamedList<Pod> { $0.metadata.key }
  private var ephemeralRunners = NamedList<EphemeralRunner> { $0.metadata.key }
  private var runners = NamedList<Runner> { $0.key }
  private var scaleSets = NamedList<ScaleSet> { $0.metadata.key }
  private var controllers = NamedList<ControllerState> { $0.key }
  private var jobPods: [ObjectKey: Set<ObjectKey>] = [:]
  private var listeners: [String: (pod: ObjectKey, state: ListenerState)] = [:]
  private var counts: [String: RunnerStateCounts] = [:]
  /// The keys received since the start of a list that is still incomplete.
  private var listed: [Slot: Set<ObjectKey>] = [:]
  private var complete: Set<Slot> = []
  /// Where each kind is read.
  private var places = ObservedPlaces(only: nil)
  private let narrowedTo: String?

  /// - Parameter narrowedTo: the only namespace to observe; nil for all.
  init(narrowedTo: String? = nil) {
    self.narrowedTo = narrowedTo
    places = ObservedPlaces(only: narrowedTo)
  }

  /// Whether everything readable has been listed once.
  var isComplete: Bool {
    places.places.allSatisfy { kind, namespaces in
      namespaces.allSatisfy { complete.contains(Slot(kind: kind, namespace: $0)) }
    }
  }

  /// Reads these places from now on, and removes the objects of all others.
  mutating func read(_ places: ObservedPlaces) {
    guard places != self.places else { return }
    self.places = places
    let slots = places.places.flatMap { kind, namespaces in namespaces.map { Slot(kind: kind, namespace: $0) } }
    complete.formIntersection(slots)
    for kind in ObservedKind.allCases {
      for key in keys(kind) where !slots.contains(where: { $0.kind == kind && $0.covers(key) }) { remove(key, kind) }
    }
  }

  /// Applies events of the watch of pods.
  mutating func apply(_ events: [WatchEvent<Pod>], _ slot: Slot = Slot(kind: .pods)) {
    apply(events, slot, key: { $0.metadata.key }) { $0.put($1) }
  }

  /// Applies events of the watch of ephemeral runners.
  mutating func apply(_ events: [WatchEvent<EphemeralRunner>], _ slot: Slot = Slot(kind: .runners)) {
    apply(events, slot, key: { $0.metadata.key }) {
      $0.ephemeralRunners.put($1)
      $0.join($1.metadata.key)
    }
  }

  /// Applies events of the watch of scale sets.
  mutating func apply(_ events: [WatchEvent<ScaleSet>], _ slot: Slot = Slot(kind: .scaleSets)) {
    apply(events, slot, key: { $0.metadata.key }) { $0.scaleSets.put($1) }
  }

  /// Applies events of the watch of controllers.
  mutating func apply(_ events: [WatchEvent<ControllerState>], _ slot: Slot = Slot(kind: .controllers)) {
    apply(events, slot, key: { $0.key }) { $0.controllers.put($1) }
  }

  private mutating func apply<Object>(
    _ events: [WatchEvent<Object>], _ slot: Slot, key: (Object) -> ObjectKey, put: (inout ClusterStore, Object) -> Void
  ) {
    for event in events {
      switch event {
      case .listBegins: listed[slot] = []
      case .put(let object):
        put(&self, object)
        listed[slot]?.insert(key(object))
      case .gone(let object): remove(key(object), slot.kind)
      case .listEnds:
        if let told = listed.removeValue(forKey: slot) {
          for key in keys(slot.kind) where slot.covers(key) && !told.contains(key) { remove(key, slot.kind) }
        }
        complete.insert(slot)
      }
    }
  }

  /// The keys of the known objects of a kind.
  private func keys(_ kind: ObservedKind) -> [ObjectKey] {
    switch kind {
    case .pods, .jobPods, .controllerPods: pods.elements.filter { $0.list == kind }.map(\.metadata.key)
    case .runners: ephemeralRunners.elements.map(\.metadata.key)
    case .scaleSets: scaleSets.elements.map(\.metadata.key)
    case .controllers: controllers.elements.map(\.key)
    }
  }

  private mutating func remove(_ key: ObjectKey, _ kind: ObservedKind) {
    switch kind {
    case .pods, .jobPods, .controllerPods: removePod(key)
    case .runners:
      ephemeralRunners.remove(key)
      if let runner = runners[key] { count(runner, -1) }
      runners.remove(key)
    case .scaleSets: scaleSets.remove(key)
    case .controllers: controllers.remove(key)
    }
  }

  private mutating func put(_ pod: Pod) {
    let key = pod.metadata.key
    pods.put(pod)
    switch pod.role {
    case .runner: join(key)
    case .job(let runner):
      let runner = ObjectKey(runner, key.namespace)
      jobPods[runner, default: []].insert(key)
      join(runner)
    case .listener: if let set = pod.metadata.scaleSet { listeners[set] = (key, ListenerState(pod)) }
    case .controller, .other: break
    }
  }

  private mutating func removePod(_ key: ObjectKey) {
    guard let pod = pods[key] else { return }
    pods.remove(key)
    switch pod.role {
    case .runner: join(key)
    case .job(let runner):
      let runner = ObjectKey(runner, key.namespace)
      jobPods[runner]?.remove(key)
      if jobPods[runner]?.isEmpty == true { jobPods[runner] = nil }
      join(runner)
    case .listener:
      // The next listener may exist before the previous one is deleted.
      if let set = pod.metadata.scaleSet, listeners[set]?.pod == key { listeners[set] = nil }
    case .controller, .other: break
    }
  }

  /// Recomputes a runner from its object and pods.
  private mutating func join(_ key: ObjectKey) {
    guard let object = ephemeralRunners[key] else { return }
    let jobs = jobPods[key].map { $0.sorted().compactMap { pods[$0] } } ?? []
    let runner = Runner(object, pod: pods[key], jobPods: jobs)
    if let former = runners[key] {
      // Many changes of a pod do not affect the runner.
      if former == runner { return }
      count(former, -1)
    }
    count(runner, 1)
    runners.put(runner)
  }

  private mutating func count(_ runner: Runner, _ number: Int) {
    counts[runner.scaleSet, default: .init()].add(runner.state, number)
  }

  /// A snapshot of the current state.
  package func snapshot(at now: Int64) -> Snapshot {
    var snapshot = Snapshot(
      takenAt: now, controller: controllers.elements.first, scaleSets: scaleSets.elements,
      listeners: listeners.mapValues(\.state), listenerNames: listeners.mapValues(\.pod.name),
      runners: runners.elements,
      pods: pods.elements, counts: counts)
    var places = places
    places.controllerNamespace = snapshot.controllerNamespace ?? places.controllerNamespace
    snapshot.limit(to: places)
    snapshot.narrowedTo = narrowedTo
    return snapshot
  }
}

extension Pod {
  /// The list that the pod is in; a pod that names a runner may be in others as well.
  var list: ObservedKind {
    switch role {
    case .job: .jobPods
    case .controller: .controllerPods
    case .runner, .listener, .other: .pods
    }
  }
}

extension Snapshot {
  /// Creates a snapshot from parts that are already joined and sorted.
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
