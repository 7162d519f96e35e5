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
    if let blindness = reports.lazy.compactMap(\.blindness).first { throw blindness }
    if tellsUnwell, reports.contains(where: \.isUnwell) { throw ExitCode(ExitStatus.unwell.rawValue) }
    if let problem = reports.lazy.filter({ !$0.isStarting }).compactMap(\.problem).first { throw problem }
  }
}
