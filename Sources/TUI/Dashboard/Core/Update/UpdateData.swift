import Engine
import TerminalKit

/// Data from the configuration, the clusters, logs and plans.
extension Model {
  package mutating func take(configuration result: Result<Configuration, EngineError>) {
    if case .success(let configuration) = result { (whole, answersOfContexts) = (configuration, nil) }
    for cluster in clusters.indices {
      learn(.configuration(result.map { failing.configuration($0, on: clusters[cluster].target) }), of: cluster)
    }
    if settings.followsConfiguration { for target in whole?.targets ?? [] { add(target) } }
    join()
  }

  /// Stores the results of `doctor`.
  mutating func take(_ checks: [DoctorCheck]) {
    self.checks = checks
    isExamining = false
    showChecks()
  }

  package mutating func take(_ observation: ClusterObservation, of cluster: Int) {
    guard clusters.indices.contains(cluster), !clusters[cluster].isLeft else { return }
    let before = clusters[cluster].observation
    let changes = learn(.observed(observation), of: cluster)
    if observation.snapshot != nil { tellChanges(before?.snapshot, changes, in: cluster) }
    join()
    for pane in panes.all { pane.observed(&self) }
    if before?.cluster.isReady == true, !observation.cluster.isReady {
      let name = hasSeveralClusters ? "the cluster \(clusters[cluster].label)" : "the cluster"
      toast(SentenceCase.upper(observation.cluster.clause(name)), .bad)
    }
    // On the first start, doctor shows what is missing.
    if cluster == 0, checks == nil, !isExamining, isEmpty || !observation.cluster.isReady {
      isExamining = true
      ask(.examine, on: mainCluster)
    }
  }

  /// Updates the tables after the data changed.
  private mutating func join() {
    if let scope, status(of: scope) == nil { self.scope = nil }
    let current = clusters.indices.filter { clusters[$0].isCurrent }
    if !current.isEmpty { busyHistory.note(current.reduce(0) { $0 + totals(in: $1).busy }, at: now) }
    refreshRows()
  }

  /// Shows a message for new failures: one per scale set, when its first runner fails.
  private mutating func tellChanges(_ before: Snapshot?, _ changes: [RunnerChange], in cluster: Int) {
    guard let before else { return }
    var told: Set<String> = []
    for change in changes {
      if let runner = change.after, case .failing(let why, _) = runner.state,
        before.counts[runner.scaleSet]?.failing ?? 0 == 0, told.insert(runner.scaleSet).inserted
      {
        toast("\(key(runner.name, in: cluster)): \(why)", .bad)
      }
    }
  }

  // MARK: Documents

  package mutating func take(document result: Result<TextPage, EngineError>, _ request: Int) {
    guard let index = overlayIndex(request), case .page(let shown) = overlays[index] else { return }
    switch result {
    case .success(var page):
      page.title = shown.title
      overlays[index] = .page(page)
    case .failure(let error):
      overlays[index] = .page(TextPage(title: shown.title, text: error.description))
    }
  }

  /// The index of the page that waits for this response.
  private func overlayIndex(_ request: Int) -> Int? {
    overlays.firstIndex { overlay in
      if case .page(let page) = overlay { page.request == request } else { false }
    }
  }

  mutating func showDoctor() {
    var page = TextPage(title: "Doctor", text: "Looking …")
    page.request = Self.doctorRequest
    overlays.append(.page(page))
    isExamining = true
    ask(.examine, on: mainCluster)
  }

  private mutating func showChecks() {
    guard let index = overlayIndex(Self.doctorRequest), let checks else { return }
    var page = page(of: checks)
    page.request = Self.doctorRequest
    page.fileName = "deskrun-doctor.txt"
    overlays[index] = .page(page)
  }

  /// The page of the checks; requests for documents are numbered from 1.
  private static let doctorRequest = 0

  private func page(of checks: [DoctorCheck]) -> TextPage {
    var paragraphs: [TextPage.Paragraph] = []
    var commands: [TextPage.Snippet] = []
    for check in checks {
      let mark =
        switch check.verdict {
        case .good: settings.glyphs.idle
        case .warning: settings.glyphs.warning
        case .bad: settings.glyphs.failed
        case .unknown: settings.glyphs.unknown
        }
      paragraphs.append(.init("\(mark) \(check.title): \(check.finding)", hang: 4))
      guard let fix = check.fix else { continue }
      // Commands of deskrun are in backticks; for another program, the whole fix is the command.
      let found = Self.quoted(fix)
      commands += (found.isEmpty ? [fix] : found).map { .init(paragraph: paragraphs.count, text: $0) }
      paragraphs.append(.init("    \(fix)", hang: 4))
    }
    var page = TextPage(title: "Doctor", flow: .wrapped(paragraphs), width: size.columns)
    page.commands = commands
    return page
  }

  /// The parts of a text in backticks.
  private static func quoted(_ text: String) -> [String] {
    text.split(separator: "`", omittingEmptySubsequences: false).enumerated().filter { $0.offset % 2 == 1 }
      .map { String($0.element) }
  }

  // MARK: Plans

  package mutating func start(_ request: PlanRequest, on cluster: Int) {
    let place = hasSeveralClusters ? clusters[cluster].label : nil
    var activity = Activity(
      id: nextNumber(), title: Activity.title(request.title, on: place), request: request, started: now)
    (activity.cluster, activity.place) = (cluster, place)
    activities.append(activity)
    // Drop old activities that are over.
    while activities.count > 20, let over = activities.firstIndex(where: \.isOver) { activities.remove(at: over) }
    shownActivity = activity.id
    noteActivities()
    show(.activity)
    ask(.run(request, activity: activity.id), on: cluster)
  }

  mutating func takeActivity(_ message: Message) {
    let now = now
    func change(_ id: Int, _ body: (inout Activity) -> Void) {
      if let at = activities.firstIndex(where: { $0.id == id }) { body(&activities[at]) }
    }
    switch message {
    case .activityWaits(let id, let who): change(id) { $0.waitsFor = who }
    case .planned(let id, let plan): change(id) { $0.take(plan) }
    case .planEvent(let id, let event): change(id) { $0.apply(event, at: now) }
    case .activityEnded(let id, let error):
      guard let activity = activities.first(where: { $0.id == id }) else { return }
      let isStopped = error?.kind == .interrupted
      change(id) {
        $0.ended = now
        $0.phase = error.map { isStopped ? .cancelled : .failed($0) } ?? .done
      }
      let words = error.map { isStopped ? "canceled" : $0.what } ?? "done"
      toast("\(activity.title): \(words)", isStopped ? .plain : error == nil ? .good : .bad)
      if error == nil, case .add = activity.request { draft = nil }
      if let name = activity.request.installation {
        if case .remove = activity.request { pendingScalings[name] = nil }
        startDueScaling(of: name)
      }
      noteActivities()
      ask(.loadConfiguration)
      ask(.retryCluster)
      join()
    default: break
    }
  }
}
