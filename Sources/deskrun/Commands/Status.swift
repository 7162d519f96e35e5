import ArgumentParser
import CommandOutput
import CommandSession
import Engine
import Synchronization

struct Status: AsyncParsableCommand, SeveralClusterCommand {
  static let configuration = CommandConfiguration(
    abstract: "Show the cluster, the controller and what each runner is doing.",
    discussion: """
      EXAMPLES:
          deskrun status
          deskrun status web-ci --watch
          deskrun status -o json
          deskrun status --exit-code >/dev/null || echo "runners need help"

      Clusters that installations live on are asked at once and shown one after another; --context shows one.
      """)

  @Argument(help: "Show only this installation.", completion: Completions.installationNames)
  var name: String?

  @Flag(name: .shortAndLong, help: "Keep running and print each change, until ctrl-C.")
  var watch = false

  @Flag(
    help:
      "Exit with status \(ExitStatus.unwell.rawValue) when something keeps jobs from running; `deskrun why` says more.")
  var exitCode = false

  @OptionGroup(title: "Output Options") var output: OutputOptions
  @OptionGroup var observing: ObservingOptions
  @OptionGroup(title: "Global Options") var global: GlobalOptions

  func run() async throws {
    let asked = try sessionForSeveral().narrowed(observing, about: name)
    let sessions = name == nil ? try await asked.shown() : [try await asked.having(name)]
    guard sessions.count == 1, let session = sessions.first else { return try await run(on: sessions) }
    var look = ClusterLook(toolbox: watch ? session.watching : session.asking, paths: session.paths)
    let name = try await session.look(at: name, with: &look)
    var report = StatusReport(look.knowledge, about: name, invocation: session.console.invocation)
    report.place(session)
    let findings = session.withOwnContext(
      try await session.naming(conflictsOf: report.findings, about: name, look.knowledge, among: asked))
    if findings != report.findings {
      report.findings = findings
      Diagnosis.mark(&report.installations, with: findings)
    }
    if report.isEmpty, let missing = try await asked.missingNamespace(on: sessions) { throw missing }
    try write(report, session.console)
    if watch { try await watchAndFollow(report, session, look, about: name) }
    try StatusReport.finish([report], tellsUnwell: exitCode, isRead: isRead(session))
  }

  /// Shows several clusters: as text, all of them when they have responded, or after a few seconds those that have.
  private func run(on sessions: [Session]) async throws {
    var isFirst = true
    var told: [SharedScaleSets.Conflict] = []
    let looks = try await SeveralClusters(sessions: sessions, stays: watch).look(show: { at, looks in
      let joined = JoinedLooks(sessions, looks)
      guard isText, let report = joined.report(at) else { return }
      told += joined.conflicts.filter { $0.cluster == at }
      if !isFirst { try sessions[at].console.write("\n") }
      isFirst = false
      try writeText(report, sessions[at].console)
    })
    let joined = JoinedLooks(sessions, looks)
    let reports = sessions.indices.compactMap(joined.report)
    if isText { try SeveralClusters.tell(joined.conflicts.filter { !$0.isTold(in: told) }, sessions) }
    if reports.allSatisfy(\.isEmpty), let missing = try await sessions.first?.missingNamespace(on: sessions) {
      throw missing
    }
    if !isText, let console = sessions.first?.console {
      try write(
        StatusReport.document(reports), names: reports.flatMap { $0.installations.map(\.name) }.sorted(), console)
    }
    if watch {
      try await withThrowingTaskGroup(of: Void.self) { group in
        defer { group.cancelAll() }
        for (at, (look, report)) in zip(looks, reports).enumerated() {
          guard let session = joined.acting(on: at) else { continue }
          group.addTask { try await watchAndFollow(report, session, look, about: nil) }
        }
        try await group.waitForAll()
      }
    }
    try StatusReport.finish(reports, tellsUnwell: exitCode, isRead: sessions.allSatisfy(isRead))
  }

  /// Whether the text is on the terminal. In a file or a pipe, it does not tell the user that the cluster was not read.
  private func isRead(_ session: Session) -> Bool { isText && session.console.outputIsTerminal }

  private var isText: Bool { output.form.format == .table || output.form.format == .wide }

  private func write(_ report: StatusReport, _ console: Console) throws {
    switch output.form.format {
    case .json, .yaml, .name:
      try write(StatusReport.document([report]), names: report.installations.map(\.name), console)
    case .table, .wide: try writeText(report, console)
    }
  }

