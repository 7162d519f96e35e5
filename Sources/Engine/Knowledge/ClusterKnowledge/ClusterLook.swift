import ARC
import Basics
import Installations
import Kubernetes
import Synchronization
import Tools

/// Looks at a cluster once, for who was not watching: reads what is in it and what the knowledge asks for next, and
/// where runners end too soon or fail, watches for some seconds. What could not be found out in that time is among the
/// gaps of the knowledge.
package struct ClusterLook: Sendable {
  package let toolbox: Toolbox
  package let paths: Paths
  /// The most time that answers to questions, watching included, may take.
  package var limit: Duration = .seconds(5)
  /// The most time that is given to a listener of which it is not known whether it can work, from the beginning of the
  /// answers on.
  package var listenerLimit: Duration = .seconds(5)
  /// Hears what it watches, each time it has looked at that.
  package var onProgress: (@Sendable (String) -> Void)?
  /// What a watch that goes on knows at the moment; nil while it knows nothing, and where there is none. Then the cluster
  /// is asked at each look.
  package var watched: (@Sendable () -> ClusterObservation?)?
  /// What is known after the looks so far.
  package internal(set) var knowledge: ClusterKnowledge
  /// Where the logs of listeners were read up to, by the pod's name and uid.
  private var seams: [String: LogSeam] = [:]
  private var listeners: [String: ListenerPod] = [:]
  private var hasHistory = false
  /// The scale sets of which ends of listeners were kept.
  var kept: Set<String> = []

  /// Looks through these programs and files.
  package init(toolbox: Toolbox, paths: Paths) {
    self.toolbox = toolbox
    self.paths = paths
    knowledge = ClusterKnowledge(
      context: toolbox.target.context, followsChanges: false, identity: ConfigurationStore(paths: paths).owner)
  }

  /// Looks, again where it has looked before: then only what changed is read of logs.
  ///
  /// - Parameter watches: whether to watch for some seconds where runners end too soon or fail.
  /// - Throws: `CancellationError`.
  package mutating func look(_ configuration: Configuration, watches: Bool = true) async throws {
    let now = SystemTime.secondsSince1970()
    let configuration = configuration.on(toolbox.target)
    knowledge.keepTime(now)
    var questions = knowledge.take(.configuration(.success(configuration)), at: now).questions
    let isFirst = !hasHistory
    hasHistory = true
    async let history = isFirst ? Self.history(paths) : nil
    if isFirst {
      let ends = ListenerEndsFile(path: paths.listenerEnds).read(context: knowledge.context, now: now)
      if !ends.isEmpty { knowledge.take(.listenerEnds(ends), at: now) }
      kept = Set(ends.keys)
    }
    async let report =
      questions.contains { if case .host = $0 { true } else { false } }
      ? HostReport(toolbox: toolbox, paths: paths, configuration: configuration) : nil
    async let uid = uid(configuration)
    let (state, result) = try await observation()
    if let history = await history { questions += knowledge.take(.history(history), at: now).questions }
    let moment = SystemTime.secondsSince1970()
    switch result {
    case .success(let snapshot)?:
      knowledge.take(.unread(nil), at: moment)
      questions +=
        knowledge.take(
          .observed(
            ClusterObservation(cluster: state, snapshot: snapshot, heardAt: moment, uid: try await uid)), at: moment
        ).questions
    case .failure(let error)?:
      knowledge.take(.unread(error), at: moment)
      knowledge.take(.observed(ClusterObservation(cluster: state, snapshot: nil)), at: moment)
    case nil: knowledge.take(.observed(ClusterObservation(cluster: state, snapshot: nil)), at: moment)
    }
    guard let api = try? toolbox.api(), knowledge.snapshot != nil, state.isReady else {
      if let report = await report { knowledge.take(.host(report), at: moment) }
      return
    }
    let start = ContinuousClock.now
    let end = start + limit
    // What is answered may lead to another question: jobs that wait, to the events; a failed job, to its log.
    for round in 0..<3 {
      if round == 0 {
        for question in questions { if case .listeners(let pods) = question { listeners = pods } }
        questions.removeAll { if case .listeners = $0 { true } else { false } }
        if !listeners.isEmpty { questions.append(.listeners(listeners)) }
      } else if round == 1, let report = await report {
        // The cluster is not kept waiting for the container engine.
        questions += knowledge.take(.host(report), at: SystemTime.secondsSince1970()).questions
      }
      if questions.isEmpty, round == 0 { continue }
      guard !questions.isEmpty, ContinuousClock.now < end else { break }
      questions = try await answer(questions, api, until: end)
    }
    if watches, !knowledge.unsettledListeners.isEmpty {
      try await watchListeners(api, until: start + listenerLimit)
      keepEnds()
    } else if !recovered.isEmpty {
      keepEnds()
    }
    if watches, knowledge.isUnsettled {
      onProgress?("watching why runners of \(knowledge.unsettled.joined(separator: ", ")) end or fail")
      try await watch(api, until: end)
    }
  }

  /// Says of a cluster that it was not waited for any longer.
  package mutating func giveUp(_ configuration: Configuration, _ why: EngineError) {
    let now = SystemTime.secondsSince1970()
    knowledge.take(.configuration(.success(configuration.on(toolbox.target))), at: now)
    knowledge.take(.observed(ClusterObservation(cluster: .unreachable(why), snapshot: nil)), at: now)
  }

  /// What distinguishes the cluster from others, where something is to be compared with it; nil where not, and where it
  /// cannot be read.
  private func uid(_ configuration: Configuration) async throws -> String? {
    guard configuration.installations.contains(where: { configuration.identity(of: $0.name) != nil }) else {
      return nil
    }
    if let known = watched?() { return known.uid }
    do { return try await toolbox.api().clusterUID() } catch is EngineError { return nil }
  }

  private func observation() async throws -> (ClusterState, Result<Snapshot, EngineError>?) {
    guard let known = watched?() else { return try await Self.observe(toolbox) }
    return (known.cluster, known.cluster.isReady ? known.snapshot.map { .success($0) } : nil)
  }

  /// How the cluster is and what is in it. Both are asked at once: most of the time it answers.
  private static func observe(_ toolbox: Toolbox) async throws -> (ClusterState, Result<Snapshot, EngineError>?) {
    async let reading = read(toolbox)
    let state = try await ClusterInspector(toolbox: toolbox).state()
    guard state.isReady else { return (state, nil) }
    return (state, try await reading)
  }

  private static func read(_ toolbox: Toolbox) async throws -> Result<Snapshot, EngineError> {
    do {
      return .success(
        try await SnapshotReader(toolbox: toolbox).read(now: SystemTime.secondsSince1970()))
    } catch let error as EngineError { return .failure(error) }
  }

  private static func history(_ paths: Paths) async -> [JobRecord] {
    let path = paths.history
    return await OwnThread.value { JobHistory(path: path).recent() }
  }

  // MARK: Answers

  /// What was found out, with where the log it comes from was read up to.
  struct Answer: Sendable {
    var events: [KnowledgeEvent]
    var seam: (pod: String, seam: LogSeam)?
  }

  /// The most questions that are asked at once: each is a process.
  private static let width = 8

  /// Finds out what was asked, as much as fits into the time.
  ///
  /// - Returns: what is to be asked next.
  private mutating func answer(
    _ questions: [KnowledgeQuestion], _ api: any KubernetesAPI, until end: ContinuousClock.Instant
  ) async throws -> [KnowledgeQuestion] {
    let jobs = questions.flatMap { work(for: $0, api) }
    var answers: [Answer] = []
    var isLate = false
    try await withThrowingTaskGroup(of: Answer?.self) { group in
      group.addTask {
        try? await Task.sleep(until: end, clock: .continuous)
        return nil
      }
      var waiting = jobs[...]
      for job in waiting.prefix(Self.width) { group.addTask { await job() } }
      waiting = waiting.dropFirst(Self.width)
      var open = jobs.count
      while open > 0, let answer = try await group.next() {
        // The time is over: what is under way is given up and says so.
        guard let answer else {
          isLate = true
          group.cancelAll()
          open -= waiting.count
          waiting = []
          continue
        }
        answers.append(answer)
        open -= 1
        if let next = waiting.popFirst() { group.addTask { await next() } }
      }
      group.cancelAll()
    }
    try Task.checkCancellation()
    let now = SystemTime.secondsSince1970()
    var next: [KnowledgeQuestion] = []
    for answer in answers {
      if let (pod, seam) = answer.seam { seams[pod] = seam }
      for event in answer.events { next += knowledge.take(event, at: now).questions }
    }
    if isLate {
      for set in listeners.keys.sorted() where knowledge.queues[set] == nil && knowledge.unheard[set] == nil {
        knowledge.take(.unheard(scaleSet: set, Self.late), at: now)
      }
    }
    return next
  }

  private static let late = EngineError(.timedOut, "No answer in time")

  private func work(for question: KnowledgeQuestion, _ api: any KubernetesAPI) -> [@Sendable () async -> Answer] {
    switch question {
    case .listeners(let pods):
      return pods.sorted { $0.key < $1.key }.map { scaleSet, pod in
        let seam = seams[Self.key(pod)]
        return { await Self.listen(to: pod, of: scaleSet, seam, api) }
      }
    case .logs(_, let suspects):
      return suspects.map { target in { Answer(events: await Self.hints(in: target, api)) } }
    case .kept(let targets):
      let archive = LogArchive(folder: paths.logs)
      return [{ Answer(events: await OwnThread.value { archive.marks(of: targets).map { .mark($0, $1) } }) }]
    case .gathering(let request):
      return [{ Answer(events: [.gathered(await Gathering.read(api, request))]) }]
    case .desired(let request):
      let paths = paths
      return [{ Answer(events: [.desired(await OwnThread.value { DesiredReport(request, paths: paths) })]) }]
    // A look changes nothing; the host was asked before the cluster.
    case .host, .identity: return []
    }
  }

  static func listen(
    to pod: ListenerPod, of scaleSet: String, _ former: LogSeam?, _ api: any KubernetesAPI
  ) async -> Answer {
    var seam = former ?? LogSeam()
    if former != nil { seam.rejoin() }
    let request = LogRequest(
      pod: pod.name, namespace: pod.namespace, container: "listener", tail: former == nil ? 1000 : nil,
      since: seam.since)
    do {
      let lines = seam.admit(try await api.get(request.path, timeout: .seconds(15)).split(separator: 0x0A))
      return Answer(
        events: [.listener(scaleSet: scaleSet, lines.compactMap(ListenerLog.fact))], seam: (key(pod), seam))
    } catch {
      return Answer(events: [.unheard(scaleSet: scaleSet, error as? EngineError ?? late)])
    }
  }

  /// What the log of a runner says of why it does not work.
  static func hints(in target: LogRecorder.Target, _ api: any KubernetesAPI) async -> [KnowledgeEvent] {
    let request = LogRequest(pod: target.runner, namespace: target.namespace, container: "runner", tail: 100)
    // It may be gone already; the next one is asked then.
    guard let bytes = try? await api.get(request.path, timeout: .seconds(5)), !bytes.isEmpty else { return [] }
    return [.read(target)] + bytes.split(separator: 0x0A).compactMap(LogHint.find).map { .mark(target, .hint($0)) }
  }

  private static func key(_ pod: ListenerPod) -> String { "\(pod.name)/\(pod.uid)" }
}
