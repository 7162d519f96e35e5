import ARC
import Basics
import Installations
import Kubernetes
import Synchronization
import Tools

/// Reads a cluster once, for commands that do not watch it: the objects, and then what the knowledge requests. If
/// runners fail or end too soon, it also watches for some seconds. What could not be found out in that time is recorded
/// as a gap of the knowledge.
package struct ClusterLook: Sendable {
  package let toolbox: Toolbox
  package let paths: Paths
  /// The maximum time for answering questions, including watching.
  package var limit: Duration = .seconds(5)
  /// The maximum time for watching a listener that is not known to work, counted from the start of the answers.
  package var listenerLimit: Duration = .seconds(5)
  /// Whether to find out which other contexts lead to the cluster if this one fails or means another: it is looked at
  /// alone.
  package var asksOtherContexts = true
  /// Called with what it is watching, after each check.
  package var onProgress: (@Sendable (String) -> Void)?
  /// The current observation of a running watch; nil while it has none. Without a watch, each look reads the cluster.
  package var watched: (@Sendable () -> ClusterObservation?)?
  /// The result of the looks so far.
  package internal(set) var knowledge: ClusterKnowledge
  /// How far the logs of listeners were read, by the pod's name and uid.
  private var seams: [String: LogSeam] = [:]
  private var listeners: [String: ListenerPod] = [:]
  private var hasHistory = false
  /// The scale sets for which exits of listeners are stored.
  var kept: Set<String> = []

  package init(toolbox: Toolbox, paths: Paths) {
    self.toolbox = toolbox
    self.paths = paths
    knowledge = ClusterKnowledge(
      place: toolbox.target.place, followsChanges: false, identity: ConfigurationStore(paths: paths).owner,
      namespace: toolbox.narrowedTo)
  }

  /// Reads the cluster. A further call reads only the new lines of logs.
  ///
  /// - Parameter watches: whether to watch for some seconds if runners fail or end too soon.
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
      let ends = ListenerEndsFile(path: paths.listenerEnds).read(knowledge.place, now: now)
      if !ends.isEmpty { knowledge.take(.listenerEnds(ends), at: now) }
      kept = Set(ends.keys)
    }
    async let report =
      questions.contains { if case .host = $0 { true } else { false } }
      ? HostReport(toolbox: toolbox, paths: paths, configuration: configuration) : nil
    let (state, result, uid) = try await observed(configuration)
    if let history = await history { questions += knowledge.take(.history(history), at: now).questions }
    let moment = SystemTime.secondsSince1970()
    switch result {
    case .success(let snapshot)?:
      knowledge.take(.unread(nil), at: moment)
      questions +=
        knowledge.take(
          .observed(
            ClusterObservation(cluster: state, snapshot: snapshot, heardAt: moment, uid: uid)), at: moment
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
    // An answer may lead to another question: queued jobs to the events, a failed job to its log.
    for round in 0..<3 {
      if round == 0 {
        for question in questions { if case .listeners(let pods) = question { listeners = pods } }
        questions.removeAll { if case .listeners = $0 { true } else { false } }
        if !listeners.isEmpty { questions.append(.listeners(listeners)) }
      } else if round == 1, let report = await report {
        // The container engine is queried concurrently, so that it does not delay the cluster.
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

  /// Records that the cluster did not respond in the available time.
  package mutating func giveUp(_ configuration: Configuration, _ why: EngineError) {
    let now = SystemTime.secondsSince1970()
    knowledge.take(.configuration(.success(configuration.on(toolbox.target))), at: now)
    knowledge.take(.observed(ClusterObservation(cluster: .unreachable(why), snapshot: nil)), at: now)
  }

  /// The uid of the cluster, if an installation's identity has to be compared with it, including those configured on
  /// other contexts, which may point to this cluster too; nil if not, or if it cannot be read.
  private func uid(_ configuration: Configuration) async throws -> String? {
    guard configuration.all.contains(where: { configuration.identity(of: $0.name) != nil }) else {
      return nil
    }
    if let known = watched?() { return known.uid }
    do { return try await toolbox.api().clusterUID() } catch is EngineError { return nil }
  }

  /// The cluster's state, contents and uid; and if they show that the context fails or means another cluster, which
  /// other ones lead to its own.
  private mutating func observed(
    _ configuration: Configuration
  ) async throws -> (ClusterState, Result<Snapshot, EngineError>?, String?) {
    let look = self
    @Sendable func read() async throws -> (ClusterState, Result<Snapshot, EngineError>?, String?) {
      async let uid = look.uid(configuration)
      let (state, result) = try await look.observation()
      guard case .success? = result else { return (state, result, nil) }
      return (state, result, try await uid)
    }
    let names = configuration.installations.map(\.name)
    guard asksOtherContexts, !names.allSatisfy({ configuration.otherContexts(of: $0).isEmpty }) else {
      return try await read()
    }
    let (answer, kept) = try await Meanwhile.value(read) { state, _, uid in
      state.isOutOfReach
        || !configuration.onOtherClusters(uid.map { ClusterIdentity(uid: $0, server: nil) }).isEmpty
    } _: {
      try await look.toolbox.keptContexts(of: names, configuration)
    }
    knowledge.take(.keptContexts(kept ?? [:]), at: knowledge.now)
    return answer
  }

  private func observation() async throws -> (ClusterState, Result<Snapshot, EngineError>?) {
    guard let known = watched?() else { return try await Self.observe(toolbox) }
    return (known.cluster, known.cluster.isReady ? known.snapshot.map { .success($0) } : nil)
  }

  /// The cluster's state and contents, read concurrently, because it usually responds.
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

  /// The result of a question, with how far a log was read for it.
  struct Answer: Sendable {
    var events: [KnowledgeEvent]
    var seam: (pod: String, seam: LogSeam)?
  }

  /// The maximum number of concurrent questions; each needs a process.
  private static let width = 8

  /// Answers questions, as many as possible in the time.
  ///
  /// - Returns: the next questions.
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
        // The time is over: cancel unfinished questions, and record that they were not answered.
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
    // A look writes nothing, and the others were already answered.
    case .host, .identity, .keptContexts: return []
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

  /// The reasons in a runner's log why it does not work.
  static func hints(in target: LogRecorder.Target, _ api: any KubernetesAPI) async -> [KnowledgeEvent] {
    let request = LogRequest(pod: target.runner, namespace: target.namespace, container: "runner", tail: 100)
    // It may have been deleted already; then the next one is read.
    guard let bytes = try? await api.get(request.path, timeout: .seconds(5)), !bytes.isEmpty else { return [] }
    return [.read(target)] + bytes.split(separator: 0x0A).compactMap(LogHint.find).map { .mark(target, .hint($0)) }
  }

  private static func key(_ pod: ListenerPod) -> String { "\(pod.name)/\(pod.uid)" }
}
