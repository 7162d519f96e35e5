import Engine
import TerminalKit

/// What comes in from the configuration, the cluster, logs and plans.
extension Model {
  package mutating func take(configuration result: Result<Configuration, EngineError>) {
    learn(.configuration(result))
    join()
  }

  package mutating func take(_ observation: ClusterObservation) {
    let before = self.observation
    let changes = learn(.observed(observation))
    if observation.snapshot != nil { tellChanges(before?.snapshot, changes) }
    join()
    if log.target == nil, tab == .logs { followSelection() } else { updateLogSources() }
    if before?.cluster.isReady == true, !observation.cluster.isReady {
      toast("The cluster \(observation.cluster.words)", .bad)
    }
    // A first look around tells a newcomer what is missing.
    if checks == nil, !isExamining, isEmpty || !observation.cluster.isReady {
      isExamining = true
      ask(.examine)
    }
  }

  /// The tables follow what is known.
  private mutating func join() {
    if let scope, !statuses.contains(where: { $0.name == scope }) { self.scope = nil }
    if isFresh { busyHistory.note(totals.busy, at: now) }
    refreshRows()
  }

  /// What just went wrong is worth a sentence: one for a scale set, when its first runner fails.
  private mutating func tellChanges(_ before: Snapshot?, _ changes: [RunnerChange]) {
    guard let before else { return }
    var told: Set<String> = []
    for change in changes {
      if let runner = change.after, case .failing(let why, _) = runner.state,
        before.counts[runner.scaleSet]?.failing ?? 0 == 0, told.insert(runner.scaleSet).inserted
      {
        toast("\(runner.name): \(why)", .bad)
      }
    }
  }

  // MARK: Logs

  package mutating func take(_ news: LogNews) {
    switch news {
    case .lines(let lines):
      log.phase = .live
      log.buffer.append(lines)
      if log.top.line < log.buffer.first { log.top = LogPlace(line: log.buffer.first) }
    case .ended: log.phase = .ended
    case .failed(let error): log.phase = .failed(error)
    }
  }

  /// The log goes with what is selected, as long as no other was asked for.
  mutating func followSelection() {
    isLogPinned = false
    guard tab == .logs || log.target == nil else {
      log.target = selectionLog
      if tab == .details { refreshDetails() }
      return
    }
    showLog(selectionLog, pinned: false)
  }

  private var selectionLog: LogTarget? {
    if let pod = selectedJobPod { return .pod(name: pod.metadata.name, container: pod.containers.first?.name ?? "") }
    return selectedRunner.map { .runner(name: $0.name, scaleSet: $0.scaleSet, container: "runner") }
  }

  mutating func showLog(_ target: LogTarget?, pinned: Bool) {
    isLogPinned = pinned
    guard target != log.target || log.phase == .none else { return }
    log.target = target
    restartLog()
  }

  mutating func restartLog() {
    log.request = nextNumber()
    log.buffer = LogBuffer()
    log.follows = true
    log.match = nil
    log.column = 0
    log.phase = log.target == nil ? .none : .loading
    ask(.followLog(log.target, request: log.request, sources: log.target.map(sources) ?? []))
  }

  /// Pods come and go; the merged log and those of listeners go with them.
  private mutating func updateLogSources() {
    guard tab == .logs, let target = log.target else { return }
    switch target {
    case .installation, .listener, .controller:
      ask(.followLog(target, request: log.request, sources: sources(of: target)))
    case .runner(let name, _, _):
      // A runner that had no log yet has one once it runs.
      guard case .failed = log.phase,
        let runner = snapshot?.runner(name)
      else { return }
      switch runner.state {
      case .starting, .failing: break
      case .idle, .busy, .finishing: restartLog()
      }
    case .pod: break
    }
  }

