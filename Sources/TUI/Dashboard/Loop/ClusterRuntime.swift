import DashboardCore
import Engine
import Synchronization
import TerminalKit

/// Watches one cluster and answers the model's questions about it. It is used on the screen's thread, but does its work
/// elsewhere, independently of other clusters.
final class ClusterRuntime {
  private(set) var services: ClusterServices
  private let paths: Paths
  private let archive: LogArchive
  /// Sends a message about this cluster to the model.
  let post: @Sendable (Message) -> Void
  private let monitor: ClusterMonitor
  private let latest = LatestTasks()
  private let listenerEnds: ListenerEndsWriter
  private var watching: Task<Void, Never>?
  private var keepingEnds: Task<Void, Never>?
  /// Reads archived logs, one after another.
  private var recalling: Task<Void, Never>?
  private var feed: ListenerFeed?
  private var recorder: LogRecorder?
  private var events: Task<Void, Never>?
  /// Whether it was stopped: its tasks were canceled, and no others may start.
  private(set) var isStopped = false

  /// - Parameter number: the index of the cluster in the model.
  init(_ services: ClusterServices, number: Int, paths: Paths, archive: LogArchive, mailbox: Mailbox<Message>) {
    (self.services, self.paths, self.archive) = (services, paths, archive)
    post = { mailbox.post(number == 0 ? $0 : .of(cluster: number, $0)) }
    monitor = ClusterMonitor(toolbox: services.toolbox)
    listenerEnds = ListenerEndsWriter(path: paths.listenerEnds, place: services.toolbox.target.place)
  }

  /// Starts watching.
  func start() {
    let (monitor, post) = (monitor, post)
    watching = Task { await monitor.run { post(.observed($0)) } }
  }

  /// Uses contexts in place of others of the same cluster, in plans from now on.
  func use(_ standIns: [StandIn]) { services.deployer = services.deployer.using(standIns) }

  func retryNow() { monitor.retryNow() }

  /// Cancels all tasks.
  ///
  /// - Returns: waits until they and their processes have ended.
  func stop() -> @Sendable () async -> Void {
    isStopped = true
    let tasks = latest.all + [watching, keepingEnds, recalling, events].compactMap(\.self)
    for task in tasks { task.cancel() }
    let (recorder, feed, pipe) = (recorder, feed, services.toolbox.pipe)
    return {
      await recorder?.stop()
      await feed?.stop()
      for task in tasks { await task.value }
      await pipe?.close()
    }
  }

  /// Watches the events of these namespaces; nil stops watching.
  func watchEvents(_ namespaces: [String]?) {
    guard !isStopped else { return }
    events?.cancel()
    let (toolbox, post) = (services.toolbox, post)
    events = namespaces.map { namespaces in
      Task { await EventFeed(toolbox: toolbox, namespaces: namespaces).run { post(.events($0)) } }
    }
  }

  // MARK: Questions

  /// Answers a question of the knowledge; the results are posted as they become available.
  func find(_ question: KnowledgeQuestion) {
    guard !isStopped else { return }
    let (services, paths, post) = (services, paths, post)
    switch question {
    case .listeners(let pods): listen(pods)
    case .logs(let busy, let suspects): record(busy: busy, suspects: suspects)
    case .kept(let targets):
      let archive = archive
      let former = recalling
      recalling = Task {
        await former?.value
        guard !Task.isCancelled else { return }
        for (target, mark) in await OwnThread.value({ archive.marks(of: targets) }) { post(.jobMark(target, mark)) }
      }
    case .gathering(let request):
      latest.replace("gather") {
        guard let api = try? services.toolbox.api() else { return }
        post(.found(.gathered(await Gathering.read(api, request))))
      }
    case .desired(let request):
      latest.replace("desired") {
        post(.found(.desired(await OwnThread.value { DesiredReport(request, paths: paths) })))
      }
    case .identity(let note):
      latest.replace("identity") { await note.write(services.toolbox, ConfigurationStore(paths: paths)) }
    case .keptContexts(let names, let configuration):
      latest.replace("kept contexts") {
        guard let kept = try? await services.toolbox.keptContexts(of: names, configuration) else { return }
        post(.found(.keptContexts(kept)))
      }
    case .host(let configuration):
      latest.replace("host") {
        let report = await HostReport(toolbox: services.toolbox, paths: paths, configuration: configuration)
        post(.found(.host(report)))
      }
    }
  }

  private func record(busy: [LogRecorder.Target], suspects: [LogRecorder.Target]) {
    if recorder == nil, let api = try? services.toolbox.api() {
      let post = post
      recorder = LogRecorder(api: api, archive: archive) { target, mark in
        post(.jobMark(target, mark))
      } onProblem: {
        post(.notKept($0))
      }
    }
    recorder?.record(busy: busy, suspects: suspects)
  }

  private func listen(_ pods: [String: ListenerPod]) {
    if feed == nil, let api = try? services.toolbox.api() {
      let post = post
      feed = ListenerFeed(api: api) { post(.listener(scaleSet: $0, $1)) }
    }
    guard let feed else { return }
    Task { await feed.follow(pods) }
  }

  /// Stores exits of listeners, at most once per interval.
  func keep(_ ends: [String: [ListenerHealth.End]]) {
    let writer = listenerEnds
    guard writer.add(ends) else { return }
    let former = keepingEnds
    keepingEnds = Task {
      await former?.value
      // Ends early when the dashboard quits.
      try? await Task.sleep(for: writer.wait)
      writer.write(now: SystemTime.secondsSince1970())
    }
  }
}
