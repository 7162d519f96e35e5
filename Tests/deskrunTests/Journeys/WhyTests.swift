import Engine
import Foundation
import TestSupport
import Testing

@testable import CommandOutput
@testable import CommandSession
@testable import deskrun

/// Findings, as reported by the built program.
@Suite(.ownThreads) struct WhyTests {
  /// All rules are tested without processes by the tests of the demo; these cover the cases that differ.
  @Test(
    arguments: Rounds.some(
      4,
      of: [
        FindingRule.clusterStopped, .versionSkew, .noCommand, .hookFails, .dockerMissing, .disk, .toolsMissing,
        .imagePull,
      ]))
  func `status and why agree, and nothing is left once the trouble is over`(rule: FindingRule) async throws {
    let demo = DemoFolder(speed: 1)
    _ = try await demo.run(["--demo-trouble", "none", "list"])
    let why = try await demo.run(["--demo-trouble", rule.rawValue, "why", "-o", "json", "--exit-code"])
    let status = try await demo.run(["status", "-o", "json", "--exit-code"])
    let found = try findings(why.output)
    let finding = try #require(
      found.first { $0["rule"]?.stringValue == rule.rawValue }, "\(rule.rawValue) is not among \(why.output)")
    #expect(finding["cause"]?.stringValue?.isEmpty == false)
    #expect(finding["fix"]?.stringValue?.isEmpty == false)
    #expect(try findings(status.output).map { $0["rule"] } == found.map { $0["rule"] })
    #expect(found.count == 1)
    let isBad = finding["severity"] == "bad"
    #expect(why.status == (isBad ? 8 : 0), "\(why.errors)")
    #expect(status.status == (isBad ? 8 : 0), "\(status.errors)")
    #expect(try await demo.run(["--demo-trouble", "none", "why", "-o", "name"]).output == "")
    #expect(try await findings(demo.run(["status", "-o", "json"]).output).isEmpty)
  }

  private func findings(_ output: String) throws -> [JSONValue] {
    try #require(JSONValue(parsing: output)["findings"]?.arrayValue)
  }

  @Test(arguments: ["why", "status"]) func `all missing tools are named at once`(command: String) async throws {
    let home = try TemporaryFolder()
    let outcome = try await InProcess.run(
      [command], environment: ["PATH": "/nowhere", "HOME": home.path, "DESKRUN_HOME": home.path + "/deskrun"])
    #expect(outcome.status == 5)
    #expect(outcome.errors.contains("kubectl, helm, kind and docker are not installed"), "\(outcome.errors)")
    #expect(outcome.errors.contains("deskrun setup"))
    #expect(!outcome.output.contains("No problem found"))
  }

  @Test(arguments: ["why", "status"]) func `an entry that cannot be read is named with its key`(command: String)
    async throws
  {
    let home = try TemporaryFolder()
    try home.write(
      """
      {"installations": {"web": {"Name": "web", "Repository": "https://github.com/acme/web", "Context": 7}}}
      """, to: "config.json")
    let outcome = try await InProcess.run(
      [command], environment: ["PATH": "/nowhere", "HOME": home.path, "DESKRUN_HOME": home.path])
    #expect(outcome.output.contains("✗ web cannot be used: Context must be a string"), "\(outcome.output)")
    #expect(outcome.output.contains("deskrun remove web"))
    #expect(!outcome.output.contains("No installations found"))
  }

  @Test func `the sentence names cause and remedy, and scripts get a number`() async throws {
    let demo = DemoFolder()
    let outcome = try demo.runProgram(["why", "tools-dind", "--exit-code"])
    #expect(outcome.status == 8)
    #expect(
      outcome.output.contains("✗ tools-dind: 3 runners are failing: image not found: ghcr.io/acme/runner:missing"))
    #expect(outcome.output.contains("deskrun --demo edit tools-dind"))
    #expect(try await demo.run(["status", "--exit-code"]).status == 8)
    #expect(try await demo.run(["why", "nix-builder", "--exit-code"]).status == 0)
    #expect(try await demo.run(["why", "nobody"]).status == 3)
  }

  @Test func `what deskrun can do itself it does when asked`() async throws {
    let demo = DemoFolder()
    _ = try await demo.run(["--demo-trouble", "cluster-stopped", "list"])
    let fixed = try await demo.run(["why", "--fix", "--yes"])
    // The cluster is running again; that one installation's image does not exist is another finding.
    #expect(fixed.errors.contains("its node was stopped; started"), "\(fixed.errors)")
    #expect(fixed.errors.contains("No runner of tools-dind becomes ready"), "\(fixed.errors)")
    #expect(try await demo.run(["status"]).status == 0)
  }

  @Test func `an unknown trouble is refused by name`() async throws {
    let outcome = try await DemoFolder().run(["--demo-trouble", "at-limits", "why"])
    #expect(outcome.status == 64)
    #expect(outcome.errors.contains("Did you mean at-limit?"))
  }
}

