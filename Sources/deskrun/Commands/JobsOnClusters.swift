import CommandOutput
import CommandSession
import Engine

/// The clusters' data about jobs: which are still running, and who owns the scale sets.
struct JobsOnClusters {
  let sessions: [Session]
  /// By cluster, in their order.
  let owners: [ScaleSetOwners]
  /// By cluster; the error of one that cannot be read.
  let answers: [Result<RunningJobs, EngineError>]
  /// By cluster; nil for one that cannot be read.
  private var running: [RunningJobs?] { answers.map { try? $0.get() } }

  /// The maximum time per cluster.
  static let patience: Duration = .seconds(3)

  /// Reads the running jobs of all clusters concurrently. A cluster that does not respond is skipped after three
  /// seconds.
  static func running(_ sessions: [Session]) async throws -> [Result<RunningJobs, EngineError>] {
    try await each(sessions) { session in
      do { return .success(try await RunningJobs.read(session.toolbox)) } catch let error as EngineError {
        return .failure(error)
      }
    }
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

  /// The contexts whose clusters answered which jobs are running.
  var asked: Set<String> { Set(zip(sessions, running).compactMap { $1 == nil ? nil : $0.target.context }) }

  /// Names the clusters that could not be read, and why: a job that is not listed may be running there.
  func tellUnasked() {
    for (session, answer) in zip(sessions, answers) {
      guard case .failure(let error) = answer else { continue }
      session.tellNote("\(error.clause(session.label)), so it is not known which jobs run there")
    }
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
    let seen = Set(unnoted.map(\.runner))
    var targets: [LogRecorder.Target] = []
    for (session, running) in zip(sessions, running) where running != nil {
      targets += lookup.running(in: session.target.context, isNoted: true)
    }
    if let first = sessions.first, running.allSatisfy({ $0 != nil }) {
      targets += lookup.running(in: first.target.context, isNoted: false)
    }
    var ended = RunningJobs.ended(targets.filter { !seen.contains($0.runner) }, archive)
    for lost in unnoted where lost.result == .lost {
      ended[lost.runner] = .init(result: .lost, finished: lost.finished, note: lost.note)
    }
    return ended
  }

  /// The jobs with the times from their clusters, in the same order.
  func timed(_ records: [JobRecord]) async -> [JobRecord] {
    var records = records
    for (index, running) in running.enumerated() {
      guard let running else { continue }
      let own = records.indices.filter { place(of: records[$0]) == index }
      let timed = await running.timed(own.map { records[$0] })
      for (at, record) in zip(own, timed) { records[at] = record }
    }
    return records
  }

  /// The index of a job's cluster; nil if it is not among these.
  private func place(of record: JobRecord) -> Int? {
    guard sessions.count > 1 else { return 0 }
    if let context = record.context { return sessions.firstIndex { $0.target.context == context } }
    return owners.firstIndex { $0.installation(ofScaleSet: record.scaleSet) != nil } ?? 0
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
    let others = Dictionary(grouping: zip(records, places).filter { $1 == nil }.map(\.0)) { $0.context ?? "" }
    groups += others.sorted { $0.key < $1.key }.map { ($0.key, ScaleSetOwners([], []), $0.value) }
    return groups.filter { !$0.records.isEmpty }
  }
}
