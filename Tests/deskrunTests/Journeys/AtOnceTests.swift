import Engine
import Foundation
import TestSupport
import Testing

#if canImport(Darwin)
import Darwin
#else
import Glibc
#endif

/// Several concurrent processes with one demo.
@Suite(.ownThreads) struct AtOnceTests {
  private func start(_ demo: DemoFolder, _ arguments: [String]) throws -> Session {
    let session = try Session(
      DeskrunBinary.path, ["deskrun", "--demo-speed", "60"] + arguments,
      environment: DeskrunBinary.environment(["DESKRUN_DEMO_HOME": demo.path]), terminal: nil)
    session.closeInput()
    return session
  }

  private func installation(_ demo: DemoFolder, _ name: String) throws -> Engine.JSONValue? {
    let file = demo.path + "/home/config.json"
    return try JSONValue(parsing: Data(contentsOf: URL(fileURLWithPath: file)))["installations"]?[name]
  }

  @Test func `two changes at once are both made, in the configuration and in the cluster`() async throws {
    let demo = DemoFolder()
    #expect(try await demo.run(["list"]).status == 0)
    for round in 1...Rounds.count(1, soak: 10) {
      let all = try [
        start(demo, ["edit", "web-ci", "--max-runners", String(5 + round)]),
        start(demo, ["edit", "web-ci", "--cache", "/c\(round)"]),
        start(demo, ["scale", "web-ci", "--min-runners", String(round)]),
      ]
      for session in all {
        let outcome = session.finish()
        #expect(outcome.status == 0, "\(outcome.errors)")
      }
      let entry = try installation(demo, "web-ci")
      #expect(entry?["MaxRunners"] == .int(5 + round))
      #expect(entry?["MinRunners"] == .int(round))
      #expect(entry?["CachePaths"]?[0]?["Target"] == .string("/c\(round)"))
      // The cluster matches the configuration, so there is nothing to do.
      let status = try await demo.status()["installations"]?.arrayValue?.first { $0["name"] == "web-ci" }
      #expect(status?["scaleSets"]?[0]?["maxRunners"] == .int(5 + round))
      #expect(status?["scaleSets"]?[0]?["minRunners"] == .int(round))
    }
  }

  @Test func `an edit that comes after a removal brings nothing back`() async throws {
    let demo = DemoFolder()
    #expect(try await demo.run(["list"]).status == 0)
    let lock = try hold(demo, "installation.web-ci")
    let removal = try start(demo, ["remove", "web-ci", "--yes", "--now"])
    try removal.wait(for: "waiting for another deskrun")
    close(lock)
    try removal.wait(for: "[")
    let edit = try start(demo, ["edit", "web-ci", "--max-runners", "7"])
    let edited = edit.finish()
    #expect(removal.finish().status == 0)
    #expect(edited.status == 3, "\(edited.errors)")
    #expect(edited.errors.contains("web-ci"))
    #expect(try installation(demo, "web-ci") == nil)
    #expect(try await demo.status()["installations"]?.arrayValue?.contains { $0["name"] == "web-ci" } == false)
  }

  @Test func `a form that is open while the command line changes keeps both changes`() async throws {
    let demo = DemoFolder()
    let board = try DashboardSession(demo, ["--theme", "mono"])
    try board.see("web-ci-")
    try board.press(Press.down + Press.down + "e", see: "Change web-ci")
    #expect(try await demo.run(["edit", "web-ci", "--cache", "/c1"]).status == 0)
    // Past the mode and the minimum to the maximum.
    board.press(Press.tab + Press.tab + Press.tab + Press.controlU + "8")
    try board.press(Press.enter, see: "Change web-ci  done")
    let entry = try installation(demo, "web-ci")
    #expect(entry?["MaxRunners"] == 8)
    #expect(entry?["CachePaths"]?[0]?["Target"] == "/c1")
    board.press("q")
    #expect(board.finish().status == 0)
    // Colors given for one call are not remembered.
    let interface = try JSONValue(parsing: Data(contentsOf: URL(fileURLWithPath: demo.path + "/home/ui.json")))
    #expect(interface["wraps"] != nil)
    #expect(interface["theme"] == nil)
  }

  @Test(arguments: [SIGINT, SIGTERM]) func `waiting says for whom and ends with a signal`(signal: Int32) async throws {
    let demo = DemoFolder()
    #expect(try await demo.run(["list"]).status == 0)
    let lock = try hold(demo, "installation.web-ci", record: "\(getpid()) 1700000000 deskrun edit web-ci\n")
    defer { close(lock) }
    let session = try start(demo, ["scale", "web-ci", "--max-runners", "7"])
    try session.wait(for: "waiting for deskrun edit web-ci (process \(getpid()), since ")
    kill(session.process, signal)
    // The lock is still held.
    #expect(session.finish().status == 128 + signal)
    #expect(try installation(demo, "web-ci")?["MaxRunners"] == 5)
  }

  /// Holds a lock like another deskrun.
  private func hold(_ demo: DemoFolder, _ name: String, record: String = "") throws -> Int32 {
    let folder = demo.path + "/home/locks/operations"
    try FileManager.default.createDirectory(
      atPath: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
    let descriptor = open("\(folder)/\(name).lock", O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
    try #require(descriptor >= 0 && flock(descriptor, LOCK_EX) == 0)
    let bytes = Array(record.utf8)
    try #require(write(descriptor, bytes, bytes.count) == bytes.count)
    return descriptor
  }

  @Test func `an entry whose key is no name can be removed`() async throws {
    let demo = DemoFolder()
    #expect(try await demo.run(["list"]).status == 0)
    let file = demo.path + "/home/config.json"
    let text = try String(contentsOfFile: file, encoding: .utf8)
    try text.replacing("\"web-ci\": {", with: "\"Bad_Name\": {}, \"web-ci\": {", maxReplacements: 1)
      .write(toFile: file, atomically: true, encoding: .utf8)
    let refused = try await demo.run(["remove", "Other_Name", "--yes"])
    #expect(refused.status == 3)
    let removed = try await demo.run(["remove", "Bad_Name", "--yes"])
    #expect(removed.status == 0, "\(removed.errors)")
    #expect(try installation(demo, "Bad_Name") == nil)
    #expect(try installation(demo, "web-ci") != nil)
  }

  @Test func `a token in the place of the repository is nowhere repeated`() async throws {
    let demo = DemoFolder()
    let token = "ghp_0123456789abcdef0123456789abcdef0123"
    let outcome = try await demo.run(["add", "ci", "-r", token, "--auth-value", "-"], input: "ghp_x")
    #expect(outcome.status == 65)
    #expect(!(outcome.output + outcome.errors).contains("0123456789abcdef"))
  }
}
