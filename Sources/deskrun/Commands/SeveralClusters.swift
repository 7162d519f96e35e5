import ArgumentParser
import CommandOutput
import CommandSession
import Engine

/// Reads several clusters concurrently.
struct SeveralClusters {
  /// One session per cluster, in display order.
  let sessions: [Session]
  /// Whether the clusters are watched afterwards.
  var stays = false

  /// The time limit per cluster; later results are dropped.
  static let limit: Duration = .seconds(15)
  /// How long results are delayed to be shown in order and with what they have to do with each other; after that, a late
  /// cluster is shown when it responds. A look that watches why runners fail takes five seconds.
  private static let patience: Duration = .seconds(6)

  private enum News: Sendable {
    case looked(Int, ClusterLook)
    case late
  }

  /// Reads all clusters.
  ///
  /// - Parameters:
  ///   - prepare: changes the options of a look.
  ///   - show: called with each cluster's place once, and all that is known by then. In order unless it responds late,
  ///     and not before the others have had time to respond: what two clusters have to do with each other is shown with
  ///     each of them.
  /// - Returns: the knowledge about each cluster, in order.
  func look(
    _ prepare: @Sendable (inout ClusterLook) -> Void = { _ in }, limit: Duration = Self.limit,
    show: (Int, [ClusterLook?]) throws -> Void = { _, _ in }
  ) async throws -> [ClusterLook] {
    guard let configuration = try sessions.first?.store.load() else { return [] }
    var looks: [ClusterLook?] = sessions.map { _ in nil }
    var shown: Set<Int> = []
    var isLate = false
    func flush() throws {
      guard isLate || looks.allSatisfy({ $0 != nil }) else { return }
      for (index, look) in looks.enumerated() where look != nil && shown.insert(index).inserted {
        try show(index, looks)
      }
    }
    try await withThrowingTaskGroup(of: News.self) { group in
      for (index, session) in sessions.enumerated() {
        var look = ClusterLook(toolbox: stays ? session.watching : session.asking, paths: session.paths)
        // The others are looked at too.
        look.asksOtherContexts = false
        prepare(&look)
        let first = look
        group.addTask { .looked(index, try await Self.look(first, configuration, limit)) }
      }
      group.addTask {
        try await Task.sleep(for: Self.patience)
        return .late
      }
      defer { group.cancelAll() }
      while looks.contains(where: { $0 == nil }), let news = try await group.next() {
        switch news {
        case .looked(let index, let look): looks[index] = look
        case .late: isLate = true
        }
        try flush()
      }
    }
    return looks.compactMap { $0 }
  }

  /// Reports conflicts between clusters that were not known when each of them was reported, because one responded late:
  /// once for all that share a name.
  static func tell(_ conflicts: [SharedScaleSets.Conflict], _ sessions: [Session]) throws {
    for (at, session) in sessions.enumerated() {
      let own = conflicts.filter { $0.cluster == at && isTold($0, among: conflicts) }
      guard !own.isEmpty else { continue }
      let title = session.console.outputStyle.paint(session.label, .strong)
      try session.console.write("\n\(title), beside other clusters\n")
      try FindingsReport(
        findings: own.map(\.finding), invocation: session.console.invocation, context: session.target.context
      ).write(OutputForm(), to: session.console)
    }
  }

  /// Whether to report this conflict of those that share a name: one about an installation takes precedence over one
  /// about others' scale sets, and otherwise the later cluster's.
  private static func isTold(_ conflict: SharedScaleSets.Conflict, among all: [SharedScaleSets.Conflict]) -> Bool {
    let counterpart = all.first { $0.cluster == conflict.other && $0.finding.installation == conflict.otherName }
    guard let counterpart, counterpart.finding.isForeign != conflict.finding.isForeign else {
      return conflict.other < conflict.cluster
    }
    return !conflict.finding.isForeign
  }

  /// Runs an operation on all clusters concurrently.
  ///
  /// - Returns: the result for each cluster, in order.
  /// - Throws: `CancellationError`.
  static func each<Value: Sendable>(
    _ clusters: [(Session, Toolbox)], limit: Duration = Self.limit,
    _ body: @escaping @Sendable (Session, Toolbox) async throws -> Value
  ) async throws -> [Result<Value, EngineError>] {
    try await withThrowingTaskGroup(of: (Int, Result<Value, EngineError>).self) { group in
      for (index, (session, toolbox)) in clusters.enumerated() {
        group.addTask {
          do {
            let done = try await TimeLimit.value(limit) { try await body(session, toolbox) }
            return (index, done.map { .success($0) } ?? .failure(ClusterSummary.late(session.target, limit)))
          } catch let error as EngineError { return (index, .failure(error)) }
        }
      }
      return try await group.reduce(into: []) { $0.append($1) }.sorted { $0.0 < $1.0 }.map(\.1)
    }
  }

