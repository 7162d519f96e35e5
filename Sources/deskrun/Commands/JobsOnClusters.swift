import CommandOutput
import CommandSession
import Engine

/// The clusters' data about jobs: which are still running, and who owns the scale sets.
struct JobsOnClusters {
  let sessions: [Session]
  /// The clusters in use, including these.
  let known: Set<ClusterPlace>
  /// By cluster, in their order.
  let owners: [ScaleSetOwners]
  /// By cluster.
  let answers: [Answer]
  /// By cluster; nil for one that cannot be read.
  private var running: [RunningJobs?] { answers.map(\.running) }

  /// What a cluster answered.
  enum Answer: Sendable {
    /// It was read.
    ///
    /// - Parameters:
    ///   - uid: the uid of the cluster, if it was asked for.
    ///   - astray: the installations that were deployed on another cluster than the one that the context means now.
    case jobs(RunningJobs, uid: String?, astray: Astray)
    /// It cannot be read; its state if that is the reason.
    case failed(EngineError, ClusterState?)

    var running: RunningJobs? { if case .jobs(let running, _, _) = self { running } else { nil } }
    var uid: String? { if case .jobs(_, let uid, _) = self { uid } else { nil } }
    var astray: Astray { if case .jobs(_, _, let astray) = self { astray } else { Astray() } }
  }

  /// Installations whose context means another cluster now. What else the cluster has is known.
  struct Astray: Sendable {
    var others: [OtherCluster] = []
    /// The ids of their scale sets.
    var scaleSets: Set<String> = []

    init() {}

    init(_ configuration: Configuration, current: ClusterIdentity?) {
      others = configuration.onOtherClusters(current)
      let names = Set(others.map(\.installation))
      for installation in configuration.installations where names.contains(installation.name.description) {
        scaleSets.formUnion(ScaleSetOwners([installation], []).names(of: installation))
      }
    }
  }

  /// The maximum time per cluster.
  static let patience: Duration = .seconds(3)
  /// How long after that to find out why one cannot be read.
  private static let reasonPatience: Duration = .seconds(1)
  /// When to start finding that out for a cluster that has not answered: most do at once.
  private static let doubt: Duration = .seconds(1)

  /// Reads the running jobs of all clusters concurrently. A cluster that does not respond is skipped after three
  /// seconds, and one more for the reason, which is asked for meanwhile.
  static func running(_ sessions: [Session]) async throws -> [Answer] {
    try await each(sessions) { session in
      async let identity = identity(session)
      async let state = state(session, after: doubt)
      do {
        let running = try await RunningJobs.read(session.toolbox)
        let (current, configuration) = try await identity
        return .jobs(
          running, uid: current?.uid, astray: configuration.map { Astray($0, current: current) } ?? Astray())
      } catch let error as EngineError {
        // One that failed at once is asked at once.
        let state = error.kind == .timedOut ? try await state : try await Self.state(session, after: .zero)
        guard let state, !state.isReady else {
          // It answers, so it was something else that took too long.
          let isLate = state != nil && error.kind == .timedOut
          var problem = isLate ? Self.late(session.target) : error
          if state == nil, let way = try await session.otherContext(within: reasonPatience) { problem.fix = way }
          return .failed(problem, nil)
        }
        var problem = session.clusterProblem(state, session.toolbox) ?? error
        if state.isOutOfReach, let way = try await session.otherContext(within: reasonPatience) { problem.fix = way }
        return .failed(problem, state)
      }
    }
  }

  /// The state of a cluster; nil if it is not found out in time.
  private static func state(_ session: Session, after delay: Duration) async throws -> ClusterState? {
    try await Task.sleep(for: delay)
    return try await TimeLimit.value(patience - delay + reasonPatience) {
      try await ClusterInspector(toolbox: session.toolbox).state()
    }
  }

  /// Which cluster the context of a session means now, if something is known of the one that it meant.
  private static func identity(_ session: Session) async throws -> (ClusterIdentity?, Configuration?) {
    guard let whole = try? session.store.load(), whole.all.contains(where: { whole.identity(of: $0.name) != nil })
    else { return (nil, nil) }
    let toolbox = session.toolbox
    let current = try await TimeLimit.value(patience) { try await toolbox.clusterIdentity() }
    return (current ?? nil, whole.on(session.target))
  }

