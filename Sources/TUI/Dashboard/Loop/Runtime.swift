import DashboardCore
import Engine
import Synchronization
import TerminalKit

/// Performs effects. Confined to the main thread; the work runs elsewhere, and its results are delivered through the
/// mailbox.
final class DashboardRuntime {
  private let services: DashboardServices
  private let mailbox: Mailbox<Message>
  private let archive: LogArchive
  /// The clusters, in the model's order.
  private var clusters: [ClusterRuntime]
  private var keeping: Task<Void, Never>?
  private let historyFailed = Once()
  private let learned: HistoryWriter
  private var background: [Task<Void, Never>] = []
  private var plans: [Int: Task<Void, Never>] = [:]
  /// The destinations of answers to plans' questions.
  private var answers: [Int: AsyncStream<Bool>.Continuation] = [:]
  private let latest = LatestTasks()
  private var log: LogFollowing?
  private var lastInterface: InterfaceState?
  /// The remembered state when this dashboard started.
  private var firstInterface = InterfaceState()

  package init(services: DashboardServices, mailbox: Mailbox<Message>) {
    self.services = services
    self.mailbox = mailbox
    let archive = LogArchive(folder: services.paths.logs)
    self.archive = archive
    clusters = services.clusters.enumerated().map { number, cluster in
      ClusterRuntime(cluster, number: number, paths: services.paths, archive: archive, mailbox: mailbox)
    }
    learned = HistoryWriter(JobHistory(path: services.paths.history))
  }

  /// Starts watching the clusters and the configuration.
  package func start() {
    firstInterface = TextFile.read(services.paths.interface).map(InterfaceState.init) ?? InterfaceState()
    for cluster in clusters { cluster.start() }
    let stamp = FileStamp(of: [services.paths.configuration])
    perform(.loadConfiguration)
    perform(.loadHistory)
    let (services, mailbox) = (services, mailbox)
    background.append(
      Task {
        let watch = ConfigurationWatch(store: services.store, path: services.paths.configuration, known: stamp)
        for await configuration in watch.changes { mailbox.post(.configuration(configuration)) }
      })
    background.append(Task { await services.findClusters { mailbox.post(.clusterFound($0)) } })
  }

  /// Ends everything and then sends a message: no child process outlives the dashboard.
  ///
  /// - Parameter shell: an additional task to end.
  func stop(with shell: Task<Void, Never>? = nil) {
    remember()
    var tasks = background + Array(plans.values) + latest.all
    if let shell { tasks.append(shell) }
    for task in tasks { task.cancel() }
    keeping?.cancel()
    log?.stop()
    let ends = clusters.map { $0.stop() }
    let (log, mailbox, all) = (log, mailbox, tasks + [keeping].compactMap { $0 })
    Task {
      await log?.ended()
      for task in all { await task.value }
      // End them concurrently, so that one that hangs delays no other.
      await withTaskGroup(of: Void.self) { group in for end in ends { group.addTask { await end() } } }
      mailbox.post(.allEnded)
    }
  }

  /// The toolbox for a cluster, by its index in the model.
  func toolbox(of cluster: Int) -> Toolbox? {
    clusters.indices.contains(cluster) ? clusters[cluster].services.toolbox : nil
  }

  func perform(_ effect: Effect) { perform(effect, on: 0) }

  private func perform(_ effect: Effect, on number: Int) {
    guard clusters.indices.contains(number) else { return }
    let cluster = clusters[number]
    let (services, mailbox, post, own) = (services, mailbox, cluster.post, cluster.services)
    switch effect {
    case .on(let cluster, let effect): perform(effect, on: cluster)
    case .watch(let target, let number): watch(target, number)
    case .unwatch(let number): unwatch(number)
    case .use(let standIns): cluster.use(standIns)
    case .loadConfiguration:
      latest.replace("configuration") { mailbox.post(.configuration(ConfigurationWatch.load(services.store))) }
    case .retryCluster: for cluster in clusters where !cluster.isStopped { cluster.retryNow() }
    case .examine:
      latest.replace("examine") {
        let deployer = own.deployer
        let doctor = Doctor(toolbox: own.toolbox, store: services.store, credentials: deployer.credentials)
        mailbox.post(.checked((try? await doctor.examine()) ?? []))
      }
    case .followLog(let target, let request, let sources): follow(target, request, sources, cluster)
    case .watchEvents(let namespaces): cluster.watchEvents(namespaces)
    case .find(let question): cluster.find(question)
    case .keep(let records): keep(records)
    case .keepListenerEnds(let ends): cluster.keep(ends)
    case .loadHistory:
      let history = JobHistory(path: services.paths.history)
      latest.replace("history") { mailbox.post(.history(history.recent())) }
    case .fetchYAML(let kind, let name, let namespace, let title, let request):
      latest.replace("yaml") {
        let page = await Self.result { try await own.yaml(kind: kind, name: name, namespace: namespace, title: title) }
        post(.document(request: request, page))
      }
    case .preview(let wanted, let request):
      latest.replace("preview", after: .milliseconds(250)) {
        post(.preview(request: request, await Self.result { try await own.preview(wanted) }))
      }
    case .checkCredential(let credentials, let host, let request):
      latest.replace("credential", after: .milliseconds(250)) {
        let result = await Self.result {
          try await own.deployer.credentials.find(credentials, host: host).warnings
        }
        mailbox.post(.credential(request: request, result))
      }
    case .awaitScaling(let name, let press):
      latest.replace("scaling \(name)", after: .milliseconds(700)) { mailbox.post(.scalingSettled(name, press: press)) }
    case .complete(let path, let request):
      latest.replace("complete") {
        mailbox.post(
          .completions(
            request: request, PathCompletion.paths(path, home: services.paths.userHome, folder: services.folder)))
      }
    case .measureCaches(let name): measureCaches(name)
    case .run(let request, let activity): run(request, activity, cluster)
    case .cancel(let activity): plans[activity]?.cancel()
    case .answer(let activity, let isYes): answers[activity]?.yield(isYes)
    case .open(let link): open(link)
    case .save(let text, let path): save(text, path)
    case .remember(let state): lastInterface = state
    case .quit, .suspend, .redraw, .bell, .copy, .saveScreen, .shell: break
    }
  }