  /// Reports the errors, and ends the command with the worst exit status.
  ///
  /// - Parameter others: exit statuses for findings.
  /// - Throws: `ExitCode`.
  static func finish<Value>(
    _ sessions: [Session], _ results: [Result<Value, EngineError>], others: [ExitStatus] = []
  ) throws {
    var statuses = others
    for (session, result) in zip(sessions, results) {
      guard case .failure(let error) = result else { continue }
      let console = session.console
      console.tell("\(console.errorStyle.paint(session.label, .strong))")
      console.tell(ErrorReport.text(error, style: console.errorStyle))
      statuses.append(ExitStatus(error.kind))
    }
    if let status = ExitStatus.worst(statuses) { throw ExitCode(status.rawValue) }
  }

  /// The worst of the errors that prevent reading clusters.
  static func worst(_ problems: [EngineError]) -> EngineError? {
    let worst = ExitStatus.worst(problems.map { ExitStatus($0.kind) })
    return problems.first { ExitStatus($0.kind) == worst }
  }

  /// Reads a cluster within the time limit.
  private static func look(
    _ look: ClusterLook, _ configuration: Configuration, _ limit: Duration
  ) async throws -> ClusterLook {
    let done = try await TimeLimit.value(limit) {
      var look = look
      try await look.look(configuration)
      return look
    }
    if let done { return done }
    var silent = look
    silent.giveUp(configuration, ClusterSummary.late(look.toolbox.target, limit))
    return silent
  }
}

extension FailingContexts {
  /// Which of several clusters have a context that fails, while another one of them shows everything of it. Which cluster
  /// a context means is only asked if one fails.
  init<Value>(_ sessions: [Session], _ results: [Result<Value, EngineError>]) async throws {
    let answers = results.map { (try? $0.get()) != nil }
    guard answers.contains(false), answers.contains(true), let whole = try sessions.first?.store.load() else {
      self.init()
      return
    }
    let asked = zip(sessions, answers).filter(\.1).map { ($0.0, $0.0.toolbox) }
    let uids = try await SeveralClusters.each(asked, limit: .seconds(5)) { try await $1.clusterIdentity()?.uid }
    var known = uids.map { (try? $0.get()) ?? nil }[...]
    self.init(
      sessions.map { Place($0.target, label: $0.label) },
      answers.map { Answer(isFresh: $0, uid: $0 ? known.popFirst() ?? nil : nil) }, whole)
  }
}

extension StatusReport {
  /// Several clusters as one document: lists are flat, and every object contains the context.
  static func document(_ reports: [StatusReport]) -> JSONValue {
    let documents = reports.map(\.document)
    func all(_ key: String) -> [JSONValue] { documents.flatMap { $0[key]?.arrayValue ?? [] } }
    guard var merged = documents.first?.objectValue else { return [:] }
    merged["clusters"] = .array(all("clusters"))
    // deskrun's own installations are first, as for a single cluster.
    func rank(_ document: JSONValue) -> (Int, String) {
      (document["managedBy"] ?? .null == .null ? 0 : 1, document["name"]?.stringValue ?? "")
    }
    merged["installations"] = .array(all("installations").sorted { rank($0) < rank($1) })
    merged["findings"] = .array(all("findings"))
    merged["unknown"] = .array(
      FindingsReport.unknown(zip(reports, documents).map { ($0.context, $1["unknown"]?.arrayValue ?? []) }))
    return .object(merged)
  }

  /// Ends a command with the exit status for its results.
  ///
  /// - Parameters:
  ///   - tellsUnwell: whether findings that prevent jobs from running affect the exit status.
  ///   - isRead: whether the findings are on the terminal, so that they must not be repeated as an error.
  static func finish(_ reports: [StatusReport], tellsUnwell: Bool, isRead: Bool) throws {
    if let blindness = SeveralClusters.worst(reports.filter { !$0.isReplaced }.compactMap(\.blindness)) {
      throw blindness
    }
    if tellsUnwell, reports.contains(where: \.isUnwell) { throw ExitCode(ExitStatus.unwell.rawValue) }
    let failing = reports.filter { !$0.isStarting && !$0.isReplaced }
    guard let problem = SeveralClusters.worst(failing.compactMap(\.problem)) else { return }
    if isRead, failing.allSatisfy({ $0.problem == nil || $0.tellsProblem }) {
      throw ExitCode(ExitStatus(problem.kind).rawValue)
    }
    throw problem
  }
}
