import Engine
import TestSupport
import Testing

@testable import CommandOutput
@testable import deskrun

/// `deskrun jobs --timeline`, and the progress of running jobs in documents.
@Suite struct JobTimelineTests {
  private static let now: Int64 = 1_795_522_138

  private func record(
    _ runner: String, _ set: String = "web", ago: Int64, took: Int64?, _ result: JobResult, waited: Int64 = 0
  ) -> JobRecord {
    var job = Job()
    (job.name, job.repository, job.workflow) = ("build", "acme/web", "ci.yml")
    let start = Self.now - ago
    var record = JobRecord(
      runner: runner, scaleSet: set, job: job, assigned: waited > 0 ? start - waited : nil, started: start,
      finished: took.map { start + $0 }, result: result)
    record.place = ClusterPlace(context: "kind-a")
    return record
  }

  private func lines(
    _ records: [JobRecord], width: Int = 60, unicode: Bool = false, context: String? = "kind-a"
  ) throws -> [String] {
    let installation = try Installation(
      name: InstallationName("web"), target: GitHubTarget("https://github.com/acme/web"), mode: .kubernetes,
      runners: RunnerCounts(minimum: 0, maximum: 2), authentication: .token(.gh(host: "github.com")))
    let timeline = JobsTimeline(
      records: records, owners: ScaleSetOwners([installation], []), span: 3600, now: Self.now,
      confirmed: ConfirmedJobs(places: context.map { [ClusterPlace(context: $0)] } ?? []))
    return timeline.text(Style(usesColor: false, usesUnicode: unicode), width: width).raw
      .split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
  }

  @Test func `each installation has its lanes, an axis and its limit`() throws {
    let lines = try lines([
      record("a", ago: 3000, took: 600, .succeeded), record("b", ago: 2800, took: 1500, .failed, waited: 400),
      record("c", ago: 2700, took: 300, .succeeded), record("d", ago: 500, took: nil, .running),
      record("e", "other", ago: 1000, took: 100, .cancelled),
    ])
    #expect(lines[0] == "other" && lines.contains("web  max 2"))
    #expect(lines.allSatisfy { $0.count <= 60 })
    #expect(lines.contains { $0.hasPrefix("      1/2  ") && $0.contains("[++++") && $0.contains("[>>>") })
    #expect(lines.contains { $0.hasPrefix("      2/2  ") && $0.contains(":[xxxx") })
    #expect(lines.contains { $0.contains("-- max 2 --") })
    #expect(lines.contains { $0.hasPrefix("      3/2  ") })
    #expect(lines.contains { $0.hasPrefix("  waiting  ") && $0.contains("11") })
    #expect(lines.contains { $0.hasPrefix("           ") && $0.contains("12:00") })
    #expect(lines.contains("+ succeeded  x failed or lost  - canceled  > running"))
    #expect(lines.contains(": waiting"))
    #expect(lines.joined().utf8.allSatisfy { $0 < 0x80 })
  }

  @Test func `a job of which nobody knows whether it runs is not drawn as running`() throws {
    let job = record("a", ago: 1800, took: nil, .running)
    #expect(try lines([job]).contains { $0.contains("[>>>>") })
    #expect(try !lines([job], context: nil).contains { $0.contains(">") })
  }

  @Test(arguments: [20, 60, 100, 300]) func `lines fit the width`(width: Int) throws {
    let all = (0..<40).map { record("r\($0)", ago: Int64($0) * 60 + 100, took: 200, .succeeded, waited: 100) }
    for unicode in [true, false] {
      #expect(try lines(all, width: width, unicode: unicode).allSatisfy { $0.count <= max(width, 31) })
    }
  }

  @Test(arguments: [
    ["jobs", "--timeline", "-o", "json"], ["jobs", "--timeline", "--log", "x"],
  ]) func `what cannot be drawn is refused`(arguments: [String]) {
    let answer = CommandLineAnswer.to(arguments)
    #expect(answer.status != 0 && answer.errors.contains("--timeline"))
  }

  @Test func `a running job tells how far it is, others do not`() throws {
    let running = record("x", ago: 40, took: nil, .running)
    let former = (0..<3).map { record("old\($0)", ago: 5000, took: 90 + Int64($0) * 10, .succeeded) }
    let recorded = RecordedConsole(live: false)
    try JobsReport(
      records: [running] + former, figures: JobFigures(former, since: 0, now: Self.now) { _ in 0 }, host: { _ in nil },
      now: Self.now, confirmed: ConfirmedJobs(places: [ClusterPlace(context: "kind-a")]),
      style: Style(usesColor: false, usesUnicode: true),
      durations: JobDurations(former)
    ).write(OutputForm(format: .json), to: recorded.console)
    let jobs = try JSONValue(parsing: recorded.output.text)["jobs"]
    #expect(
      jobs?[0]?["estimate"] == ["medianSeconds": 100, "p95Seconds": 110, "runs": 3, "remainingSeconds": 60])
    #expect(jobs?[1]?["estimate"] == .null)
  }

  @Test func `in the demo the timeline and the estimates follow from the history`() async throws {
    let demo = DemoFolder(speed: 1)
    // All jobs may have ended for a moment.
    var found: JSONValue?
    _ = try await eventually {
      found = try await demo.status()["installations"]?.arrayValue?.lazy
        .flatMap { $0["runners"]?["items"]?.arrayValue ?? [] }.first { $0["job"] != .null }
      return found != nil
    }
    let busy = try #require(found)
    let job = try #require(busy["job"])
    var about = Job()
    about.name = job["name"]?.stringValue ?? ""
    about.repository = job["repository"]?.stringValue ?? ""
    about.workflow = job["workflow"]?.stringValue ?? ""
    let set = busy["scaleSet"]?.stringValue ?? ""
    let start = SystemTime.secondsSince1970() - 1800
    try JobHistory(path: demo.path + "/home/history.jsonl").append(
      (0..<3).map { number in
        JobRecord(
          runner: "old-\(number)", scaleSet: set, job: about, assigned: start - 300, started: start,
          finished: start + 900, result: .succeeded)
      })
    let outcome = try await demo.run(["jobs", "--timeline"])
    #expect(outcome.status == 0, "\(outcome.errors)")
    #expect(outcome.output.contains("\(set)  max "))
    #expect(outcome.output.contains("✓━━━") && outcome.output.contains("✓ succeeded"))
    #expect(outcome.output.split(separator: "\n").allSatisfy { $0.count <= 100 })
    let ascii = try await demo.run(["jobs", "--timeline", "--ascii", "--since", "2h"])
    #expect(ascii.output.contains("[++") && ascii.output.utf8.allSatisfy { $0 < 0x80 })
    let after = try await demo.status()["installations"]?.arrayValue?.lazy
      .flatMap { $0["runners"]?["items"]?.arrayValue ?? [] }.first { $0["name"] == busy["name"] }
    // It may have ended meanwhile.
    if let after, after["job"] != .null {
      #expect(after["estimate"]?["medianSeconds"] != nil && after["estimate"]?["runs"] != nil)
    }
  }
}
