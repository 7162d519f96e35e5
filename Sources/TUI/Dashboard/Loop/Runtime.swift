import DashboardCore
import Engine
import Synchronization
import TerminalKit

/// Carries out effects. It belongs to the thread of the screen; the work itself is done elsewhere, and what comes of it
/// arrives in the mailbox.
final class DashboardRuntime {
  private let services: DashboardServices
  private let mailbox: Mailbox<Message>
  private let monitor: ClusterMonitor
  private let archive: LogArchive
  private var feed: ListenerFeed?
  private var keeping: Task<Void, Never>?
  /// Reads what was kept of logs, one after the other.
  private var recalling: Task<Void, Never>?
  private let historyFailed = Once()
  private let learned: HistoryWriter
  private let listenerEnds: ListenerEndsWriter
  private var keepingEnds: Task<Void, Never>?
  private var recorder: LogRecorder?
  private var background: [Task<Void, Never>] = []
  private var plans: [Int: Task<Void, Never>] = [:]
  /// Where the answers to the questions of plans go.
  private var answers: [Int: AsyncStream<Bool>.Continuation] = [:]
  private var latest: [String: Task<Void, Never>] = [:]
  private var log: LogFollowing?
  private var events: Task<Void, Never>?
  private var lastInterface: InterfaceState?
  /// What was remembered when this dashboard started.
  private var firstInterface = InterfaceState()

  package init(services: DashboardServices, mailbox: Mailbox<Message>) {
    self.services = services
    self.mailbox = mailbox
    monitor = ClusterMonitor(toolbox: services.toolbox)
    archive = LogArchive(folder: services.paths.logs)
    learned = HistoryWriter(JobHistory(path: services.paths.history))
    listenerEnds = ListenerEndsWriter(
      path: services.paths.listenerEnds, context: services.toolbox.target.context)
  }

  /// Begins to watch the cluster and the configuration.
  package func start() {
    firstInterface = TextFile.read(services.paths.interface).map(InterfaceState.init) ?? InterfaceState()
    let (monitor, mailbox) = (monitor, mailbox)
    background.append(Task { await monitor.run { mailbox.post(.observed($0)) } })
    let stamp = FileStamp(of: [services.paths.configuration])
    perform(.loadConfiguration)
    perform(.loadHistory)
    let (store, path, target) = (services.store, services.paths.configuration, services.toolbox.target)
    background.append(
      Task {
        for await configuration in ConfigurationWatch(store: store, target: target, path: path, known: stamp).changes {
          mailbox.post(.configuration(configuration))
        }
      })
  }

  /// Ends everything and tells when it has ended: no program of ours outlives the dashboard.
  ///
  /// - Parameter shell: what else is to be ended.
  func stop(with shell: Task<Void, Never>? = nil) {
    remember()
    var tasks = background + Array(plans.values) + Array(latest.values)
    if let events { tasks.append(events) }
    if let shell { tasks.append(shell) }
    if let recalling { tasks.append(recalling) }
    if let keepingEnds { tasks.append(keepingEnds) }
    for task in tasks { task.cancel() }
    log?.stop()
    let pipe = services.toolbox.pipe
    let (log, recorder, feed, mailbox, all) = (log, recorder, feed, mailbox, tasks + [keeping].compactMap { $0 })
    Task {
      await recorder?.stop()
      await feed?.stop()
      await log?.ended()
      for task in all { await task.value }
      await pipe?.close()
      mailbox.post(.allEnded)
    }
  }

  func perform(_ effect: Effect) {
    let services = services
    let mailbox = mailbox
    switch effect {
    case .loadConfiguration:
      replace("configuration") {
        mailbox.post(.configuration(ConfigurationWatch.load(services.store, services.toolbox.target)))
      }
    case .retryCluster: monitor.retryNow()
    case .examine:
      replace("examine") {
        let doctor = Doctor(
          toolbox: services.toolbox, store: services.store, credentials: services.deployer.credentials)
        mailbox.post(.checked((try? await doctor.examine()) ?? []))
      }
    case .followLog(let target, let request, let sources): follow(target, request, sources)
    case .watchEvents(let namespaces):
      events?.cancel()
      events = namespaces.map { namespaces in
        Task {
          await EventFeed(toolbox: services.toolbox, namespaces: namespaces).run { mailbox.post(.events($0)) }
        }
      }
    case .find(let question): find(question)
    case .keep(let records): keep(records)
    case .keepListenerEnds(let ends): keep(ends)
    case .loadHistory:
      let history = JobHistory(path: services.paths.history)
      replace("history") { mailbox.post(.history(history.recent())) }
    case .fetchYAML(let kind, let name, let namespace, let title, let request):
      replace("yaml") {
        let result = await Self.yaml(services, kind: kind, name: name, namespace: namespace, title: title)
        mailbox.post(.document(request: request, result))
      }
    case .preview(let wanted, let request):
      replace("preview", after: .milliseconds(250)) {
        let result = await Self.result { try await services.preview(wanted) }
        mailbox.post(.preview(request: request, result))
      }
    case .checkCredential(let credentials, let host, let request):
      replace("credential", after: .milliseconds(250)) {
        let result = await Self.result {
          try await services.deployer.credentials.find(credentials, host: host).warnings
        }
        mailbox.post(.credential(request: request, result))
      }
    case .awaitScaling(let name, let press):
      replace("scaling \(name)", after: .milliseconds(700)) { mailbox.post(.scalingSettled(name, press: press)) }
    case .complete(let path, let request):
      replace("complete") {
        mailbox.post(
          .completions(
            request: request, PathCompletion.paths(path, home: services.paths.userHome, folder: services.folder)))
      }
    case .measureCaches(let name): measureCaches(name)
    case .run(let request, let activity): run(request, activity)
    case .cancel(let activity): plans[activity]?.cancel()
    case .answer(let activity, let isYes): answers[activity]?.yield(isYes)
    case .open(let link): open(link)
    case .save(let text, let path): save(text, path)
    case .remember(let state): lastInterface = state
    case .quit, .suspend, .redraw, .bell, .copy, .saveScreen, .shell: break
    }
  }