  /// Watches a cluster that was added later, or that is displayed again. Clusters are added in order.
  private func watch(_ target: ClusterTarget, _ number: Int) {
    guard number == clusters.count || clusters.indices.contains(number) && clusters[number].isStopped else { return }
    let cluster = ClusterRuntime(
      services.later(target), number: number, paths: services.paths, archive: archive, mailbox: mailbox)
    if number == clusters.count { clusters.append(cluster) } else { clusters[number] = cluster }
    cluster.start()
  }

  /// Stops watching a cluster; its processes end in the background.
  private func unwatch(_ number: Int) {
    guard clusters.indices.contains(number), !clusters[number].isStopped else { return }
    let end = clusters[number].stop()
    background.append(Task { await end() })
  }

  private static func result<Value: Sendable>(
    _ body: @Sendable () async throws -> Value
  ) async -> Result<Value, EngineError> {
    do { return .success(try await body()) } catch let error as EngineError { return .failure(error) } catch {
      return .failure(EngineError(.interrupted, "It was stopped"))
    }
  }

  // MARK: Logs

  private func follow(_ target: LogTarget?, _ request: Int, _ sources: [LogSource], _ cluster: ClusterRuntime) {
    guard target != nil else {
      log?.stop()
      log = nil
      return
    }
    if let log, log.request == request { return log.update(sources) }
    log?.stop()
    log = LogFollowing(request: request, toolbox: cluster.services.toolbox, archive: archive, post: cluster.post)
    log?.update(sources)
  }

  // MARK: History

  /// Information that arrives within a moment is written together, and a slow disk blocks nothing else.
  private func keep(_ records: [JobRecord]) {
    let isFirst = learned.add(records)
    guard isFirst else { return }
    let (former, learned, mailbox, hasFailed) = (keeping, learned, mailbox, historyFailed)
    keeping = Task {
      await former?.value
      var wait = Duration.milliseconds(500)
      while true {
        // Interrupted when the dashboard ends.
        try? await Task.sleep(for: wait)
        // Another deskrun process may lock the history for some seconds.
        let written = await OwnThread.value {
          Result { () throws(EngineError) in try learned.write() }
        }
        do throws(EngineError) { return try written.get() } catch {
          // Report this once: the next job uses the same disk.
          if hasFailed.set() { mailbox.post(.notKept(error)) }
          if Task.isCancelled { return }
          wait = .seconds(10)
        }
      }
    }
  }

  // MARK: Plans

  private func run(_ request: PlanRequest, _ activity: Int, _ cluster: ClusterRuntime) {
    let (services, post) = (cluster.services, cluster.post)
    let (stream, continuation) = AsyncStream<Bool>.makeStream()
    answers[activity] = continuation
    let front = ActivityFront(
      post: post, activity: activity, target: services.toolbox.target, answers: stream)
    plans[activity] = Task {
      do {
        try await services.deployer.carryOut("deskrun tui: \(request.title)", on: request.scope, by: front) {
          post(.activityWaits(activity: activity, nil))
          return request
        }
        post(.activityEnded(activity: activity, nil))
      } catch let error as EngineError {
        post(.activityEnded(activity: activity, error))
      } catch {
        post(.activityEnded(activity: activity, EngineError(.interrupted, "Stopped before it started")))
      }
    }
  }

  private func measureCaches(_ name: String) {
    let services = services
    let mailbox = mailbox
    latest.replace("caches") {
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
    latest.replace("open") {
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

/// Shows the plan of a request as an activity. The request was already confirmed; further losses caused by the plan are
/// confirmed separately.
private struct ActivityFront: PlanFront {
  /// Sends messages to the model, with the cluster.
  let post: @Sendable (Message) -> Void
  let activity: Int
  let target: ClusterTarget
  let answers: AsyncStream<Bool>

  func waits(for holders: [OperationHolder]) {
    let words = holders.map { holder in
      "\(holder.title) (process \(holder.process), since \(ClockText.moment(holder.since, now: SystemTime.secondsSince1970())))"
    }
    post(
      .activityWaits(activity: activity, words.isEmpty ? "another deskrun" : words.joined(separator: ", ")))
  }

  func planning(_ make: () async throws -> Plan) async throws -> Plan { try await make() }

  func accepts(_ plan: Plan, for request: PlanRequest) async throws -> Bool {
    if !plan.lostPods.isEmpty, let asked = request.confirmation(of: plan, on: target) {
      post(.activityAsks(activity: activity, asked))
      var isYes = false
      for await answer in answers {
        isYes = answer
        break
      }
      try Task.checkCancellation()
      guard isYes else { throw EngineError(.interrupted, asked.refusal) }
    }
    post(.planned(activity: activity, plan))
    return true
  }

  func tell(_ event: PlanEvent) { post(.planEvent(activity: activity, event)) }
}

/// A flag that is set once.
private final class Once: Sendable {
  private let hasHappened = Lock(false)

  /// - Returns: whether it was not set before.
  package func set() -> Bool {
    hasHappened.withLock { hasHappened in
      defer { hasHappened = true }
      return !hasHappened
    }
  }
}
