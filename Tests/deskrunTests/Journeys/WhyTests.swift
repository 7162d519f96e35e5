import Engine
import Foundation
import Testing

@testable import CommandOutput
@testable import CommandSession
@testable import deskrun

/// What is not well, as the built program says it.
@Suite struct WhyTests {
  @Test(arguments: FindingRule.allCases) func `each trouble of the demo is found and can be mended`(rule: FindingRule)
    throws
  {
    let demo = DemoFolder(speed: 1)
    let found = try demo.run(["--demo-trouble", rule.rawValue, "why", "-o", "json"])
    #expect(found.status == 0, "\(found.errors)")
    let findings = try #require(JSONValue(parsing: found.output)["findings"]?.arrayValue)
    let finding = try #require(
      findings.first { $0["rule"]?.stringValue == rule.rawValue }, "\(rule.rawValue) is not among \(found.output)")
    #expect(finding["title"]?.stringValue?.isEmpty == false)
    #expect(finding["remedy"]?.stringValue?.isEmpty == false)
    #expect(found.output.contains("  ") && !found.output.contains("ghp_"))
    // What is left of a failed job is told until another one succeeds, and this computer may really have little.
    let lasting: Set<FindingRule> = [
      .imagePull, .needsContainer, .hookFails, .accessDenied, .inotify, .disk, .cachePlace,
    ]
    let mended = try demo.run(["--demo-trouble", "none", "why", "-o", "name"])
    if !lasting.contains(rule) {
      #expect(!mended.output.split(separator: "\n").contains(Substring(rule.rawValue)), "\(mended.output)")
    }
  }

  @Test func `the sentence names cause and remedy, and scripts get a number`() throws {
    let demo = DemoFolder()
    let outcome = try demo.run(["why", "tools-dind", "--exit-code"])
    #expect(outcome.status == 8)
    #expect(outcome.output.contains("✗ tools-dind: 3 runners fail: image ghcr.io/acme/runner:missing not found"))
    #expect(outcome.output.contains("deskrun --demo edit tools-dind"))
    #expect(try demo.run(["status", "--exit-code"]).status == 8)
    #expect(try demo.run(["why", "nix-builder", "--exit-code"]).status == 0)
    #expect(try demo.run(["why", "nobody"]).status == 3)
  }

  @Test func `what deskrun can do itself it does when asked`() throws {
    let demo = DemoFolder()
    _ = try demo.run(["--demo-trouble", "cluster-stopped", "list"])
    let fixed = try demo.run(["why", "--fix", "--yes"])
    #expect(fixed.status == 0, "\(fixed.errors)")
    #expect(try demo.run(["status"]).status == 0)
  }

  @Test func `an unknown trouble is refused by name`() throws {
    let outcome = try DemoFolder().run(["--demo-trouble", "at-limits", "why"])
    #expect(outcome.status == 64)
    #expect(outcome.errors.contains("Did you mean at-limit?"))
  }
}

/// Jobs that ran, as the built program keeps and shows them.
@Suite struct JobsTests {
  @Test func `recorded jobs outlive their runners, with result and log`() throws {
    let demo = DemoFolder(speed: 30)
    let empty = try demo.run(["jobs"])
    #expect(empty.status == 0)
    #expect(empty.errors.contains("No job was seen"))
    let recorder = try demo.onTerminal(["record"])
    try recorder.wait(for: "succeeded after", seconds: 60)
    // Of jobs that were ending when the recorder came their last lines may be missed: it goes on until one is whole.
    let end = Date().addingTimeInterval(60)
    var logs: [String] = []
    while !logs.contains(where: { $0.contains("Running job: ") }), Date() < end {
      usleep(300_000)
      let web = try JSONValue(parsing: demo.run(["jobs", "web-ci", "-o", "json"]).output)["jobs"]?.arrayValue ?? []
      logs = try web.filter { $0["result"] == "succeeded" }.compactMap { $0["runner"]?.stringValue }.map {
        try demo.run(["jobs", "--log", $0]).output
      }
    }
    #expect(logs.contains { $0.contains("Running job: ") }, "\(logs)")
    kill(recorder.process, SIGTERM)
    #expect(try recorder.waitForEnd(seconds: 20) == 0)

    let document = try JSONValue(parsing: demo.run(["jobs", "-o", "json"]).output)
    let jobs = try #require(document["jobs"]?.arrayValue)
    let done = try #require(jobs.first { $0["result"] == "succeeded" })
    #expect(done["tookSeconds"]?.intValue != nil)
    #expect(done["url"]?.stringValue?.hasPrefix("https://github.com/acme/") == true)
    #expect((document["figures"]?["count"]?.intValue ?? 0) >= 1)

    let table = try demo.run(["jobs", "web-ci", "--since", "1h"])
    #expect(table.output.contains("RESULT") && !table.output.contains("acme/infra"))
    let failed = try demo.run(["jobs", "--failed", "-o", "json"])
    let results = try #require(JSONValue(parsing: failed.output)["jobs"]?.arrayValue).map { $0["result"]?.stringValue }
    #expect(results.allSatisfy { $0 == "failed" || $0 == "lost" })
  }

  @Test func `what is not there is said`() throws {
    let demo = DemoFolder()
    #expect(try demo.run(["jobs", "nobody"]).status == 3)
    #expect(try demo.run(["jobs", "--log", "nobody"]).status == 3)
    #expect(try demo.run(["jobs", "--since", "yesterday"]).status == 64)
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
