import Engine
import Foundation
import Testing

/// The documents that scripts read have the keys docs/output.md describes, all of them and no others.
@Suite struct DocumentShapeTests {
  static func paths(_ value: JSONValue, _ prefix: String = "", into found: inout Set<String>) {
    switch value {
    case .object(let object):
      for (key, inner) in object.members {
        let path = prefix.isEmpty ? key : prefix + "." + key
        found.insert(path)
        paths(inner, path, into: &found)
      }
    case .array(let items): for item in items { paths(item, prefix + "[]", into: &found) }
    default: break
    }
  }

  /// Documents taken over a while, so that every optional part has been there.
  func shape(_ arguments: [String], times: Int = 1, speed: Double = 60, until wanted: String? = nil) throws -> [String]
  {
    let demo = DemoFolder(speed: speed)
    var found: Set<String> = []
    for _ in 0..<times where wanted == nil || !found.contains(wanted ?? "") {
      Self.paths(try JSONValue(parsing: demo.run(arguments + ["-o", "json"]).output), into: &found)
    }
    return found.sorted()
  }

  @Test func status() throws {
    // Whether jobs like those that run have run before is chance.
    let estimate = "installations[].runners.items[].estimate"
    let all = try shape(["status"], times: 300, until: "installations[].runners.items[].jobPods[].name")
    #expect(
      all.filter { $0.hasPrefix("\(estimate).") }.allSatisfy {
        ["medianSeconds", "p95Seconds", "remainingSeconds", "runs"].contains($0.dropFirst(estimate.count + 1))
      })
    #expect(
      all.filter { !$0.hasPrefix("\(estimate).") } == [
        "cluster", "cluster.context", "cluster.state", "cluster.version", "controller", "controller.ready",
        "controller.version", "findings", "findings[].command", "findings[].evidence", "findings[].installation",
        "findings[].remedy", "findings[].rule", "findings[].severity", "findings[].title", "installations",
        "installations[].configured", "installations[].deployed", "installations[].drift",
        "installations[].listener", "installations[].mode", "installations[].name", "installations[].problem",
        "installations[].problem.fix", "installations[].problem.sentence", "installations[].problem.severity",
        "installations[].registered", "installations[].runners", "installations[].runners.busy",
        "installations[].runners.failing", "installations[].runners.finishing", "installations[].runners.idle",
        "installations[].runners.items", "installations[].runners.items[].code",
        "installations[].runners.items[].created", "installations[].runners.items[].estimate",
        "installations[].runners.items[].failures",
        "installations[].runners.items[].job", "installations[].runners.items[].job.name",
        "installations[].runners.items[].job.ref", "installations[].runners.items[].job.repository",
        "installations[].runners.items[].job.runId", "installations[].runners.items[].job.url",
        "installations[].runners.items[].job.workflow", "installations[].runners.items[].jobPods",
        "installations[].runners.items[].jobPods[].name", "installations[].runners.items[].jobPods[].phase",
        "installations[].runners.items[].name", "installations[].runners.items[].node",
        "installations[].runners.items[].reason", "installations[].runners.items[].scaleSet",
        "installations[].runners.items[].state", "installations[].runners.starting", "installations[].scaleSets",
        "installations[].scaleSets[].maxRunners", "installations[].scaleSets[].minRunners",
        "installations[].scaleSets[].name", "installations[].scaleSets[].phase", "installations[].scaleSets[].version",
        "installations[].target", "installations[].terminating", "takenAt", "unknown",
      ])
  }

  @Test func doctor() throws {
    #expect(
      try shape(["doctor"]) == [
        "checks", "checks[].finding", "checks[].fix", "checks[].id", "checks[].title", "checks[].verdict", "healthy",
      ])
  }

  @Test func events() throws {
    #expect(
      try shape(["events"]) == [
        "events", "events[].count", "events[].kind", "events[].message", "events[].object", "events[].reason",
        "events[].time", "events[].type",
      ])
  }

  @Test func `plans`() throws {
    let found = try shape(["remove", "web-ci", "--dry-run"], times: 100, until: "busyRunners[].job")
    #expect(
      found == [
        "busyRunners", "busyRunners[].job", "busyRunners[].name", "busyRunners[].repository", "busyRunners[].scaleSet",
        "documents", "notes", "steps", "steps[].forecast", "steps[].id", "steps[].title", "title", "valueChanges",
        "warnings",
      ])
  }

  @Test func caches() throws {
    let demo = DemoFolder()
    _ = try demo.run(["list"])
    try FileManager.default.createDirectory(
      atPath: demo.path + "/home/cache/gone/cache-0", withIntermediateDirectories: true)
    var found: Set<String> = []
    Self.paths(try JSONValue(parsing: demo.run(["cache", "list", "-o", "json"]).output), into: &found)
    #expect(
      found.sorted() == [
        "caches", "caches[].bytes", "caches[].index", "caches[].installation", "caches[].isPartial", "caches[].path",
        "caches[].scaleSet", "caches[].target", "root", "unreadable",
      ])
    #expect(try demo.run(["cache", "prune", "--yes"]).status == 0)
    #expect(!FileManager.default.fileExists(atPath: demo.path + "/home/cache/gone"))
  }

  @Test func `everything is described`() throws {
    let package = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent("../../..")
    let document = try String(
      contentsOf: package.appendingPathComponent("docs/output.md").standardizedFileURL, encoding: .utf8)
    for command in ["version", "info", "list", "status", "doctor", "events", "cache list"] {
      #expect(document.contains("`deskrun \(command) -o json`"), "\(command)")
    }
  }
}
