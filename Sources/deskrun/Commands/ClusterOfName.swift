import CommandOutput
import CommandSession
import Engine

/// The location of a name that is not in the configuration: a scale set that deskrun did not deploy, or a runner.
enum Whereabouts {
  case on(Session)
  /// No cluster has it; the session is for one of the searched clusters.
  case nowhere(Session)
  /// No cluster that responded has it, and others did not respond.
  case unknown(Session, EngineError)
}

extension Session {
  /// The maximum time for a cluster to answer whether it has a name.
  private static let searchTime: Duration = .seconds(10)
  /// How long to wait for the other clusters once one has the name.
  private static let grace: Duration = .seconds(1)

  /// The session for the cluster with this name.
  ///
  /// - Parameter name: as typed; nil for this session.
  /// - Throws: `EngineError`: of kind `invalid` if several clusters have the name, or if the installation is not on the
  ///   cluster given with `--context`; the error of a cluster that may have the name but does not respond.
  func having(_ name: String?) async throws -> Session {
    switch try await whereabouts(of: name) {
    case .on(let session), .nowhere(let session): return session
    case .unknown(_, let error): throw error
    }
  }

  /// Finds the location of a name. The configuration has that of installations; for other names, all clusters are
  /// searched concurrently.
  ///
  /// - Parameters:
  ///   - mayBeRunner: whether the name may also be that of a runner or another pod.
  ///   - limit: the maximum time per cluster.
  func whereabouts(
    of name: String?, mayBeRunner: Bool = false, within limit: Duration = searchTime
  ) async throws -> Whereabouts {
    guard let name else { return .on(self) }
    try Self.refuseEmpty(name)
    let configuration = try store.load()
    if configuration.target(named: name) != nil { return .on(try await on(name).answering(for: name)) }
    let sessions = try searched(configuration)
    guard sessions.count > 1 else { return .on(sessions.first ?? self) }
    let search = NameSearch(name: name, mayBeRunner: mayBeRunner, configuration: configuration, limit: limit)
    let answers = try await waiting(for: "asking the clusters") {
      try await search.run(sessions, grace: Self.grace)
    }
    let found = answers.filter { $0.answer == .has }.map(\.session)
    if found.count > 1 { throw Self.ambiguous(name, found.map(\.target)) }
    if let session = found.first { return .on(session) }
    let silent = answers.compactMap { entry in
      if case .silent(let error) = entry.answer { (entry.session.target, error) } else { nil }
    }
    let answering = answers.first { $0.answer == .lacks }?.session ?? self
    guard !silent.isEmpty else { return .nowhere(answering) }
    return .unknown(answering, Self.undecided(name, silent, configuration))
  }

  /// The clusters that may have a name: the given ones, else those of the configuration and the default. A kind cluster
  /// without installations is skipped: it may not exist.
  func searched(_ configuration: Configuration) throws -> [Session] {
    var sessions = try everywhere()
    let isUsed = target.kindCluster == nil || configuration.namesCluster
    if !isTargetGiven, isUsed, !sessions.contains(where: { $0.target == target }) { sessions.append(self) }
    return sessions
  }

  /// Throws if the cluster does not respond, because a name that it may have cannot be reported as missing.
  func refuseSilent(_ name: String) async throws {
    let state = try await ClusterInspector(toolbox: toolbox).state()
    let report = StatusReport(context: target.context, cluster: state, snapshot: nil, installations: [])
    guard state != .absent, let problem = report.problem else { return }
    throw Self.undecided(name, [(target, problem)], try store.load())
  }

  private static func ambiguous(_ name: String, _ targets: [ClusterTarget]) -> EngineError {
    EngineError(
      .invalid, "Several clusters have a scale set \(SafeText.line(name))",
      why: targets.map(\.words).joined(separator: ", "), fix: "Name one of them: \(targets[0].options)")
  }