  private func write(_ document: JSONValue, names: [String], _ console: Console) throws {
    switch output.form.format {
    case .json: try console.write(PrintableText(json: document, pretty: !watch))
    case .yaml: try console.write(PrintableText(yaml: document, isOneOfMany: watch))
    default: try console.write(names.map { "\($0)\n" }.joined())
    }
  }

  private func writeText(_ report: StatusReport, _ console: Console) throws {
    try console.writeReport(
      report.text(
        console.outputStyle, width: console.output.columns, wide: output.form.format == .wide,
        headers: output.form.headers))
  }

  /// Prints changes until the command is stopped. They come from a watch.
  private func watchAndFollow(
    _ first: StatusReport, _ session: Session, _ look: ClusterLook, about name: String?
  ) async throws {
    var look = look
    Interrupt.endWithReader()
    let latest = LatestObservation()
    look.watched = { latest.value.withLock { $0 } }
    let monitor = ClusterMonitor(toolbox: look.toolbox)
    let watching = Task { await monitor.run { latest.keep($0) } }
    do {
      try await follow(first, session, look, about: name)
    } catch {
      // Stop the watch, including its processes, before the command ends.
      watching.cancel()
      await watching.value
      throw error
    }
  }

  private func follow(
    _ first: StatusReport, _ session: Session, _ look: ClusterLook, about name: String?
  ) async throws {
    var look = look
    var current = first
    let style = session.console.outputStyle
    let interval = max(.milliseconds(200), .seconds(2) / session.speed)
    var backoff = Backoff(first: interval)
    var wait = interval
    while true {
      try await Task.sleep(for: wait)
      // Check even without an event, because some changes are only due to time.
      try await session.look(at: name, with: &look, watches: false)
      let next = StatusReport(look.knowledge, about: name, invocation: session.console.invocation)
      let changes = StatusWatch.changes(from: current, to: next)
      for change in changes {
        switch output.form.format {
        case .json: try session.console.write(PrintableText(json: change.document, pretty: false))
        case .yaml: try session.console.write(PrintableText(yaml: change.document, isOneOfMany: true))
        default:
          try session.console.write("\(LocalClock.now()) \(style.paint(change.mark)) \(change.text)\n")
        }
      }
      // Check a cluster that does not respond less and less often.
      if next.cluster.isReady { backoff = Backoff(first: interval) }
      wait = next.cluster.isReady ? interval : max(interval, backoff.next())
      if next.snapshot != nil || current.snapshot == nil {
        current = next
      } else {
        // Keep the last state of the runners, to print what changed when the cluster responds again.
        (current.cluster, current.findings, current.gaps) = (next.cluster, next.findings, next.gaps)
      }
    }
  }
}

/// The newest observation of a watch, while it is current.
private final class LatestObservation: Sendable {
  let value = Lock<ClusterObservation?>(nil)

  func keep(_ observation: ClusterObservation) {
    // Incomplete or outdated observations are not used; then the cluster is read directly.
    let isCurrent = !observation.cluster.isReady || observation.snapshot != nil && observation.staleSince == nil
    value.withLock { $0 = isCurrent ? observation : nil }
  }
}

extension Session {
  /// The findings about an installation, with that its own context is not the one that shows it.
  func withOwnContext(_ findings: [Finding]) -> [Finding] {
    SharedScaleSets.joined(findings, [ownContext.map { console.invocation.completing($0.finding) }].compactMap(\.self))
  }

  /// Reads the cluster, for one installation or for all.
  ///
  /// - Parameter name: the name of an installation, or of a scale set that deskrun did not deploy.
  /// - Returns: its name in the knowledge; nil for all.
  /// - Throws: `EngineError` of kind `notFound` if neither the configuration nor the cluster has that name.
  @discardableResult
  func look(at name: String?, with look: inout ClusterLook, watches: Bool = true) async throws -> String? {
    let configuration = try store.load().on(target)
    if let name { try Self.refuseEmpty(name) }
    if watches {
      let words = WaitingWords("asking the cluster")
      look = try await waiting(for: words) { [look] in
        var look = look
        look.onProgress = { words.text = PrintableText($0) }
        try await look.look(configuration)
        return look
      }
    } else {
      try await look.look(configuration, watches: false)
    }
    guard let name else { return nil }
    if let found = look.knowledge.statuses.named(name) { return found.name }
    let report = StatusReport(look.knowledge, about: nil, invocation: console.invocation)
    if let problem = report.problem, report.cluster != .absent {
      // While following, it may exist again when the cluster responds.
      guard watches else { return name }
      throw completed(Self.undecided(name, [(target, problem)], try store.load()))
    }
    throw unknown(
      name, configuration, ScaleSetOwners(configuration.installations, look.knowledge.snapshot?.scaleSets ?? []))
  }

