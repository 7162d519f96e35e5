import ARCTestSupport
import TestSupport
import Testing

@testable import ARC
@testable import Basics
@testable import Installations
@testable import Knowledge
@testable import Kubernetes
@testable import Tools

/// Jobs merged from events in any order.
@Suite struct JobLogTests {
  static func snapshot(_ states: [(String, JSONValue)], at time: Int64, pods: [Pod] = []) -> Snapshot {
    Snapshot(
      takenAt: time, controller: nil, scaleSets: [], runners: states.map { ClusterObjects.runner($0.0, $0.1) },
      pods: pods)
  }

  static func dead(_ name: String, reason: String, code: Int) -> Pod {
    Pod([
      "metadata": ["name": .string(name), "labels": ["actions-ephemeral-runner": "True"]],
      "status": [
        "phase": "Failed",
        "containerStatuses": [
          ["name": "runner", "state": ["terminated": ["exitCode": .int(code), "reason": .string(reason)]]]
        ],
      ],
    ])
  }

  private let idle = ClusterObjects.idle
  private let busy = ClusterObjects.busy

  /// Applies snapshots one after another.
  private func log(_ snapshots: [Snapshot]) -> JobLog {
    var log = JobLog()
    var before: Snapshot?
    for snapshot in snapshots {
      log.apply(snapshot.changes(since: before), at: snapshot.takenAt)
      before = snapshot
    }
    return log
  }

  @Test func `a job that is seen to begin and whose runner goes has ended`() {
    let log = log([
      Self.snapshot([("r", idle)], at: 100), Self.snapshot([("r", busy)], at: 110), Self.snapshot([], at: 150),
    ])
    #expect(log["r"]?.started == 110)
    #expect(log["r"]?.finished == 150)
    #expect(log["r"]?.result == .unknown)
  }

  @Test func `at the first look nobody knows when a job began`() {
    #expect(log([Self.snapshot([("r", busy)], at: 100)])["r"]?.started == nil)
  }

  @Test func `the runner's own words have the last word, whenever they come`() {
    var log = log([Self.snapshot([("r", idle)], at: 100), Self.snapshot([("r", busy)], at: 110)])
    log.apply(.started(at: 108), runner: "r")
    log.apply(.ended(result: "Failed", at: 140), runner: "r")
    log.apply([RunnerChange(before: ClusterObjects.runner("r", busy).asRunner, after: nil)], at: 150)
    #expect(log["r"]?.started == 108)
    #expect(log["r"]?.finished == 140)
    #expect(log["r"]?.result == .failed)
  }

  @Test func `marks that come before the job is known are kept for it`() {
    var log = JobLog()
    log.apply(.started(at: 90), runner: "r")
    log.apply(.ended(result: "Succeeded", at: 120), runner: "r")
    log.apply(Self.snapshot([("r", busy)], at: 130))
    #expect(log["r"]?.result == .succeeded)
    #expect(log["r"]?.started == 90)
    #expect(log["r"]?.took == 30)
  }

  @Test(arguments: [
    ("OOMKilled", 137, "out of memory"), ("Error", 143, "terminated from outside (exit code 143)"),
    ("Error", 139, "ended by signal 11 (exit code 139)"),
  ])
  func `a runner that dies under its job loses it`(reason: String, code: Int, note: String) {
    var log = log([
      Self.snapshot([("r", busy)], at: 100),
      Self.snapshot([("r", busy)], at: 110, pods: [Self.dead("r", reason: reason, code: code)]),
      Self.snapshot([], at: 115),
    ])
    #expect(log["r"]?.result == .lost)
    #expect(log["r"]?.note == note)
    // GitHub later calls it failed, but "lost" is more specific.
    log.apply(.completed(runner: "r", result: .failed, at: 200), scaleSet: "web", queue: nil)
    #expect(log["r"]?.result == .lost)
  }

  @Test func `a job that only the listener saw is known`() {
    var log = JobLog()
    let fact = ListenerLog.fact(
      ArraySlice(
        Array(
          """
          2026-11-24T12:00:05Z time=x level=INFO msg="Updating job info for the runner" component=worker runnerName=r \
          ownerName=acme repoName=web jobId=j workflowRef=acme/web/.github/workflows/ci.yml@refs/heads/main \
          workflowRunId=17 jobDisplayName="unit tests" requestId=1
          """.utf8)))
    log.apply(fact ?? .completed(runner: "", result: .unknown, at: nil), scaleSet: "web", queue: nil)
    log.apply(.completed(runner: "r", result: .succeeded, at: 1_795_521_700), scaleSet: "web", queue: nil)
    #expect(log["r"]?.job.name == "unit tests")
    #expect(log["r"]?.job.repository == "acme/web")
    #expect(log["r"]?.job.workflow == "ci.yml")
    #expect(log["r"]?.job.ref == "main")
    #expect(log["r"]?.took == 95)
    #expect(log["r"]?.result == .succeeded)
  }

  @Test func `what ran when deskrun last looked and is gone has ended meanwhile`() {
    var log = JobLog()
    log.restore([
      JobRecord(runner: "old", scaleSet: "web", job: Job(), started: 50, result: .running),
      JobRecord(runner: "still", scaleSet: "web", job: Job(), started: 60, result: .running),
    ])
    log.apply(Self.snapshot([("still", busy)], at: 500))
    #expect(log["old"]?.result == .unknown)
    #expect(log["still"]?.result == .running)
    #expect(log["still"]?.started == 60)
  }

