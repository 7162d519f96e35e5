import TestSupport
import Testing

@testable import ARC
@testable import Basics
@testable import Installations
@testable import Knowledge
@testable import Kubernetes
@testable import Tools

@Suite struct ListenerTests {
  private func facts(_ text: String) -> [ListenerFact] {
    Array(text.utf8).split(separator: 0x0A).compactMap(ListenerLog.fact)
  }

  @Test func `the recorded log tells of jobs and of how many wait`() throws {
    let facts = facts(String(decoding: try fixture("observation/logs-listener.txt"), as: UTF8.self))
    var (begun, completed, counted) = (0, 0, 0)
    for fact in facts {
      switch fact {
      case .started(let runner, let job, let at):
        begun += 1
        #expect(runner.contains("-runner-") && !job.name.isEmpty && job.runID != nil && at != nil)
        #expect(!job.name.contains("\""))
      case .completed(_, let result, _):
        completed += 1
        #expect(result == .succeeded || result == .failed || result == .cancelled)
      case .counted(_, _, let maximum, _):
        counted += 1
        #expect((2...5).contains(maximum ?? 0))
      case .polled(let at): #expect(at != nil)
      case .problem(let said, _): Issue.record("\(said.text)")
      }
    }
    #expect(begun > 0 && completed > 0 && counted > 0)
  }

  @Test func `the JSON form says the same`() {
    let line =
      #"2026-11-24T12:00:05Z {"time":"x","level":"INFO","msg":"Updating job info for the runner","runnerName":"r","ownerName":"acme","repoName":"web","jobId":"j","jobDisplayName":"a \"b\" c","workflowRunId":17}"#
    guard case .started("r", let job, 1_795_521_605)? = facts(line).first else {
      Issue.record("\(facts(line))")
      return
    }
    #expect(job.name == "a \"b\" c")
    #expect(job.repository == "acme/web")
    let counted =
      #"{"level":"INFO","msg":"Calculated target runner count","assigned job":3,"decision":2,"max":2147483647}"#
    #expect(facts(counted) == [.counted(assigned: 3, wanted: 2, maximum: nil, at: nil)])
  }