  private static func late(_ target: ClusterTarget) -> EngineError {
    EngineError(
      .timedOut, "The cluster \(SafeText.line(target.context)) did not list its runners",
      why: "not complete within \(DurationText.short(patience))",
      fix: "`deskrun status` waits longer; `deskrun doctor` shows what the credentials may read")
  }

  /// The owners of each cluster's scale sets.
  ///
  /// - Parameter asks: whether to read the clusters; otherwise only the configuration is used.
  static func owners(
    _ sessions: [Session], _ configuration: Configuration, asks: Bool
  ) async throws -> [ScaleSetOwners] {
    let sets = asks ? try await each(sessions) { await RunningJobs.scaleSets($0.toolbox) } : sessions.map { _ in nil }
    return zip(sessions, sets).map { session, sets in
      // With a single cluster, jobs of installations that are elsewhere now may have run on it.
      let here = sessions.count > 1 ? configuration.on(session.target) : configuration
      return ScaleSetOwners(here.installations, sets ?? [])
    }
  }

  private static func each<Value: Sendable>(
    _ sessions: [Session], _ body: @escaping @Sendable (Session) async throws -> Value
  ) async throws -> [Value] {
    try await withThrowingTaskGroup(of: (Int, Value).self) { group in
      for (index, session) in sessions.enumerated() { group.addTask { (index, try await body(session)) } }
      return try await group.reduce(into: []) { $0.append($1) }.sorted { $0.0 < $1.0 }.map(\.1)
    }
  }

  /// Which jobs the clusters confirm.
  var confirmed: ConfirmedJobs {
    var confirmed = ConfirmedJobs()
    confirmed.known = known
    for (session, answer) in zip(sessions, answers) {
      guard let running = answer.running else { continue }
      confirmed.astray[session.target.place] = answer.astray.scaleSets
      confirmed.runners.formUnion(running.records.map(\.runner))
    }
    return confirmed
  }

  /// Names the clusters that could not be read, and why: a job that is not listed may be running there.
  func tellUnasked() {
    for (session, answer) in zip(sessions, answers) {
      for other in answer.astray.others {
        session.tellNote("\(other.what), so it is not known here which of its jobs run; `deskrun why` tells more")
      }
      guard case .failed(let error, let state) = answer, !isShownElsewhere(session) else { continue }
      let label = session.label
      switch state {
      case .absent, .stopped, .paused:
        // Where nothing is configured, a cluster that does not exist is nothing to tell.
        guard state != .absent || isUsed(session) else { continue }
        session.tellNote("\(state?.clause(label) ?? label), so no job runs there" + Self.ending(error.fix))
      default:
        session.tellNote("\(state?.clause(label) ?? error.clause(label)), so it is not known which jobs run there")
      }
    }
  }

  /// Whether clusters that answered are those of everything that is configured on a context.
  private func isShownElsewhere(_ session: Session) -> Bool {
    guard let whole = try? session.store.load() else { return false }
    let uids = Set(answers.compactMap(\.uid))
    let installations = whole.on(session.target).installations
    return !installations.isEmpty
      && installations.allSatisfy { whole.identity(of: $0.name).map { uids.contains($0.uid) } ?? false }
  }

  private static func ending(_ fix: String?) -> String { fix.map { "; \($0)" } ?? "" }

  private func isUsed(_ session: Session) -> Bool {
    (try? session.store.load().isUsed(session.target)) ?? true
  }

  /// The errors if none of the clusters could be asked, by cluster, so that without recorded jobs nothing is known. A
  /// cluster that does not exist or is stopped runs no jobs.
  var unknown: [Result<Void, EngineError>]? {
    var results: [Result<Void, EngineError>] = []
    for answer in answers {
      guard case .failed(let error, let state) = answer else { return nil }
      switch state {
      case .absent, .stopped, .paused: return nil
      default: results.append(.failure(error))
      }
    }
    return results
  }

  /// The text if there are no jobs: what records them where a cluster answers, else the next step.
  var whenEmpty: PrintableText {
    if answers.contains(where: { $0.running != nil }) { return JobsReport.recordingStarts }
    return sessions.contains(where: isUsed)
      ? "No jobs found." : "No jobs found, and no installations. `deskrun add NAME --repository URL` adds one."
  }