/// The history of jobs, as stored and shown by the built program.
@Suite(.ownThreads) struct JobsTests {
  @Test func `recorded jobs outlive their runners, with result and log`() async throws {
    let demo = DemoFolder(speed: 30)
    func runners() async throws -> Set<String> {
      let document = try await JSONValue(parsing: demo.run(["jobs", "--limit", "1000", "-o", "json"]).output)
      return Set((document["jobs"]?.arrayValue ?? []).compactMap { $0["runner"]?.stringValue })
    }
    let before = try await runners()
    let recorder = try demo.onTerminal(["record"])
    try recorder.wait(for: "succeeded after")
    // The last lines of jobs that were ending when recording started may be missing; wait for a complete log.
    let end = Date().addingTimeInterval(testPatience)
    var logs: [String] = []
    while !logs.contains(where: { $0.contains("Running job: ") }), Date() < end {
      try await Task.sleep(for: .milliseconds(100))
      let web =
        try await JSONValue(parsing: demo.run(["jobs", "web-ci", "-o", "json"]).output)["jobs"]?.arrayValue ?? []
      logs = []
      for runner in web.filter({ $0["result"] == "succeeded" }).compactMap({ $0["runner"]?.stringValue })
      where !before.contains(runner) {
        logs.append(try await demo.run(["jobs", "--log", runner]).output)
      }
    }
    #expect(logs.contains { $0.contains("Running job: ") }, "\(logs)")
    kill(recorder.process, SIGTERM)
    #expect(try recorder.waitForEnd() == 0)

    let document = try await JSONValue(parsing: demo.run(["jobs", "-o", "json"]).output)
    let jobs = try #require(document["jobs"]?.arrayValue)
    let done = try #require(
      jobs.first { $0["result"] == "succeeded" && !before.contains($0["runner"]?.stringValue ?? "") })
    #expect(done["runSeconds"]?.intValue != nil)
    #expect(done["htmlUrl"]?.stringValue?.hasPrefix("https://github.com/acme/") == true)
    #expect((document["figures"]?["count"]?.intValue ?? 0) >= 1)

