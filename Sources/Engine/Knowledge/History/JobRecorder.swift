import ARC
import Basics
import Installations
import Kubernetes
import Synchronization
import Tools

/// Watches a cluster, keeps the logs of its jobs and writes their history, without a screen: `deskrun record`.
package final class JobRecorder: Sendable {
  private struct State {
    var knowledge: ClusterKnowledge
    var news: FindingNews
    var begun: Set<String> = []
    var told: Set<String> = []
    /// Jobs that ended and of which nobody has said how, and since when.
    var silent: [String: ContinuousClock.Instant] = [:]
    /// Whether the last try to write the history failed.
    var hasFailed = false
  }

  /// Time between two looks at what time alone changes.
  private let interval: Duration
  /// Time between two looks at the configuration, which another deskrun may change.
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

  /// What it tells of.
  package enum Event: Sendable {
    /// How the cluster is now, whenever that changes.
    case cluster(ClusterState)
    /// What keeps watches of a cluster that answers from telling what changes, whenever that changes; nil once they work.
    case watch(WatchTrouble?)
    /// What the credentials do not let it see, whenever that changes; nil where that is nothing.
    case limits(ReadingLimits?)
    /// A job began.
    case began(JobRecord)
    /// A job ended.
    case ended(JobRecord)
    /// Something is wrong, or is no more.
    case finding(FindingNews.Change)
    /// The history or a log cannot be written; it is tried again.
    case problem(EngineError)
  }

  /// Records through these programs into the files of this configuration.
  ///
  /// - Parameters:
  ///   - isOneOfSeveral: whether other clusters are recorded too: a job of which nobody noted where it ran is then that
  ///     of the cluster on which its installation lives.
  ///   - patience: seconds that a finding must last to be told.
  ///   - lockTries: how often the lock of the history is tried, with ten milliseconds in between.
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
    listenerEnds = ListenerEndsWriter(path: store.paths.listenerEnds, context: toolbox.target.context)
    state = Lock(
      State(
        knowledge: ClusterKnowledge(context: toolbox.target.context, identity: store.owner),
        news: FindingNews(patience: patience)))
  }

  /// The host of GitHub that a scale set serves; nil for one that the configuration does not know.
  package func host(ofScaleSet name: String) -> String? {
    state.withLock { $0.knowledge.statuses.owner(ofScaleSet: name)?.host }
  }

  /// Records until the task is cancelled.
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
        ListenerEndsFile(path: store.paths.listenerEnds).read(context: toolbox.target.context, now: clock())))
    // Not cancelled with the rest: what was learned until then is told.
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

  /// The jobs that ran in this cluster, as far as anybody noted that, or that its installations have.
  private func own(_ records: [JobRecord]) -> [JobRecord] {
    let sets = state.withLock { state in
      Set(state.knowledge.configuration.installations.flatMap { $0.scaleSets.map(\.name) })
    }
    return records.filter { $0.context != nil || sets.contains($0.scaleSet) }
  }

  private func configuration() async -> Result<Configuration, EngineError> {
    await OwnThread.value { [store, toolbox] in
      do throws(EngineError) { return .success(try store.load().on(toolbox.target)) } catch { return .failure(error) }
    }
  }

  /// Follows the cluster.
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
          // The same trouble with another wait is no news.
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

  /// Finds out what the knowledge asks for, streams in the order in which they were asked for.
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

  /// Looks at what time alone changes, at the configuration, and at what could not be written.
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

  /// Writes what was learned of jobs, and then tells of them.
  private func keep(_ jobs: [JobRecord], _ tell: @Sendable (Event) -> Void) async {
    await write(tell)
    for record in jobs { tell(record.result == .running ? .began(record) : .ended(record)) }
  }

  /// A disk that is slow, or another program that holds the lock, delays nothing else.
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
      // In the order in which they were asked.
      for question in news.questions { asked.yield(question) }
      // Each is told once; an end of which nobody has said how it was, a moment later.
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

  /// Tells of jobs that were seen to have ended some seconds ago and of which nobody has said how.
  private func tellUnknown(_ tell: @Sendable (Event) -> Void) {
    let late = state.withLock { state in
      let unknown = state.knowledge.jobs.ended(since: 0).filter {
        $0.result == .unknown && !state.told.contains($0.runner)
      }
      let former = state.silent
      // Counted here: the times in the records are those of other clocks.
      state.silent = unknown.reduce(into: [:]) { $0[$1.runner] = former[$1.runner] ?? .now }
      let late = unknown.filter { (state.silent[$0.runner] ?? .now).duration(to: .now) > .seconds(5) }
      state.told.formUnion(late.map(\.runner))
      // Names never come again; what is long over need not be remembered.
      if state.begun.count > 5000 { state.begun = [] }
      if state.told.count > 5000 { state.told = Set(state.knowledge.jobs.unordered.map(\.runner)) }
      return late
    }
    for record in late { tell(.ended(record)) }
  }
}

extension Snapshot {
  /// The runners whose logs tell of jobs, as the recorder of logs wants them: those whose job is over and whose pod still
  /// exists, since that is deleted soon, and those that have one.
  package var busyTargets: [LogRecorder.Target] {
    let all = runners.filter(\.keepsLogOfJob)
    return (all.filter { $0.state.job == nil } + all.filter { $0.state.job != nil }).map {
      LogRecorder.Target(runner: $0.name, scaleSet: $0.scaleSet)
    }
  }
}