  /// One task of a name: a new one takes the place of the last, so only the newest answer comes.
  private func replace(_ name: String, after delay: Duration? = nil, _ body: @escaping @Sendable () async -> Void) {
    latest[name]?.cancel()
    latest[name] = Task {
      if let delay { try? await Task.sleep(for: delay) }
      if !Task.isCancelled { await body() }
    }
  }

  private static func result<Value: Sendable>(
    _ body: @Sendable () async throws -> Value
  ) async -> Result<Value, EngineError> {
    do { return .success(try await body()) } catch let error as EngineError { return .failure(error) } catch {
      return .failure(EngineError(.interrupted, "It was stopped"))
    }
  }

  // MARK: Logs

  private func follow(_ target: LogTarget?, _ request: Int, _ sources: [LogSource]) {
    guard target != nil else {
      log?.stop()
      log = nil
      return
    }
    if let log, log.request == request { return log.update(sources) }
    log?.stop()
    log = LogFollowing(request: request, services: services, archive: archive, mailbox: mailbox)
    log?.update(sources)
  }

  private func record(busy: [LogRecorder.Target], suspects: [LogRecorder.Target]) {
    if recorder == nil, let api = try? services.toolbox.api() {
      let mailbox = mailbox
      recorder = LogRecorder(api: api, archive: archive) { target, mark in
        mailbox.post(.jobMark(target, mark))
      } onProblem: {
        mailbox.post(.notKept($0))
      }
    }
    recorder?.record(busy: busy, suspects: suspects)
  }

  private func listen(_ pods: [String: ListenerPod]) {
    if feed == nil, let api = try? services.toolbox.api() {
      let mailbox = mailbox
      feed = ListenerFeed(api: api) { mailbox.post(.listener(scaleSet: $0, $1)) }
    }
    guard let feed else { return }
    Task { await feed.follow(pods) }
  }

  /// How listeners ended is written now and then.
  private func keep(_ ends: [String: [ListenerHealth.End]]) {
    let writer = listenerEnds
    guard writer.add(ends) else { return }
    let former = keepingEnds
    keepingEnds = Task {
      await former?.value
      // Cut short when the dashboard ends.
      try? await Task.sleep(for: writer.wait)
      writer.write(now: SystemTime.secondsSince1970())
    }
  }

  /// What is learned within a moment is written at once, and a disk that is slow delays nothing else.
  private func keep(_ records: [JobRecord]) {
    let isFirst = learned.add(records)
    guard isFirst else { return }
    let (former, learned, mailbox, hasFailed) = (keeping, learned, mailbox, historyFailed)
    keeping = Task {
      await former?.value
      var wait = Duration.milliseconds(500)
      while true {
        // Cut short when the dashboard ends.
        try? await Task.sleep(for: wait)
        // Another deskrun may hold the history for some seconds.
        let written = await OwnThread.value {
          Result { () throws(EngineError) in try learned.write() }
        }
        do throws(EngineError) { return try written.get() } catch {
          // Once is enough: it is the same disk with the next job.
          if hasFailed.set() { mailbox.post(.notKept(error)) }
          if Task.isCancelled { return }
          wait = .seconds(10)
        }
      }
    }
  }