  @Test(arguments: [
    "", "=", "msg=\"", "Updating job info for the runner", "assigned job=x decision= Calculated target runner count",
  ])
  func `half lines say nothing`(line: String) { #expect(facts(line).isEmpty) }

  @Test(arguments: [
    ("-9223372036854775808", 0), ("9223372036854775807", 2_147_483_647),
    ("99999999999999999999999", 2_147_483_647), ("-99999999999999999999999", 0),
  ])
  func `no number in a line can be computed with to death`(written: String, read: Int) {
    let line =
      #"2026-11-24T12:00:05Z time=x level=INFO msg="Calculated target runner count" component=worker "#
      + "assigned job=\(written) decision=\(written) min=0 max=\(written) currentRunnerCount=0"
    let facts = facts(line)
    #expect(facts == [.counted(assigned: read, wanted: read, maximum: read == 0 ? 0 : nil, at: 1_795_521_605)])
    var queue = JobQueue()
    for fact in facts { queue.apply(fact, busy: 3, now: 1_795_521_605) }
    queue.settle(busy: 3, now: 1_795_521_605)
    #expect(queue.waiting == (read == 0 ? 0 : 10_000))
  }

  @Test func `the name of a job decides nothing`() {
    let name = #"x level=ERROR msg=\"Calculated target runner count\" assigned job=-9223372036854775808 decision=7"#
    let started =
      #"2026-11-24T12:00:05Z time=x level=INFO msg="Updating job info for the runner" runnerName=r jobDisplayName=""#
      + name + #"" repoName=acme/web jobId=j"#
    guard case .started("r", let job, _)? = facts(started).first else {
      Issue.record("\(facts(started))")
      return
    }
    #expect(job.name.hasPrefix("x level=ERROR") && job.repository == "acme/web")
    for quoting in ["jobDisplayName", "error", "url"] {
      #expect(facts(#"time=x level=INFO msg="Something else" \#(quoting)="\#(name)""#) == [])
      #expect(facts("2026-11-24T12:00:05Z\tINFO\tlistener\tSomething else\t{\"\(quoting)\": \"\(name)\"}") == [])
      #expect(facts(#"{"level":"INFO","msg":"Something else","\#(quoting)":"\#(name)"}"#) == [])
    }
  }

  @Test func `each form of the log says the same`() {
    let expected = [ListenerFact.counted(assigned: 3, wanted: 2, maximum: 5, at: 1_795_521_605)]
    let stamp = "2026-11-24T12:00:05Z"
    for line in [
      #"\#(stamp) time=x level=INFO source=a/b.go:250 msg="Calculated target runner count" "assigned job"=3 decision=2 max=5"#,
      #"time=\#(stamp) level=INFO msg="Calculated target runner count" component=worker assigned job=3 decision=2 max=5"#,
      #"{"time":"\#(stamp)","level":"INFO","msg":"Calculated target runner count","assigned job":3,"decision":2,"max":5}"#,
      "\(stamp)\tINFO\tlistener-app.worker\tCalculated target runner count\t{\"assigned job\": 3, \"decision\": 2, \"max\": 5}",
    ] { #expect(facts(line) == expected, "\(line)") }
    let last = "2026-11-24T12:00:05Z 2026/11/24 12:00:05 Application returned an error: 401 Unauthorized"
    let said = ListenerProblem("Application returned an error: 401 Unauthorized", isLastWord: true)
    #expect(facts(last) == [.problem(said, at: 1_795_521_605)])
    #expect(said.failure == .unauthorized)
  }

  @Test func `errors are told in their own words`() {
    let line = #"time=x level=ERROR msg="Application returned an error" error="401: \"Bad credentials\"""#
    #expect(facts(line) == [.problem(ListenerProblem("401: \"Bad credentials\"", isLastWord: true), at: nil)])
  }

  @Test func `waiting is what is assigned and does not run, oldest first`() {
    var queue = JobQueue()
    queue.apply(.counted(assigned: 2, wanted: 2, maximum: 5, at: 100), busy: 2, now: 100)
    #expect(queue.sentence(busy: 2, now: 100) == nil)
    queue.apply(.counted(assigned: 7, wanted: 5, maximum: 5, at: 110), busy: 5, now: 110)
    queue.apply(.counted(assigned: 8, wanted: 5, maximum: 5, at: 160), busy: 5, now: 160)
    #expect(queue.sentence(busy: 5, now: 302) == "at least 3 waiting, oldest 3m12s, at the limit of 5")
    queue.apply(.started(runner: "r", job: Job(), at: 310), busy: 5, now: 310)
    #expect(queue.assigned(of: "r")?.at == 110)
    #expect(queue.waiting == 2)
    queue.apply(.counted(assigned: 5, wanted: 5, maximum: 5, at: 400), busy: 5, now: 400)
    #expect(queue.waiting == 0)
  }

  @Test func `a wait nobody saw has no length`() {
    var queue = JobQueue()
    queue.apply(.started(runner: "r", job: Job(), at: 310), busy: 0, now: 310)
    #expect(queue.assigned(of: "r") == nil)
  }

  @Test func `a job that GitHub may have held back has waited at least as long as is known`() {
    var queue = JobQueue()
    var log = JobLog()
    func hear(_ fact: ListenerFact, busy: Int) {
      queue.apply(fact, busy: busy, now: 0)
      log.apply(fact, scaleSet: "web", queue: queue)
    }
    func count(_ assigned: Int, _ at: Int64, busy: Int) {
      hear(.counted(assigned: assigned, wanted: assigned, maximum: 2, at: at), busy: busy)
    }
    func start(_ runner: String, _ at: Int64, busy: Int) {
      hear(.started(runner: runner, job: Job(), at: at), busy: busy)
    }
    // Two arrive while there is capacity, and use it.
    count(2, 100, busy: 0)
    start("a", 104, busy: 0)
    start("b", 105, busy: 1)
    // One ends, and GitHub assigns another at once, which may have waited there.
    count(1, 200, busy: 1)
    count(2, 202, busy: 1)
    start("c", 206, busy: 1)
    // Long after that there is capacity again.
    count(0, 300, busy: 0)
    count(1, 400, busy: 0)
    start("d", 403, busy: 0)
    #expect(["a", "b", "c", "d"].map { log[$0]?.isHeldBack } == [false, false, true, false])
    #expect(["a", "b", "c", "d"].map { log[$0]?.waited } == [4, 5, 4, 3])
  }

  @Test func `figures of waits that may have been longer say so`() {
    func record(_ runner: String, isHeldBack: Bool) -> JobRecord {
      var record = JobRecord(
        runner: runner, scaleSet: "web", job: Job(), assigned: 90, started: 100, finished: 200, result: .succeeded)
      record.isHeldBack = isHeldBack
      return record
    }
    func sentence(_ records: [JobRecord]) -> String { JobFigures(records, since: 0, now: 300) { _ in 0 }.sentence }
    #expect(sentence([record("a", isHeldBack: false)]).contains("waited 10s"))
    #expect(sentence([record("a", isHeldBack: false), record("b", isHeldBack: true)]).contains("waited at least 10s"))
  }

  @Test func `figures are of what is known`() {
    func record(_ index: Int, _ result: JobResult, took: Int64, waited: Int64?) -> JobRecord {
      let start = Int64(index) * 600
      return JobRecord(
        runner: "r\(index)", scaleSet: "web", job: Job(), assigned: waited.map { start - $0 }, started: start,
        finished: start + took, result: result)
    }
    let records = [
      record(1, .succeeded, took: 60, waited: 4), record(2, .succeeded, took: 120, waited: nil),
      record(3, .failed, took: 30, waited: 40), record(4, .cancelled, took: 5, waited: nil),
      record(5, .running, took: 0, waited: nil),
    ]
    let figures = JobFigures(records, since: 0, now: 4200, hour: { Int($0 / 3600) })
    #expect(figures.count == 4)
    #expect(figures.perHour == 4)
    #expect(figures.successRate.map { Int(($0 * 100).rounded()) } == 67)
    #expect(figures.took?.median == 30 && figures.took?.p95 == 120)
    #expect(figures.waited?.median == 4 && figures.waited?.p95 == 40)
    #expect(figures.sentence == "4 jobs, 4.0 an hour, 67% succeeded, took 30s (p95 2m), waited 4s (p95 40s)")
    #expect(figures.chart([" ", "▁", "█"]) == "█" + String(repeating: " ", count: 23))
    #expect(JobFigures([], since: 0, now: 100, hour: { _ in 0 }).sentence == "no job has ended")
    let many = (0..<700).map { record($0, .succeeded, took: 1, waited: nil) }
    #expect(JobFigures(many, since: 0, now: 700 * 600, hour: { _ in 0 }).sentence.contains("700 jobs, 6.0 an hour"))
    let busy = many.map {
      JobRecord(runner: $0.runner, scaleSet: "web", job: Job(), started: 1, finished: 9, result: .failed)
    }
    #expect(JobFigures(busy, since: 0, now: 7201, hour: { _ in 0 }).sentence.contains("700 jobs, 350 an hour"))
  }
}