  /// The error for a name that no responding cluster has.
  ///
  /// - Parameter silent: the clusters that did not respond, with the errors.
  static func undecided(
    _ name: String, _ silent: [(ClusterTarget, EngineError)], _ configuration: Configuration
  ) -> EngineError {
    let contexts = silent.map { SafeText.line($0.0.context) }
    let kind = SeveralClusters.worst(silent.map(\.1))?.kind ?? .unreachable
    return EngineError(
      kind,
      "No installation \(SafeText.line(name)) found, and it is not known whether "
        + "\(contexts.joined(separator: " or ")) has a scale set of that name",
      why: silent.map { "\(SafeText.line($0.0.context)): \($0.1.reason)" }.joined(separator: "; "),
      fix: way(out: silent)
        + (Deployer.unknown(SafeText.line(name), configuration).fix.map { ". \($0)" } ?? ""))
  }
}

extension Session {
  /// What helps if clusters cannot be asked for a name: each cause its own fix, and waiting only where that may help.
  private static func way(out silent: [(ClusterTarget, EngineError)]) -> String {
    var ways: [String] = []
    let waiting = silent.filter { ($0.1.obstacle ?? .silent).mayPass }
    for (target, error) in silent where !(error.obstacle ?? .silent).mayPass {
      guard let fix = error.fix else { continue }
      let way = silent.count == 1 ? fix : "\(SafeText.line(target.context)): \(fix)"
      if !ways.contains(way) { ways.append(way) }
    }
    if !waiting.isEmpty || ways.isEmpty {
      let isOne = silent.count == 1
      let names = waiting.map { SafeText.line($0.0.context) }.joined(separator: " and ")
      let whom = isOne ? "that cluster answers" : ways.isEmpty ? "these clusters answer" : "\(names) answers"
      ways.append("Run the same command again when \(whom)")
    }
    return ways.joined(separator: ". ")
  }
}

/// Searches clusters for a name.
private struct NameSearch: Sendable {
  enum Answer: Sendable, Equatable {
    case has, lacks
    case silent(EngineError)
  }

  private enum News: Sendable {
    case answer(Int, Answer)
    /// The remaining clusters were waited for long enough.
    case enough
  }

  let name: String
  let mayBeRunner: Bool
  let configuration: Configuration
  let limit: Duration

  /// The answer of each cluster, in their order. Once one has the name, clusters that do not answer within `grace`
  /// count as not having it. Runner names have a random suffix, so no second cluster has the same one.
  func run(_ sessions: [Session], grace: Duration) async throws -> [(session: Session, answer: Answer)] {
    var answers: [Answer?] = sessions.map { _ in nil }
    try await withThrowingTaskGroup(of: News.self) { group in
      for (index, session) in sessions.enumerated() { group.addTask { .answer(index, try await ask(session)) } }
      defer { group.cancelAll() }
      var isFound = false
      search: while answers.contains(where: { $0 == nil }), let news = try await group.next() {
        switch news {
        case .enough: break search
        case .answer(let index, let answer):
          answers[index] = answer
          guard answer == .has, !isFound else { continue }
          isFound = true
          group.addTask {
            try await Task.sleep(for: grace)
            return .enough
          }
        }
      }
    }
    return zip(sessions, answers).map { ($0, $1 ?? .lacks) }
  }

  private func ask(_ session: Session) async throws -> Answer {
    let toolbox = session.toolbox
    let late = ClusterSummary.late(session.target, limit)
    let answer = try await TimeLimit.value(limit) { () async throws -> Answer in
      do {
        let owners = ScaleSetOwners(
          configuration.on(session.target).installations,
          try await SnapshotReader(toolbox: toolbox).scaleSets(timeout: limit))
        if case .none = owners.named(name) {} else { return .has }
        guard mayBeRunner else { return .lacks }
        let follower = LogFollower(api: try toolbox.api(), places: toolbox.places, interval: limit)
        return try await follower.pods(of: .pod(name)).isEmpty ? .lacks : .has
      } catch let error as EngineError {
        // A kind cluster that does not exist has no pods.
        guard session.target.kindCluster != nil else {
          // kubectl only says that the context is missing where the whole kubeconfig is.
          guard error.obstacle == .context,
            case .contextMissing(let missing) = try await ClusterInspector(toolbox: toolbox).state()
          else { return .silent(error) }
          return .silent(missing)
        }
        return try await ClusterInspector(toolbox: toolbox).state() == .absent ? .lacks : .silent(error)
      }
    }
    return answer ?? .silent(late)
  }
}