  /// Finds out what would tell more of the cluster; what comes of it is told as it comes.
  private func find(_ question: KnowledgeQuestion) {
    let (services, mailbox) = (services, mailbox)
    switch question {
    case .listeners(let pods): listen(pods)
    case .logs(let busy, let suspects): record(busy: busy, suspects: suspects)
    case .kept(let targets):
      let archive = archive
      let former = recalling
      recalling = Task {
        await former?.value
        guard !Task.isCancelled else { return }
        for (target, mark) in await OwnThread.value({ archive.marks(of: targets) }) {
          mailbox.post(.jobMark(target, mark))
        }
      }
    case .gathering(let request):
      replace("gather") {
        guard let api = try? services.toolbox.api() else { return }
        mailbox.post(.found(.gathered(await Gathering.read(api, request))))
      }
    case .desired(let request):
      replace("desired") {
        let paths = services.paths
        mailbox.post(.found(.desired(await OwnThread.value { DesiredReport(request, paths: paths) })))
      }
    case .host(let configuration):
      replace("host") {
        let report = await HostReport(
          toolbox: services.toolbox, paths: services.paths, configuration: configuration)
        mailbox.post(.found(.host(report)))
      }
    }
  }

  private static func yaml(
    _ services: DashboardServices, kind: String, name: String, namespace: String, title: String
  ) async -> Result<TextPage, EngineError> {
    await result {
      let kubectl = try services.toolbox.kubectl()
      guard let object = try await kubectl.get(kind: kind, name: name, namespace: namespace) else {
        throw EngineError(.notFound, "\(title) is gone")
      }
      var page = TextPage(title: title, text: Redaction.shown(object).yaml())
      page.fileName = "\(name).yaml"
      return page
    }
  }

  // MARK: Plans

  private func run(_ request: PlanRequest, _ activity: Int) {
    let services = services
    let mailbox = mailbox
    let (stream, continuation) = AsyncStream<Bool>.makeStream()
    answers[activity] = continuation
    let front = ActivityFront(
      mailbox: mailbox, activity: activity, target: services.toolbox.target, answers: stream)
    plans[activity] = Task {
      do {
        try await services.deployer.carryOut("deskrun tui: \(request.title)", on: request.scope, by: front) {
          mailbox.post(.activityWaits(activity: activity, nil))
          return request
        }
        mailbox.post(.activityEnded(activity: activity, nil))
      } catch let error as EngineError {
        mailbox.post(.activityEnded(activity: activity, error))
      } catch {
        mailbox.post(.activityEnded(activity: activity, EngineError(.interrupted, "Stopped before it started")))
      }
    }
  }

  private func measureCaches(_ name: String) {
    let services = services
    let mailbox = mailbox
    replace("caches") {
      guard let configuration = try? services.store.load() else { return }
      let all = CacheInventory(root: services.paths.caches, configuration: configuration).list()
      let bytes = all.filter { $0.installation?.description == name }.reduce(0) { $0 + $1.bytes }
      mailbox.post(.caches(installation: name, BytesText.short(bytes)))
    }
  }

  // MARK: The desktop

  private func open(_ link: String) {
    let services = services
    let mailbox = mailbox
    replace("open") {
      mailbox.post(.opened(await Self.result { try await Browser.open(link, environment: services.environment) }))
    }
  }

  private func save(_ text: String, _ path: String) {
    let path = path.hasPrefix("/") ? path : services.folder + "/" + path
    mailbox.post(.saved(TextFile.write(text, to: path)))
  }

  private func remember() {
    guard let lastInterface else { return }
    let file = services.paths.interface
    TextFile.keep(lastInterface.written(over: TextFile.read(file), base: firstInterface), at: file)
  }
}

/// Shows what comes of a request as an activity. It was confirmed before it was asked for; what its plan loses beyond
/// that is asked then.
private struct ActivityFront: PlanFront {
  let mailbox: Mailbox<Message>
  let activity: Int
  let target: ClusterTarget
  let answers: AsyncStream<Bool>

  func waits(for holders: [OperationHolder]) {
    let words = holders.map { holder in
      "\(holder.title) (process \(holder.process), since \(ClockText.moment(holder.since, now: SystemTime.secondsSince1970())))"
    }
    mailbox.post(
      .activityWaits(activity: activity, words.isEmpty ? "another deskrun" : words.joined(separator: ", ")))
  }

  func planning(_ make: () async throws -> Plan) async throws -> Plan { try await make() }

  func accepts(_ plan: Plan, for request: PlanRequest) async throws -> Bool {
    if !plan.lostPods.isEmpty, let asked = request.confirmation(of: plan, on: target) {
      mailbox.post(.activityAsks(activity: activity, asked))
      var isYes = false
      for await answer in answers {
        isYes = answer
        break
      }
      try Task.checkCancellation()
      guard isYes else { throw EngineError(.interrupted, asked.refusal) }
    }
    mailbox.post(.planned(activity: activity, plan))
    return true
  }

  func tell(_ event: PlanEvent) { mailbox.post(.planEvent(activity: activity, event)) }
}

/// Something that happens once.
private final class Once: Sendable {
  private let hasHappened = Lock(false)

  /// - Returns: whether it had not happened before.
  package func set() -> Bool {
    hasHappened.withLock { hasHappened in
      defer { hasHappened = true }
      return !hasHappened
    }
  }
}
