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
  package private(set) var knowledge: ClusterKnowledge
  /// Where the logs of listeners were read up to, by the pod's name and uid.
  private var seams: [String: LogSeam] = [:]
  private var listeners: [String: ListenerPod] = [:]
  private var hasHistory = false
  /// The scale sets of which ends of listeners were kept.
  private var kept: Set<String> = []

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
  private struct Answer: Sendable {
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

  private static func listen(
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
  private static func hints(in target: LogRecorder.Target, _ api: any KubernetesAPI) async -> [KnowledgeEvent] {
    let request = LogRequest(pod: target.runner, namespace: target.namespace, container: "runner", tail: 100)
    // It may be gone already; the next one is asked then.
    guard let bytes = try? await api.get(request.path, timeout: .seconds(5)), !bytes.isEmpty else { return [] }
    return [.read(target)] + bytes.split(separator: 0x0A).compactMap(LogHint.find).map { .mark(target, .hint($0)) }
  }

  private static func key(_ pod: ListenerPod) -> String { "\(pod.name)/\(pod.uid)" }

  // MARK: Watching listeners

  /// Time between two looks at listeners: one that cannot work exists for two seconds of three.
  private static let listenerInterval: Duration = .milliseconds(200)

  /// Looks at listeners until it is known of each whether it can work, or the time is over.
  private mutating func watchListeners(_ api: any KubernetesAPI, until end: ContinuousClock.Instant) async throws {
    let former = knowledge.unsettledListeners
    let namespace = knowledge.snapshot?.controllerNamespace ?? ClusterTarget.namespace
    async let log = Gathering.controllerLog(api, .seconds(5))
    if let log = try? await log {
      var ends: [String: [ListenerHealth.End]] = [:]
      let now = SystemTime.secondsSince1970()
      let lines = ControllerLog.lines(of: log)
      let shared = knowledge.snapshot?.sharedNames ?? []
      for set in former where !shared.contains(ScaleSetID.name(set)) {
        ends[set] = ControllerLog.listenerEnds(lines: lines, scaleSet: set).filter {
          now - $0.at < ListenerEndsFile.freshness
        }
      }
      knowledge.take(.listenerEnds(ends), at: now)
    }
    // Those that follow each other have one name: the log can be asked for without knowing which of them exists.
    var named = knowledge.snapshot?.listenerPods ?? [:]
    while !knowledge.unsettledListeners.isEmpty, ContinuousClock.now < end {
      onProgress?(Self.progress(knowledge))
      let unsettled = Set(knowledge.unsettledListeners)
      let wanted = named.filter { unsettled.contains($0.key) }
      async let heard = Self.hear(wanted, api)
      let pods: [Pod]
      // An answer that was long in coming tells of when it was asked for.
      let asked = SystemTime.secondsSince1970()
      do { pods = try await Self.listenerPods(api, in: namespace) } catch is EngineError { return }
      knowledge.take(.listenerPods(pods), at: asked)
      for event in await heard { knowledge.take(event, at: SystemTime.secondsSince1970()) }
      for pod in pods where pod.role == .listener {
        if let set = pod.metadata.scaleSet {
          named[set] = ListenerPod(
            name: pod.metadata.name, uid: pod.metadata.uid, namespace: pod.metadata.namespace)
        }
      }
      guard !knowledge.unsettledListeners.isEmpty else { return }
      try await Task.sleep(for: Self.listenerInterval)
      knowledge.take(.time, at: SystemTime.secondsSince1970())
    }
  }

  /// What these listeners say, all asked at once. That one is not there at the moment says nothing.
  private static func hear(_ pods: [String: ListenerPod], _ api: any KubernetesAPI) async -> [KnowledgeEvent] {
    await withTaskGroup(of: [KnowledgeEvent].self) { group in
      for (scaleSet, pod) in pods { group.addTask { await listen(to: pod, of: scaleSet, nil, api).events } }
      return await group.reduce(into: []) { $0 += $1 }.filter { event in
        if case .unheard(_, let error) = event { error.kind == .unauthorized } else { true }
      }
    }
  }

  private static func listenerPods(_ api: any KubernetesAPI, in namespace: String) async throws -> [Pod] {
    let path =
      "/api/v1/namespaces/\(namespace)/pods?labelSelector=app.kubernetes.io%2Fcomponent%3Drunner-scale-set-listener"
    return try ScannedList<Pod>(await api.get(path, timeout: .seconds(5))).items
  }

  private static func progress(_ knowledge: ClusterKnowledge) -> String {
    let parts = knowledge.unsettledListeners.map { set -> String in
      guard let health = knowledge.listeners[set], let created = health.created else {
        return "the listener of \(set), which does not exist now"
      }
      return "the listener of \(set), \(DurationText.short(seconds: max(0, knowledge.now - created))) old"
        + (health.hasSession ? "" : ", no session yet")
    }
    return "watching " + parts.joined(separator: "; ")
  }

  /// What was seen helps the next command; that it cannot be kept is not worth a message.
  private func keepEnds() {
    let ends = knowledge.listeners.mapValues(\.ends).filter { !$0.value.isEmpty }
    try? ListenerEndsFile(path: paths.listenerEnds).add(
      ends, recovered: recovered, context: knowledge.context, now: SystemTime.secondsSince1970())
  }

  /// The scale sets with a listener that has worked since those ended that were kept.
  private var recovered: Set<String> {
    kept.filter { set in knowledge.listeners[set].map { $0.hasWorked && $0.ends.isEmpty } ?? false }
  }

  // MARK: Watching

  /// Watches until why runners end or fail was seen, or the time is over.
  private mutating func watch(_ api: any KubernetesAPI, until end: ContinuousClock.Instant) async throws {
    let (events, sink) = AsyncStream.makeStream(of: KnowledgeEvent.self)
    let monitor = ClusterMonitor(toolbox: toolbox)
    let latest = Latest(knowledge.observation)
    await withTaskGroup(of: Void.self) { group in
      defer { group.cancelAll() }
      // What was read already is known until all of it is there again.
      group.addTask {
        await monitor.run { observation in
          guard observation.snapshot != nil else { return }
          latest.value.withLock { $0 = observation }
          sink.yield(.observed(observation))
        }
      }
      // That something stays as it is can be the finding.
      group.addTask {
        while !Task.isCancelled {
          try? await Task.sleep(for: .milliseconds(500))
          if let observation = latest.value.withLock({ $0 }) { sink.yield(.observed(observation)) }
        }
      }
      group.addTask {
        try? await Task.sleep(until: end, clock: .continuous)
        sink.finish()
      }
      for await event in events {
        for question in knowledge.take(event, at: SystemTime.secondsSince1970()).questions {
          guard case .logs(_, let suspects) = question else { continue }
          for target in suspects where knowledge.memory.hints(of: target.runner).isEmpty {
            group.addTask { for event in await Self.hints(in: target, api) { sink.yield(event) } }
          }
        }
        if !knowledge.isUnsettled { break }
      }
    }
    try Task.checkCancellation()
  }
}

extension LogArchive {
  /// What kept logs say of the jobs of runners that are gone: how they ended and why.
  package func marks(of targets: [LogRecorder.Target]) -> [(LogRecorder.Target, LogRecorder.Mark)] {
    targets.flatMap { target -> [(LogRecorder.Target, LogRecorder.Mark)] in
      guard let bytes = read(scaleSet: target.scaleSet, runner: target.runner, limit: 256 << 10) else { return [] }
      var marks: [LogRecorder.Mark] = []
      for line in bytes.split(separator: 0x0A) {
        if let mark = LogRecorder.mark(line) { marks.append(mark) }
        if let hint = LogHint.find(in: line), !marks.contains(.hint(hint)) { marks.append(.hint(hint)) }
      }
      return marks.map { (target, $0) }
    }
  }
}

/// The observation that came last.
private final class Latest: Sendable {
  let value: Lock<ClusterObservation?>

  init(_ first: ClusterObservation?) { value = Lock(first) }
}
