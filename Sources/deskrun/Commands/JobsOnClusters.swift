import CommandOutput
import CommandSession
import Engine

/// What the clusters say of jobs: which still run, and whose scale sets are whose.
struct JobsOnClusters {
  let sessions: [Session]
  /// Of each cluster, in their order.
  let owners: [ScaleSetOwners]
  /// Of each cluster; nil for one that cannot be asked.
  let running: [RunningJobs?]

  /// The most time that a cluster is given.
  static let patience: Duration = .seconds(3)

  /// Asks all clusters at once which jobs run. One that does not answer is given up after three seconds.
  static func running(_ sessions: [Session]) async -> [RunningJobs?] {
    await each(sessions) { await RunningJobs.read($0.toolbox) }
  }

  /// Whose the scale sets of each cluster are.
  ///
  /// - Parameter asks: whether the clusters are asked; else the configuration alone tells.
  static func owners(
    _ sessions: [Session], _ configuration: Configuration, asks: Bool
  ) async -> [ScaleSetOwners] {
    let sets = asks ? await each(sessions) { await RunningJobs.scaleSets($0.toolbox) } : sessions.map { _ in nil }
    return zip(sessions, sets).map { session, sets in
      // Of one cluster alone, what lives elsewhere may have been on it.
      let here = sessions.count > 1 ? configuration.on(session.target) : configuration
      return ScaleSetOwners(here.installations, sets ?? [])
    }
  }

  private static func each<Value: Sendable>(
    _ sessions: [Session], _ body: @escaping @Sendable (Session) async -> Value?
  ) async -> [Value?] {
    await withTaskGroup(of: (Int, Value?).self) { group in
      for (index, session) in sessions.enumerated() { group.addTask { (index, await body(session)) } }
      var values: [Value?] = sessions.map { _ in nil }
      for await (index, value) in group { values[index] = value }
      return values
    }
  }

  /// The contexts whose clusters were asked which jobs run.
  var asked: Set<String> { Set(zip(sessions, running).compactMap { $1 == nil ? nil : $0.target.context }) }

  /// Says of which clusters it is not known what runs: a job that is not listed may run there.
  func tellUnasked() {
    for (session, running) in zip(sessions, running) where running == nil {
      session.tellNote("\(session.label) does not answer, so it is not known which jobs run there")
    }
  }

  /// The jobs that run now, as the clusters tell.
  var unnoted: [JobRecord] { running.flatMap { $0?.records ?? [] } }

  /// How jobs ended that do not run any more. One of which nobody noted the cluster has ended only where all clusters
  /// were asked.
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

  /// Running jobs with the times that their cluster tells, in the same order.
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

  /// The place of the cluster that a job ran in; nil for one that is not among them.
  private func place(of record: JobRecord) -> Int? {
    guard sessions.count > 1 else { return 0 }
    if let context = record.context { return sessions.firstIndex { $0.target.context == context } }
    return owners.firstIndex { $0.installation(ofScaleSet: record.scaleSet) != nil } ?? 0
  }

  /// The host of GitHub that a job came from; nil where nobody knows its scale set.
  func host(_ record: JobRecord) -> String? {
    place(of: record).flatMap { owners[$0].host(ofScaleSet: record.scaleSet) }
  }

  /// The jobs of each cluster that has any, those of clusters that nothing lives on any more last.
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