  /// Why the cluster cannot be read; nil if it responds.
  ///
  /// - Parameter toolbox: the one that the command uses, so that the same connection is checked.
  func clusterProblem(_ toolbox: Toolbox) async throws -> EngineError? {
    clusterProblem(try await ClusterInspector(toolbox: toolbox).state(), toolbox)
  }

  /// The same for a known state.
  func clusterProblem(_ cluster: ClusterState, _ toolbox: Toolbox) -> EngineError? {
    var report = StatusReport(context: target.context, cluster: cluster, snapshot: nil, installations: [])
    if case .toolMissing = cluster {
      report.blindness = MissingTools(locator: toolbox.locator, isKind: target.kindCluster != nil).problem
    }
    return report.problem.map { error in
      guard case .contextMissing = cluster else { return completed(error) }
      let names = ((try? store.load().on(target).installations) ?? []).map(\.name)
      return completed(MissingContext(target, of: names).completing(error))
    }
  }
}

extension StatusReport {
  /// The state of one installation or of all.
  ///
  /// - Parameter invocation: the options that displayed commands must repeat.
  init(_ knowledge: ClusterKnowledge, about name: String?, invocation: Invocation) {
    let cluster = knowledge.observation?.cluster ?? .absent
    self.init(
      context: knowledge.context, cluster: knowledge.unread.map(ClusterState.unreachable) ?? cluster,
      snapshot: knowledge.judgedSnapshot,
      installations: knowledge.statuses.filter { name == nil || $0.name == name }.map { status in
        var status = status
        let fix = status.problem?.fix
        status.problem?.fix = fix.map(invocation.text)
        return status
      },
      findings: knowledge.findings(about: name).map { invocation.completing($0) }, gaps: knowledge.gaps(about: name),
      blindness: (knowledge.toolProblem ?? knowledge.unread).map(invocation.completing), invocation: invocation,
      isNamed: name != nil)
    otherContext = knowledge.configuration.installations.map(\.name).way(knowledge.kept)
    for runner in installations.flatMap(\.runners) {
      estimates[runner.name] = knowledge.estimate(of: runner, now: knowledge.now)
    }
  }

  /// Sets the displayed name of the cluster.
  mutating func place(_ session: Session) {
    label = session.label
    kubeconfig = session.target.kubeconfig
  }

  /// Whether the cluster responds and has none of the requested installations.
  var isEmpty: Bool { snapshot != nil && installations.isEmpty }

  /// Whether a problem prevents jobs from running. Scale sets of other owners only count if they were requested.
  var isUnwell: Bool { findings.contains { $0.severity == .bad && (!$0.isForeign || isNamed) } }

  /// Whether the cluster is still starting, which is not a failure.
  var isStarting: Bool { if case .starting = cluster { true } else { false } }

  /// Why the cluster could not be read, with its commands completed for copying.
  var problem: EngineError? {
    if let blindness { return blindness }
    guard var problem = clusterProblem else { return nil }
    if cluster.isOutOfReach, let otherContext { problem.fix = otherContext }
    return invocation.completing(problem)
  }

  /// Whether the findings say why the cluster could not be read.
  var tellsProblem: Bool {
    let rules: Set<FindingRule> = [
      .clusterStopped, .clusterUnreachable, .clusterHalfCreated, .contextMissing, .toolsMissing,
    ]
    return blindness == nil && findings.contains { rules.contains($0.rule) }
  }

  private var clusterProblem: EngineError? {
    let what = "The cluster \(label ?? context) is \(cluster.words)"
    switch cluster {
    case .ready: return nil
    case .absent: return EngineError(.unreachable, what, fix: "`deskrun up` creates it")
    case .stopped, .paused: return EngineError(.unreachable, what, fix: "`deskrun up` starts it")
    case .starting(let refusal):
      return EngineError(
        .unreachable, what, why: refusal.why ?? refusal.what, fix: "Run the same command again in a moment")
    case .unreachable(let error), .dockerUnavailable(let error), .toolMissing(let error), .halfCreated(let error):
      return error
    case .contextMissing(var error):
      // The finding knows which installations use it.
      if let finding = findings.first(where: { $0.rule == .contextMissing && !$0.isForeign }) {
        error.why = finding.evidence.first
        error.fix =
          finding.remedy
          + (finding.action?.command(finding.installation).map { ": `\(invocation.command($0))`" } ?? "")
      }
      return error
    }
  }
}
