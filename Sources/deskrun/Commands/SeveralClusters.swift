import ArgumentParser
import CommandOutput
import CommandSession
import Engine

/// Looks at several clusters at once.
struct SeveralClusters {
  /// One for each cluster, in the order in which they are shown.
  let sessions: [Session]

  /// The most time that one cluster is given; what it had not told by then is not waited for.
  static let limit: Duration = .seconds(15)
  /// How long answers are held back to be shown in order; after that a cluster that is late is shown when it answers.
  private static let patience: Duration = .seconds(2)

  private enum News: Sendable {
    case looked(Int, ClusterLook)
    case late
  }

  /// Looks at all of them.
  ///
  /// - Parameters:
  ///   - prepare: what of a look differs from the usual.
  ///   - show: hears of each cluster once, in order as far as they answer soon.
  /// - Returns: what is known of each, in their order.
  func look(
    _ prepare: @Sendable (inout ClusterLook) -> Void = { _ in }, limit: Duration = Self.limit,
    show: (Session, ClusterLook) throws -> Void = { _, _ in }
  ) async throws -> [ClusterLook] {
    guard let configuration = try sessions.first?.store.load() else { return [] }
    var looks: [ClusterLook?] = sessions.map { _ in nil }
    var shown: Set<Int> = []
    var isLate = false
    func flush() throws {
      for (index, look) in looks.enumerated() where !shown.contains(index) {
        guard let look else { if isLate { continue } else { return } }
        shown.insert(index)
        try show(sessions[index], look)
      }
    }
    try await withThrowingTaskGroup(of: News.self) { group in
      for (index, session) in sessions.enumerated() {
        var look = ClusterLook(toolbox: session.watching, paths: session.paths)
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

  /// Scale sets that several of the clusters have under one name.
  static func conflicts(_ sessions: [Session], _ looks: [ClusterLook]) -> [SharedScaleSets.Conflict] {
    SharedScaleSets.conflicts(
      zip(sessions, looks).map { session, look in
        (session.target.context, look.knowledge.statuses)
      }
    ).map { conflict in
      var conflict = conflict
      conflict.finding = sessions[conflict.cluster].console.invocation.completing(conflict.finding)
      return conflict
    }
  }

  /// Tells what is between clusters, after what there is to tell of each: once for all that share a name.
  static func tell(_ conflicts: [SharedScaleSets.Conflict], _ sessions: [Session]) throws {
    for (at, session) in sessions.enumerated() {
      let own = conflicts.filter { $0.cluster == at && isTold($0, among: conflicts) }
      guard !own.isEmpty else { continue }
      let title = session.console.outputStyle.paint(session.target.context, .strong)
      try session.console.write("\n\(title), beside other clusters\n")
      try FindingsReport(
        findings: own.map(\.finding), invocation: session.console.invocation, context: session.target.context
      ).write(OutputForm(), to: session.console)
    }
  }

  /// Whether it is the one of those that share a name that is told: one about an installation rather than about what
  /// others deployed, else that of the later cluster.
  private static func isTold(_ conflict: SharedScaleSets.Conflict, among all: [SharedScaleSets.Conflict]) -> Bool {
    let counterpart = all.first { $0.cluster == conflict.other && $0.finding.installation == conflict.otherName }
    guard let counterpart, counterpart.finding.isForeign != conflict.finding.isForeign else {
      return conflict.other < conflict.cluster
    }
    return !conflict.finding.isForeign
  }

  /// Does the same on all of them at once.
  ///
  /// - Returns: what came of it on each, in their order.
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

  /// Tells what went wrong, and ends a command as the worst of it demands.
  ///
  /// - Parameter others: statuses that what was found demands.
  /// - Throws: `ExitCode`.
  static func finish<Value>(
    _ sessions: [Session], _ results: [Result<Value, EngineError>], others: [ExitStatus] = []
  ) throws {
    var statuses = others
    for (session, result) in zip(sessions, results) {
      guard case .failure(let error) = result else { continue }
      let console = session.console
      console.tell("\(console.errorStyle.paint(session.target.context, .strong))")
      console.tell(ErrorReport.text(error, style: console.errorStyle))
      statuses.append(ExitStatus(error.kind))
    }
    if let status = ExitStatus.worst(statuses) { throw ExitCode(status.rawValue) }
  }

  /// The worst of what keeps clusters from being asked.
  static func worst(_ problems: [EngineError]) -> EngineError? {
    let worst = ExitStatus.worst(problems.map { ExitStatus($0.kind) })
    return problems.first { ExitStatus($0.kind) == worst }
  }

  /// One look within its time.
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

extension StatusReport {
  /// Several clusters as one document: lists are flat, with the context in every object.
  static func document(_ reports: [StatusReport]) -> JSONValue {
    let documents = reports.map(\.document)
    func all(_ key: String) -> [JSONValue] { documents.flatMap { $0[key]?.arrayValue ?? [] } }
    guard var merged = documents.first?.objectValue else { return [:] }
    merged["clusters"] = .array(all("clusters"))
    // One's own come first, as in each of them.
    func rank(_ document: JSONValue) -> (Int, String) {
      (document["managedBy"] ?? .null == .null ? 0 : 1, document["name"]?.stringValue ?? "")
    }
    merged["installations"] = .array(all("installations").sorted { rank($0) < rank($1) })
    merged["findings"] = .array(all("findings"))
    merged["unknown"] = .array(
      FindingsReport.unknown(zip(reports, documents).map { ($0.context, $1["unknown"]?.arrayValue ?? []) }))
    return .object(merged)
  }

  /// Ends a command as what it saw demands.
  ///
  /// - Parameter tellsUnwell: whether something that keeps jobs from running is told by the exit status.
  static func finish(_ reports: [StatusReport], tellsUnwell: Bool) throws {
    if let blindness = SeveralClusters.worst(reports.compactMap(\.blindness)) { throw blindness }
    if tellsUnwell, reports.contains(where: \.isUnwell) { throw ExitCode(ExitStatus.unwell.rawValue) }
    if let problem = SeveralClusters.worst(reports.filter { !$0.isStarting }.compactMap(\.problem)) { throw problem }
  }
}