    let table = try await demo.run(["jobs", "web-ci", "--since", "1h"])
    #expect(table.output.contains("RESULT") && !table.output.contains("acme/infra"))
    let failed = try await demo.run(["jobs", "--failed", "-o", "json"])
    let results = try #require(JSONValue(parsing: failed.output)["jobs"]?.arrayValue).map { $0["result"]?.stringValue }
    #expect(results.allSatisfy { $0 == "failed" || $0 == "lost" })
  }

  @Test func `jobs that run are shown although nobody noted them`() async throws {
    let demo = DemoFolder(speed: 1)
    _ = try await demo.run(["list"])
    func busy() async throws -> Set<String> {
      let document = try await JSONValue(parsing: demo.run(["status", "-o", "json"]).output)
      let items = (document["installations"]?.arrayValue ?? []).flatMap { $0["runners"]?["items"]?.arrayValue ?? [] }
      return Set(items.filter { $0["state"] == "busy" }.compactMap { $0["name"]?.stringValue })
    }
    // Runners may start and end a job between two commands: those that were busy before and after were also busy in
    // between.
    var (still, running): (Set<String>, [JSONValue]) = ([], [])
    let isBusy = try await eventually {
      let before = try await busy()
      let document = try await JSONValue(parsing: demo.run(["jobs", "-o", "json"]).output)
      still = try await before.intersection(busy())
      running = (document["jobs"]?.arrayValue ?? []).filter { $0["result"] == "running" }
      return !still.isEmpty
    }
    #expect(isBusy && still.isSubset(of: Set(running.compactMap { $0["runner"]?.stringValue })))
    #expect(running.allSatisfy { $0["confirmed"] == true && $0["name"]?.stringValue?.isEmpty == false })
  }

  @Test func `jobs of another cluster are not ended by asking this one`() async throws {
    let demo = DemoFolder(speed: 1)
    _ = try await demo.run(["list"])
    var there = JobRecord(
      runner: "there", scaleSet: "web-ci", job: Job(), started: SystemTime.secondsSince1970() - 7200, result: .running)
    there.place = ClusterPlace(context: "kind-another")
    try JobHistory(path: demo.path + "/home/history.jsonl").append([there])
    let document = try await JSONValue(parsing: demo.run(["jobs", "--limit", "1000", "-o", "json"]).output)
    let job = try #require(document["jobs"]?.arrayValue?.first { $0["runner"] == "there" })
    #expect(job["result"] == "running" && job["confirmed"] == false && job["context"] == "kind-another")
  }

  @Test func `a job whose runner is gone does not run`() async throws {
    let demo = DemoFolder(speed: 1)
    _ = try await demo.run(["list"])
    let began = SystemTime.secondsSince1970() - 7200
    try JobHistory(path: demo.path + "/home/history.jsonl").append(
      ["gone", "logged"].map {
        JobRecord(runner: $0, scaleSet: "web-ci", job: Job(), started: began, result: .running)
      })
    let stamp = Timestamp.text(began + 90)
    LogArchive(folder: demo.path + "/home/logs").keep(
      ["\(stamp) \(stamp.replacing("T", with: " ")): Job build completed with result: Succeeded"], scaleSet: "web-ci",
      runner: "logged")
    func jobs() async throws -> [JSONValue] {
      try #require(
        JSONValue(parsing: await demo.run(["jobs", "--limit", "1000", "-o", "json"]).output)["jobs"]?.arrayValue)
    }
    let gone = try #require(try await jobs().first { $0["runner"] == "gone" })
    #expect(gone["result"] == "unknown" && gone["runSeconds"] == .null && gone["confirmed"] == true)
    let logged = try #require(try await jobs().first { $0["runner"] == "logged" })
    #expect(logged["result"] == "succeeded" && logged["runSeconds"] == 90)

    _ = try await demo.run(["--demo-trouble", "cluster-stopped", "list"])
    let unasked = try #require(try await jobs().first { $0["runner"] == "gone" })
    #expect(unasked["result"] == "running" && unasked["confirmed"] == false)
    #expect(try await demo.run(["jobs", "--limit", "1000"]).output.contains("last seen running"))
  }

  @Test func `the recorder tells when a finding starts and when it is gone`() async throws {
    let demo = DemoFolder(speed: 1)
    _ = try await demo.run(["--demo-trouble", "none", "list"])
    let recorder = try demo.onTerminal(["record", "-o", "json"])
    _ = try await demo.run(["--demo-trouble", "controller-missing", "list"])
    try recorder.wait(for: "findingStarted")
    _ = try await demo.run(["--demo-trouble", "none", "list"])
    try recorder.wait(for: "findingGone")
    kill(recorder.process, SIGTERM)
    #expect(try recorder.waitForEnd() == 0)
  }

  @Test func `what is not there is said`() async throws {
    let demo = DemoFolder()
    #expect(try await demo.run(["jobs", "nobody"]).status == 3)
    #expect(try await demo.run(["jobs", "--log", "nobody"]).status == 3)
    #expect(try await demo.run(["jobs", "--since", "yesterday"]).status == 64)
    let empty = try await DemoFolder().run(["--demo-empty", "jobs"])
    #expect(empty.status == 0)
    #expect(empty.errors.contains("No jobs found"))
  }

  @Test func `jobs of an installation that nothing knows any more are found by its name`() async throws {
    let demo = DemoFolder(speed: 1)
    _ = try await demo.run(["--demo-trouble", "cluster-stopped", "list"])
    let ended = SystemTime.secondsSince1970() - 60
    try JobHistory(path: demo.path + "/home/history.jsonl").append(
      ["old", "many-1", "many-2", "many-more"].map {
        JobRecord(runner: "\($0)-r", scaleSet: $0, job: Job(), started: ended - 10, finished: ended, result: .succeeded)
      })
    func runners(_ name: String) async throws -> Set<String> {
      let document = try await JSONValue(parsing: demo.run(["jobs", name, "-o", "json"]).output)
      return Set((document["jobs"]?.arrayValue ?? []).compactMap { $0["runner"]?.stringValue })
    }
    #expect(try await runners("old") == ["old-r"])
    #expect(try await runners("many") == ["many-1-r", "many-2-r"])
    // The cluster is stopped, so it is unknown whether it has a scale set of that name.
    #expect(try await demo.run(["jobs", "man"]).status == 6)
  }

  @Test func `the demo starts with a day of jobs, with logs of the newest and of those that failed`() async throws {
    let demo = DemoFolder(speed: 1)
    let document = try await JSONValue(parsing: demo.run(["jobs", "--limit", "1000", "-o", "json"]).output)
    let jobs = (document["jobs"]?.arrayValue ?? []).filter { $0["result"] != "running" }
    #expect(jobs.count > 200)
    let now = SystemTime.secondsSince1970()
    let ages = jobs.compactMap { $0["startedAt"]?.stringValue.flatMap(Timestamp.parse) }.map { now - $0 }
    #expect(ages.count == jobs.count && ages.allSatisfy { (0..<86_400 + 3600).contains($0) })
    #expect(ages.contains { $0 > 20 * 3600 } && ages.contains { $0 < 1800 })
    #expect(jobs.allSatisfy { $0["context"] == "kind-deskrun" && $0["runId"]?.intValue != nil })
    #expect(Set(jobs.compactMap { $0["runner"]?.stringValue }).count == jobs.count)
    let failed = try #require(jobs.last { $0["result"] == "failed" })
    for job in [failed, jobs[0]] {
      let log = try await demo.run(["jobs", "--log", job["runner"]?.stringValue ?? ""]).output
      #expect(log.contains("Running job: \(job["name"]?.stringValue ?? "-")"), "\(log)")
    }
    // The same seed always has the same past, and a reset restores it.
    let hint = try await demo.run(["jobs"]).errors
    #expect(hint.contains("deskrun --demo jobs --log "), "\(hint)")
    _ = try await demo.run(["remove", "web-ci", "--yes", "--now"])
    #expect(try await demo.run(["--demo-reset", "list", "-o", "name"]).output.contains("web-ci"))
  }

  @Test func `a limit that is reached while somebody watches is told`() async throws {
    let demo = DemoFolder(speed: 1)
    _ = try await demo.run(["--demo-trouble", "none", "list"])
    let recorder = try demo.onTerminal(["record", "-o", "json"])
    try recorder.wait(for: "\"cluster\"")
    _ = try await demo.run(["--demo-trouble", "at-limit", "list"])
    try recorder.wait(for: "\"rule\":\"at-limit\"")
    kill(recorder.process, SIGTERM)
    #expect(try recorder.waitForEnd() == 0)
  }
}

@Suite struct FindingsPageTests {
  @Test func `the page lists every rule`() throws {
    let page = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent().deletingLastPathComponent().appendingPathComponent("docs/findings.md")
    let text = try String(decoding: Data(contentsOf: page), as: UTF8.self)
    for rule in FindingRule.allCases { #expect(text.contains("| `\(rule.rawValue)` |"), "\(rule.rawValue)") }
  }
}