  /// The running jobs according to the clusters.
  var unnoted: [JobRecord] {
    JobRecord.joined(running.map { $0?.records ?? [] }) {
      owners[$0].installation(ofScaleSet: $1.scaleSet) != nil
    }
  }

  /// How jobs ended that are no longer running. A job without a recorded cluster has ended only if all clusters
  /// responded.
  func ended(_ lookup: JobLookup, _ archive: LogArchive) -> [String: RunningJobs.Ending] {
    let (seen, confirmed) = (Set(unnoted.map(\.runner)), self.confirmed)
    let allAnswered = running.allSatisfy { $0 != nil }
    let targets = lookup.running { place, scaleSet in
      guard let place else { return allAnswered && !answers.contains { $0.astray.scaleSets.contains(scaleSet) } }
      return confirmed.isKnown(scaleSet, in: place)
    }
    var ended = RunningJobs.ended(targets.filter { !seen.contains($0.runner) }, archive)
    for lost in unnoted where lost.result == .lost {
      ended[lost.runner] = .init(result: .lost, finished: lost.finished, note: lost.note)
    }
    return ended
  }

  /// The jobs with the times from their clusters, in the same order.
  func timed(_ records: [JobRecord]) async -> [JobRecord] {
    let places = records.map(place)
    return await withTaskGroup(of: (own: [Int], timed: [JobRecord]).self) { group in
      for (index, running) in running.enumerated() {
        guard let running else { continue }
        let own = records.indices.filter { places[$0] == index }
        let asked = own.map { records[$0] }
        group.addTask { (own, await running.timed(asked)) }
      }
      var records = records
      for await answer in group {
        for (at, record) in zip(answer.own, answer.timed) { records[at] = record }
      }
      return records
    }
  }

  /// The index of a job's cluster; nil if it is not among these.
  private func place(of record: JobRecord) -> Int? {
    guard sessions.count > 1 else { return 0 }
    let candidates = sessions.indices.filter { record.mayBe(in: sessions[$0].target.place, among: known) }
    return candidates.first { owners[$0].installation(ofScaleSet: record.scaleSet) != nil } ?? candidates.first
  }

  /// A job's GitHub host; nil if its scale set is unknown.
  func host(_ record: JobRecord) -> String? {
    place(of: record).flatMap { owners[$0].host(ofScaleSet: record.scaleSet) }
  }

  /// The jobs grouped by cluster, those of clusters without installations last.
  func groups(_ records: [JobRecord]) -> [(title: String, owners: ScaleSetOwners, records: [JobRecord])] {
    let places = records.map(place)
    var groups = sessions.indices.map { index in
      (
        title: sessions[index].label, owners: owners[index],
        records: zip(records, places).filter { $1 == index }.map(\.0)
      )
    }
    let others = Dictionary(grouping: zip(records, places).filter { $1 == nil }.map(\.0)) { $0.place?.words ?? "" }
    groups += others.sorted { $0.key < $1.key }.map { ($0.key, ScaleSetOwners([], []), $0.value) }
    return groups.filter { !$0.records.isEmpty }
  }
}

/// The running jobs that the clusters confirm. Others were running when last seen.
struct ConfirmedJobs: Sendable {
  /// The clusters in use.
  var known: Set<ClusterPlace> = []
  /// The clusters that answered, each with the scale sets of which it is not known: they were deployed on the cluster
  /// that its context meant before.
  var astray: [ClusterPlace: Set<String>] = [:]
  /// The runners of the jobs that clusters show.
  var runners: Set<String> = []

  init() {}

  /// - Parameter places: the clusters that answered.
  init(places: [ClusterPlace]) {
    known = Set(places)
    for place in places { astray[place] = [] }
  }

  /// Whether it is known which jobs of a scale set run, if they are recorded with this place: every cluster that it may
  /// be answered.
  func isKnown(_ scaleSet: String, in place: ClusterPlace) -> Bool {
    place.candidates(among: known).allSatisfy { astray[$0].map { !$0.contains(scaleSet) } ?? false }
  }

  /// Whether it is certain that a job is still running that was running when last seen.
  func contains(_ record: JobRecord) -> Bool {
    record.result != .running || runners.contains(record.runner)
      || record.place.map { isKnown(record.scaleSet, in: $0) }
        ?? astray.contains { !$0.value.contains(record.scaleSet) }
  }
}