  @Test func `each change is handed over once`() {
    var log = log([Self.snapshot([("r", busy)], at: 100)])
    #expect(log.takeChanges().map(\.runner) == ["r"])
    #expect(log.takeChanges().isEmpty)
    log.apply(Self.snapshot([("r", busy)], at: 110))
    #expect(log.takeChanges().isEmpty)
  }

  @Test func `no more than the limit is kept, the newest`() {
    var log = JobLog()
    log.restore(
      (0..<5000).map { JobRecord(runner: "r\($0)", scaleSet: "web", job: Job(), finished: Int64($0), result: .failed) })
    #expect(log.jobs.count == JobLog.limit)
    #expect(log.jobs.first?.runner == "r4999")
  }
}

@Suite struct JobHistoryTests {
  private func withHistory(_ body: (JobHistory) throws -> Void) throws {
    let folder = try TemporaryFolder()
    try body(JobHistory(path: folder.path + "/home/history.jsonl"))
  }

  private func record(_ runner: String, _ result: JobResult, started: Int64? = nil, finished: Int64? = nil)
    -> JobRecord
  {
    var job = Job()
    (job.name, job.repository, job.ref, job.runID) = ("build \u{1B}[31m", "acme/web", "main", 17)
    return JobRecord(runner: runner, scaleSet: "web", job: job, started: started, finished: finished, result: result)
  }

  @Test func `what is learned of a job is one job when it is read`() throws {
    try withHistory { history in
      try history.append([record("a", .running, started: 100)])
      try history.append([record("b", .running, started: 120), record("a", .succeeded, finished: 160)])
      let read = history.load()
      #expect(read.map(\.runner) == ["b", "a"])
      #expect(read.last?.result == .succeeded)
      #expect(read.last?.took == 60)
      #expect(read.last?.job.runID == 17)
      #expect(read.last?.job.name == "build ")
    }
  }

  @Test(arguments: 1...5) func `it does not matter in which order and how often it was learned`(seed: Int) {
    var dice = SeededDice(seed: UInt64(seed))
    let views = (0..<6).map { _ in
      JobRecord(
        runner: "r", scaleSet: "web", job: Job(),
        assigned: Bool.random(using: &dice) ? .random(in: 1...50, using: &dice) : nil,
        started: .random(in: 50...99, using: &dice), finished: .random(in: 100...200, using: &dice),
        result: JobResult.allCases.randomElement(using: &dice) ?? .unknown,
        note: Bool.random(using: &dice) ? "n\(Int.random(in: 0...9, using: &dice))" : nil)
    }
    let once = views.dropFirst().reduce(views[0]) { $0.merged(with: $1) }
    for _ in 0..<20 {
      let shuffled = (views + views.prefix(2)).shuffled(using: &dice)
      #expect(shuffled.dropFirst().reduce(shuffled[0]) { $0.merged(with: $1) } == once)
    }
  }

  @Test func `damaged lines are left out, and the next one stands by itself`() throws {
    try withHistory { history in
      try history.append([record("a", .failed, started: 1, finished: 2)])
      var bytes = try #require(try FileIO.read(history.path))
      bytes += Array("not json\n{\"runner\":\"half".utf8)
      try FileIO.replace(history.path, with: bytes)
      try history.append([record("b", .failed, started: 3, finished: 4)])
      #expect(history.load().map(\.runner) == ["a", "b"])
    }
  }

  @Test func `a file that is full moves its older part to the months, and nothing is lost`() throws {
    try withHistory { history in
      var history = history
      (history.fileLimit, history.rest) = (20_000, 5_000)
      let day: Int64 = 86_400
      for number in 0..<400 {
        let start = 1_790_000_000 + Int64(number) * day / 4
        try history.append([record("r\(number)", .succeeded, started: start, finished: start + 60)])
      }
      #expect(history.load().map(\.runner) == (0..<400).map { "r\($0)" })
      // An earlier version drops jobs of a larger file, and reads this one.
      let size = try #require(try FileIO.read(history.path)).count
      #expect(size <= 20_000 && size > 1_000)
      #expect(history.months.first == "2026-09.jsonl" && history.months.count == 4)
    }
  }

  @Test func `the newest are read from the end of a long file`() throws {
    try withHistory { history in
      for batch in 0..<6 {
        try history.append(
          (0..<2500).map { record("r\(batch * 2500 + $0)", .succeeded, started: Int64(batch * 2500 + $0 + 1)) })
      }
      let recent = history.recent()
      #expect(recent.count >= JobLog.limit && recent.count < 15_000)
      #expect(recent.last?.runner == "r14999")
      #expect(recent == Array(history.load().suffix(recent.count)))
    }
  }

  @Test func `two write at once and nothing is lost`() async throws {
    let folder = try TemporaryFolder()
    var history = JobHistory(path: folder.path + "/history.jsonl")
    history.fileLimit = 30_000
    let shared = history
    await withTaskGroup(of: Void.self) { group in
      for writer in 0..<4 {
        group.addTask {
          for number in 0..<50 {
            try? shared.append([
              JobRecord(
                runner: "w\(writer)-\(number)", scaleSet: "web", job: Job(), finished: Int64(number), result: .failed)
            ])
          }
        }
      }
    }
    #expect(shared.load().count == 200)
  }
}
