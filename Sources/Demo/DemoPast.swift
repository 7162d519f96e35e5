import Engine

/// The day before the first use of the demo: jobs that ran, how they ended, and the logs of the newest ones. For the
/// two hours that its cluster has existed, they are those of the cluster's runners; before, a typical working day.
struct DemoPast {
  let state: DemoState
  let environment: [String: String]

  /// How many logs to keep, besides those of failed jobs.
  private static let newestLogs = 60
  /// The maximum number of places with a past in a large demo.
  private static let places = 6
  /// Jobs in each hour before the latest two, latest hour first.
  private static let hours = [22, 26, 24, 18, 14, 8, 5, 2, 1, 1, 0, 0, 1, 1, 2, 4, 8, 13, 19, 23, 25, 20]

  /// Writes the history and the logs.
  ///
  /// - Parameter context: the context of the demo's cluster.
  /// - Throws: `EngineError` if they cannot be written.
  func write(context: String) throws {
    let world = DemoWorld(state: state, wall: state.anchorWall)
    let sets = world.scaleSets
    let runners = sets.flatMap { newest(of: $0) + earlier(of: $0, among: sets.count) }.sorted { $0.over < $1.over }
    let paths = try Paths(environment: environment)
    try JobHistory(path: paths.history).append(runners.map { record($0, world, context) })
    let logged = runners.suffix(Self.newestLogs) + runners.dropLast(Self.newestLogs).filter { $0.end == .failed }
    for (scaleSet, runners) in Dictionary(grouping: logged, by: \.scaleSet) {
      try keepLogs(of: runners, world, in: paths.logs, "\(paths.logs)/\(scaleSet)")
    }
  }

  /// Every second runner whose job has ended.
  private func newest(of set: DemoScaleSet) -> [DemoRunner] {
    var random = DemoRandom(state.seed, set.name, "past")
    return set.former(before: state.anchorDemo, places: Self.places).filter { _ in random.next() % 2 == 0 }
  }

  /// Runners of earlier hours: more for the first sets, as real jobs are never spread evenly.
  private func earlier(of set: DemoScaleSet, among count: Int) -> [DemoRunner] {
    let first = set.begin
    return Self.hours.enumerated().flatMap { hour, jobs -> [DemoRunner] in
      var random = DemoRandom(state.seed, set.name, "past", String(hour))
      let share = Double(jobs) / Double(count)
      return (0..<Int(share + random.fraction())).map { _ in
        let started = first - (Double(hour) + random.fraction()) * 3600
        let luck = random.fraction()
        return runner(of: set, started: started, length: 25 + 375 * luck * luck, &random)
      }.filter { $0.gone < first }
    }
  }

  private func runner(
    of set: DemoScaleSet, started: Double, length: Double, _ random: inout DemoRandom
  ) -> DemoRunner {
    let startUp = random.between(3, 6)
    let created = started - startUp - 1
    let end = DemoRunner.End(luck: random.fraction())
    return DemoRunner(
      name: "\(set.runnerSet)-runner-\(random.suffix())", scaleSet: set.name, random: random, created: created,
      pulling: created + 0.8, creating: created + startUp * 0.6, ready: created + startUp, busy: started,
      over: started + length, gone: started + length + 2, assigned: created - random.between(0, 20),
      job: DemoJob(&random, path: set.path, mode: set.mode), end: end)
  }

  private func record(_ runner: DemoRunner, _ world: DemoWorld, _ context: String) -> JobRecord {
    var job = Job()
    job.name = runner.job.name
    job.repository = "\(runner.job.owner)/\(runner.job.repository)"
    job.workflow = runner.job.workflow
    job.ref = Job.shortRef(runner.job.ref)
    job.runID = runner.job.runID
    func time(_ second: Double) -> Int64 { Int64(world.clock.wall(of: second)) }
    let result: JobResult =
      switch runner.end {
      case .succeeded: .succeeded
      case .failed: .failed
      case .cancelled: .cancelled
      }
    var record = JobRecord(
      runner: runner.name, scaleSet: runner.scaleSet, job: job, assigned: time(runner.assigned),
      started: time(runner.busy), finished: time(runner.over), result: result)
    record.place = ClusterPlace(context: context)
    return record
  }

  /// Keeps the logs of runners of one scale set.
  ///
  /// - Parameters:
  ///   - archive: the folder of all logs.
  ///   - folder: that of the scale set.
  private func keepLogs(of runners: [DemoRunner], _ world: DemoWorld, in archive: String, _ folder: String) throws {
    do {
      try FileIO.makePrivateFolder(archive)
      try FileIO.makePrivateFolder(folder)
      for runner in runners {
        let request = DemoLogRequest(pod: runner.name, container: "runner", follows: false, hasTimestamps: true)
        let text = request.text(world.runnerLog(runner), world)
        try HistoryFile.append(Array(text.utf8), to: "\(folder)/\(runner.name).log")
      }
    } catch let error as FileIO.Failure {
      throw EngineError(.failed, "The demo's logs cannot be written", why: "\(archive): \(error.reason)")
    }
  }
}
