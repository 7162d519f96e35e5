import ARC
import Basics
import Installations
import Kubernetes
import Synchronization
import Tools

/// Watches a cluster, archives the logs of its jobs and writes their history, without a screen: `deskrun record`.
package final class JobRecorder: Sendable {
  private struct State {
    var knowledge: ClusterKnowledge
    var news: FindingNews
    var begun: Set<String> = []
    var told: Set<String> = []
    /// Jobs that ended with a still unknown result, and since when.
    var silent: [String: ContinuousClock.Instant] = [:]
    /// Whether the last attempt to write the history failed.
    var hasFailed = false
  }

  /// The time between checks for changes due to time.
  private let interval: Duration
  /// The time between reads of the configuration, which another deskrun may change.
  private static let reading: Duration = .seconds(10)

  private let toolbox: Toolbox
  private let store: ConfigurationStore
  /// Whether other clusters are recorded too.
  private let isOneOfSeveral: Bool
  private let history: JobHistory
  private let writer: HistoryWriter
  private let archive: LogArchive
  private let listenerEnds: ListenerEndsWriter
  private let state: Lock<State>
  private let clock: @Sendable () -> Int64

  /// What it reports.
  package enum Event: Sendable {
    /// The state of the cluster, whenever it changes.
    case cluster(ClusterState)
    /// Why watches report no changes although the cluster responds, whenever that changes; nil once they work.
    case watch(WatchTrouble?)
    /// What the credentials may not read, whenever that changes; nil if nothing.
    case limits(ReadingLimits?)
    /// A job started.
    case began(JobRecord)
    /// A job ended.
    case ended(JobRecord)
    /// A problem appeared or was fixed.
    case finding(FindingNews.Change)
    /// The history or a log cannot be written; it will be retried.
    case problem(EngineError)
  }

  /// Records a cluster into the files of this configuration.
  ///
  /// - Parameters:
  ///   - isOneOfSeveral: whether other clusters are recorded too: a job whose cluster was not recorded is then
  ///     attributed to the cluster of its installation.
  ///   - patience: seconds that a finding must last before it is reported.
  ///   - lockTries: how often to try the lock of the history, every ten milliseconds.
  package init(
    toolbox: Toolbox, store: ConfigurationStore, isOneOfSeveral: Bool = false, patience: Int64 = 3,
    interval: Duration = .seconds(2), lockTries: Int = 500,
    clock: @escaping @Sendable () -> Int64 = SystemTime.secondsSince1970
  ) {
    (self.toolbox, self.store, self.interval, self.clock) = (toolbox, store, interval, clock)
    self.isOneOfSeveral = isOneOfSeveral
    var history = JobHistory(path: store.paths.history)
    history.lockTries = lockTries
    self.history = history
    writer = HistoryWriter(history)
    archive = LogArchive(folder: store.paths.logs)
    listenerEnds = ListenerEndsWriter(path: store.paths.listenerEnds, place: toolbox.target.place)
    state = Lock(
      State(
        knowledge: ClusterKnowledge(
          place: toolbox.target.place, identity: store.owner, namespace: toolbox.narrowedTo),
        news: FindingNews(patience: patience)))
  }

  /// The GitHub host of a scale set; nil if the configuration does not contain it.
  package func host(ofScaleSet name: String) -> String? {
    state.withLock { $0.knowledge.statuses.owner(ofScaleSet: name)?.host }
  }

  /// Records until the task is canceled.
  package func run(_ tell: @escaping @Sendable (Event) -> Void) async throws {
    let api = try toolbox.api()
    let (questions, asked) = AsyncStream.makeStream(of: KnowledgeQuestion.self)
    let (changes, told) = AsyncStream.makeStream(of: [JobRecord].self)
    let learn: @Sendable (KnowledgeEvent) -> Void = { event in self.learn(event, asked, told, tell) }
    let history = history
    let earlier = await OwnThread.value { history.recent() }
    state.withLock { $0.told = Set(earlier.filter { $0.result != .running }.map(\.runner)) }
    learn(.configuration(await configuration()))
    learn(.history(isOneOfSeveral ? own(earlier) : earlier))
    learn(
      .listenerEnds(
        ListenerEndsFile(path: store.paths.listenerEnds).read(toolbox.target.place, now: clock())))
    // Not canceled with the rest, so that everything learned until then is reported.
    let telling = Task { for await jobs in changes { await keep(jobs, tell) } }
    let recorder = LogRecorder(api: api, archive: archive) {
      learn(.mark($0, $1))
    } onProblem: {
      tell(.problem($0))
    }
    let feed = ListenerFeed(api: api) { learn(.listener(scaleSet: $0, $1)) }
    await withTaskGroup(of: Void.self) { group in
      group.addTask { await self.watch(learn, tell) }
      group.addTask { await self.answer(questions, api, recorder, feed, learn) }
      group.addTask { await self.keepTime(learn, tell) }
      await group.waitForAll()
    }
    await recorder.stop()
    await feed.stop()
    listenerEnds.write(now: clock())
    told.finish()
    await telling.value
    await write(tell)
  }

  /// The jobs that ran in this cluster: those recorded for it, or otherwise those of its installations.
  private func own(_ records: [JobRecord]) -> [JobRecord] {
    let (sets, known) = state.withLock { state in
      (
        Set(state.knowledge.configuration.installations.flatMap { $0.scaleSets.map(\.name) }),
        state.knowledge.knownPlaces
      )
    }
    return records.filter { $0.isPlaced(among: known) || sets.contains($0.scaleSet) }
  }

  private func configuration() async -> Result<Configuration, EngineError> {
    await OwnThread.value { [store, toolbox] in
      do throws(EngineError) { return .success(try store.load().on(toolbox.target)) } catch { return .failure(error) }
    }
  }

  /// Watches the cluster.
  private func watch(
    _ learn: @escaping @Sendable (KnowledgeEvent) -> Void, _ tell: @escaping @Sendable (Event) -> Void
  ) async {
    let (observations, news) = AsyncStream.makeStream(of: ClusterObservation.self, bufferingPolicy: .bufferingNewest(1))
    let monitor = ClusterMonitor(toolbox: toolbox)
    await withTaskGroup(of: Void.self) { group in
      group.addTask {
        await monitor.run { news.yield($0) }
        news.finish()
      }
      group.addTask {
        var last: ClusterObservation?
        var limits: ReadingLimits?
        for await observation in observations {
          if observation.cluster != last?.cluster { tell(.cluster(observation.cluster)) }
          let trouble = observation.trouble
          // A different wait is not reported.
          if trouble?.cause != last?.trouble?.cause || trouble?.resource != last?.trouble?.resource {
            tell(.watch(trouble))
          }
          if let snapshot = observation.snapshot, snapshot.limits != limits {
            limits = snapshot.limits
            tell(.limits(limits))
          }
          last = observation
          learn(.observed(observation))
          self.tellUnknown(tell)
        }
      }
      await group.waitForAll()
    }
  }

  /// Answers the questions of the knowledge; streams are started in the order of the questions.
  private func answer(
    _ questions: AsyncStream<KnowledgeQuestion>, _ api: any KubernetesAPI, _ recorder: LogRecorder,
    _ feed: ListenerFeed, _ learn: @escaping @Sendable (KnowledgeEvent) -> Void
  ) async {
    await withDiscardingTaskGroup { group in
      for await question in questions {
        switch question {
        case .listeners(let pods): await feed.follow(pods)
        case .logs(let busy, let suspects): recorder.record(busy: busy, suspects: suspects)
        case .kept(let targets):
          let archive = archive
          group.addTask {
            for (target, mark) in await OwnThread.value({ archive.marks(of: targets) }) { learn(.mark(target, mark)) }
          }
        case .gathering(let request):
          group.addTask { learn(.gathered(await Gathering.read(api, request))) }
        case .desired(let request):
          let paths = store.paths
          group.addTask { learn(.desired(await OwnThread.value { DesiredReport(request, paths: paths) })) }
        case .identity(let note):
          let (toolbox, store) = (toolbox, store)
          group.addTask { await note.write(toolbox, store) }
        // It shows no findings.
        case .keptContexts: break
        case .host(let configuration):
          let (toolbox, paths) = (toolbox, store.paths)
          group.addTask {
            learn(.host(await HostReport(toolbox: toolbox, paths: paths, configuration: configuration)))
          }
        }
      }
      group.cancelAll()
    }
  }

  /// Handles changes due to time, rereads the configuration, and retries failed writes.
  private func keepTime(
    _ learn: @Sendable (KnowledgeEvent) -> Void, _ tell: @escaping @Sendable (Event) -> Void
  ) async {
    var read = ContinuousClock.now
    while !Task.isCancelled {
      try? await Task.sleep(for: interval)
      learn(.time)
      tellUnknown(tell)
      if listenerEnds.isWaiting, listenerEnds.wait == .zero { listenerEnds.write(now: clock()) }
      guard read.duration(to: .now) >= Self.reading else { continue }
      read = .now
      learn(.configuration(await configuration()))
      if writer.isWaiting { await write(tell) }
    }
  }

  /// Writes changed jobs, then reports them.
  private func keep(_ jobs: [JobRecord], _ tell: @Sendable (Event) -> Void) async {
    await write(tell)
    for record in jobs { tell(record.result == .running ? .began(record) : .ended(record)) }
  }

  /// Writes in its own thread, so that a slow disk or a lock held by another program delays nothing else.
  private func write(_ tell: @Sendable (Event) -> Void) async {
    let written = await OwnThread.value { [writer] in Result { () throws(EngineError) in try writer.write() } }
    do throws(EngineError) {
      try written.get()
      state.withLock { $0.hasFailed = false }
    } catch {
      let isNew = state.withLock { state in
        defer { state.hasFailed = true }
        return !state.hasFailed
      }
      if isNew { tell(.problem(error)) }
    }
  }

  private func learn(
    _ event: KnowledgeEvent, _ asked: AsyncStream<KnowledgeQuestion>.Continuation,
    _ told: AsyncStream<[JobRecord]>.Continuation, _ tell: @Sendable (Event) -> Void
  ) {
    let now = clock()
    let (news, jobs, findings) = state.withLock { state -> (KnowledgeNews, [JobRecord], [FindingNews.Change]) in
      state.knowledge.keepTime(now)
      let news = state.knowledge.take(event, at: now)
      // In their order.
      for question in news.questions { asked.yield(question) }
      // Report each job once, and one with an unknown result a moment later.
      let jobs = news.jobs.filter { record in
        switch record.result {
        case .running: record.started != nil && state.begun.insert(record.runner).inserted
        case .unknown: false
        default: state.told.insert(record.runner).inserted
        }
      }
      return (news, jobs, state.news.take(state.knowledge.findings, at: now))
    }
    for change in findings { tell(.finding(change)) }
    listenerEnds.add(news.listenerEnds)
    guard !news.jobs.isEmpty else { return }
    writer.add(news.jobs)
    told.yield(jobs)
  }

  /// Reports jobs that ended some seconds ago and whose result is still unknown.
  private func tellUnknown(_ tell: @Sendable (Event) -> Void) {
    let late = state.withLock { state in
      let unknown = state.knowledge.jobs.ended(since: 0).filter {
        $0.result == .unknown && !state.told.contains($0.runner)
      }
      let former = state.silent
      // Measured here, because the times in the records are from other clocks.
      state.silent = unknown.reduce(into: [:]) { $0[$1.runner] = former[$1.runner] ?? .now }
      let late = unknown.filter { (state.silent[$0.runner] ?? .now).duration(to: .now) > .seconds(5) }
      state.told.formUnion(late.map(\.runner))
      // Runner names are not reused, so old ones can be dropped.
      if state.begun.count > 5000 { state.begun = [] }
      if state.told.count > 5000 { state.told = Set(state.knowledge.jobs.unordered.map(\.runner)) }
      return late
    }
    for record in late { tell(.ended(record)) }
  }
}

extension Snapshot {
  /// The runners whose logs contain jobs. Those whose job has ended but whose pod still exists come first, because it
  /// will soon be deleted.
  package var busyTargets: [LogRecorder.Target] {
    let all = runners.filter(\.keepsLogOfJob)
    return (all.filter { $0.state.job == nil } + all.filter { $0.state.job != nil }).map {
      LogRecorder.Target(runner: $0.name, scaleSet: $0.scaleSet)
    }
  }
}