  package func sources(of target: LogTarget) -> [LogSource] {
    switch target {
    case .runner(let name, let scaleSet, let container):
      let isLive = snapshot?.pod(name) != nil
      return [LogSource(pod: name, container: container, scaleSet: scaleSet, isLive: isLive)]
    case .pod(let name, let container):
      return [LogSource(pod: name, container: container, scaleSet: nil, isLive: true)]
    case .installation(_, let sets):
      return (snapshot?.runners ?? []).lazy.filter { runner in
        guard sets.contains(runner.scaleSet) else { return false }
        switch runner.state {
        case .idle, .busy, .finishing: return true
        case .starting, .failing: return false
        }
      }.prefix(12).map { LogSource(pod: $0.name, container: "runner", scaleSet: $0.scaleSet, isLive: true) }
    case .listener(let scaleSet):
      guard let pod = snapshot?.listenerPod(of: scaleSet) else { return [] }
      return [LogSource(pod: pod.metadata.name, container: "listener", scaleSet: nil, isLive: true)]
    case .controller:
      guard let pod = snapshot?.pods.last(where: { $0.role == .controller }) else { return [] }
      return [LogSource(pod: pod.metadata.name, container: "manager", scaleSet: nil, isLive: true)]
    }
  }

  // MARK: Documents

  package mutating func take(document result: Result<TextPage, EngineError>, _ request: Int) {
    guard
      let index = overlays.firstIndex(where: { overlay in
        if case .page(let page) = overlay { return page.request == request }
        return false
      }), case .page(let shown) = overlays[index]
    else { return }
    switch result {
    case .success(var page):
      page.title = shown.title
      overlays[index] = .page(page)
    case .failure(let error):
      overlays[index] = .page(TextPage(title: shown.title, text: error.description))
    }
  }

  package mutating func take(caches words: String, of installation: String) {
    for index in overlays.indices {
      guard case .dialog(var dialog) = overlays[index], dialog.cachesOf == installation else { continue }
      for line in dialog.lines.indices {
        if case .pair("Stays", let text) = dialog.lines[line] {
          dialog.lines[line] = .pair("Stays", text.replacing("caches", with: "caches (\(words))"))
        }
      }
      overlays[index] = .dialog(dialog)
    }
  }

  mutating func showChecks() {
    guard
      let index = overlays.firstIndex(where: { overlay in
        if case .page(let page) = overlay { return page.title == Self.doctorTitle }
        return false
      })
    else { return }
    overlays[index] = .page(TextPage(title: Self.doctorTitle, text: checksText))
  }

  static let doctorTitle = "Doctor"

  var checksText: String {
    guard let checks else { return "Looking …" }
    return checks.map { check in
      let mark =
        switch check.verdict {
        case .good: settings.glyphs.succeeded
        case .warning: "!"
        case .bad: settings.glyphs.failed
        case .unknown: "?"
        }
      let head = "\(mark) \(check.title): \(check.finding)"
      return check.fix.map { "\(head)\n    \($0)" } ?? head
    }.joined(separator: "\n")
  }

  // MARK: Plans

  package mutating func start(_ request: PlanRequest) {
    let activity = Activity(id: nextNumber(), title: request.title, request: request, started: now)
    activities.append(activity)
    // Those that are over make room, the oldest first.
    while activities.count > 20, let over = activities.firstIndex(where: \.isOver) { activities.remove(at: over) }
    shownActivity = activity.id
    noteActivities()
    show(.activity)
    ask(.run(request, activity: activity.id))
  }

  mutating func takeActivity(_ message: Message) {
    func index(_ id: Int) -> Int? { activities.firstIndex { $0.id == id } }
    switch message {
    case .activityWaits(let id, let who):
      guard let at = index(id) else { return }
      activities[at].waitsFor = who
    case .planned(let id, let plan):
      guard let at = index(id) else { return }
      activities[at].waitsFor = nil
      activities[at].title = plan.title
      activities[at].steps = plan.steps.map { Activity.Step(id: $0.id, title: $0.title, note: $0.forecast) }
      activities[at].warnings = plan.warnings
      activities[at].phase = .running
    case .planEvent(let id, let event):
      guard let at = index(id) else { return }
      activities[at].apply(event, at: now)
    case .activityEnded(let id, let error):
      guard let at = index(id) else { return }
      activities[at].ended = now
      if let error {
        let isStopped = error.kind == .interrupted
        activities[at].phase = isStopped ? .cancelled : .failed(error)
        toast("\(activities[at].title): \(isStopped ? "cancelled" : error.what)", isStopped ? .plain : .bad)
      } else {
        activities[at].phase = .done
        toast("\(activities[at].title): done", .good)
        if case .add = activities[at].request { draft = nil }
      }
      noteActivities()
      ask(.loadConfiguration)
      ask(.retryCluster)
      join()
    default: break
    }
  }
}
