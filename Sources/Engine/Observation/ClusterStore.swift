/// The objects of a cluster as they are now, changed in place as it tells of them. What one change costs does not depend
/// on how many objects there are.
struct ClusterStore: Sendable {
  /// The kinds that are watched.
  enum Kind: Sendable, CaseIterable {
    case pods, runners, scaleSets, controllers
  }

  private var pods = NamedList<Pod> { $0.metadata.name }
  private var ephemeralRunners = NamedList<EphemeralRunner> { $0.metadata.name }
  private var runners = NamedList<Runner> { $0.name }
  private var scaleSets = NamedList<ScaleSet> { $0.metadata.name }
  private var controllers: [String: ControllerState] = [:]
  private var jobPods: [String: Set<String>] = [:]
  private var listeners: [String: (pod: String, state: ListenerState)] = [:]
  /// The names told since a list began, by kind, while one is under way.
  private var listed: [Kind: Set<String>] = [:]
  private var complete: Set<Kind> = []

  /// Whether every kind has been listed once.
  var isComplete: Bool { complete.count == Kind.allCases.count }

  /// Takes in what a watch tells.
  mutating func apply(_ events: [WatchEvent], of kind: Kind) {
    for event in events {
      switch event {
      case .listBegins: listed[kind] = []
      case .put(let object):
        let name = put(object, kind)
        listed[kind]?.insert(name)
      case .gone(let object): remove(object["metadata"]?["name"]?.stringValue ?? "", kind)
      case .listEnds:
        if let told = listed.removeValue(forKey: kind) {
          for name in names(kind) where !told.contains(name) { remove(name, kind) }
        }
        complete.insert(kind)
      }
    }
  }

  private func names(_ kind: Kind) -> [String] {
    switch kind {
    case .pods: pods.elements.map(\.metadata.name)
    case .runners: ephemeralRunners.elements.map(\.metadata.name)
    case .scaleSets: scaleSets.elements.map(\.metadata.name)
    case .controllers: Array(controllers.keys)
    }
  }

  private mutating func put(_ object: JSONValue, _ kind: Kind) -> String {
    switch kind {
    case .pods:
      let pod = Pod(object)
      put(pod)
      return pod.metadata.name
    case .runners:
      let runner = EphemeralRunner(object)
      ephemeralRunners.put(runner)
      join(runner.metadata.name)
      return runner.metadata.name
    case .scaleSets:
      let set = ScaleSet(object)
      scaleSets.put(set)
      return set.metadata.name
    case .controllers:
      let name = object["metadata"]?["name"]?.stringValue ?? ""
      controllers[name] = ControllerState(object)
      return name
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

  private mutating func remove(_ name: String, _ kind: Kind) {
    switch kind {
    case .pods:
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
    case .runners:
      ephemeralRunners.remove(name)
      runners.remove(name)
    case .scaleSets: scaleSets.remove(name)
    case .controllers: controllers[name] = nil
    }
  }

  /// Makes a runner anew from its object and pods.
  private mutating func join(_ name: String) {
    guard let runner = ephemeralRunners[name] else { return }
    let jobs = (jobPods[name] ?? []).sorted().compactMap { pods[$0] }
    runners.put(Runner(runner, pod: pods[name], jobPods: jobs))
  }

  /// How things stand.
  func snapshot(at now: Int64) -> Snapshot {
    Snapshot(
      takenAt: now, controller: controllers.min { $0.key < $1.key }?.value, scaleSets: scaleSets.elements,
      listeners: listeners.mapValues(\.state), runners: runners.elements, pods: pods.elements)
  }
}

extension Snapshot {
  /// What is joined and in order already.
  init(
    takenAt: Int64, controller: ControllerState?, scaleSets: [ScaleSet], listeners: [String: ListenerState],
    runners: [Runner], pods: [Pod]
  ) {
    self.takenAt = takenAt
    self.controller = controller
    self.scaleSets = scaleSets
    self.listeners = listeners
    self.runners = runners
    self.pods = pods
  }
}
