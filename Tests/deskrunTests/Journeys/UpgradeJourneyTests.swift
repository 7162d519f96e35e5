import Engine
import Foundation
import TestSupport
import Testing

/// The built program on the embedded cluster with both generations of ARC, and an upgrade between them.
@Suite(.ownThreads) struct UpgradeJourneyTests {
  private static let token = "ghp_journeyjourneyjourney"

  private func counts(_ demo: DemoFolder) async throws -> (idle: Int, states: Set<String>, names: [String]) {
    let runners = try await demo.status()["installations"]?[0]?["runners"]?["items"]?.arrayValue ?? []
    let states = runners.compactMap { $0["state"]?.stringValue }
    return (states.count { $0 == "idle" }, Set(states), runners.compactMap { $0["name"]?.stringValue })
  }

  /// Waits for a condition; the following expectations check whether it became true.
  private func look(until isSo: () async throws -> Bool) async throws {
    _ = try await eventually(isSo)
  }

  private func add(_ demo: DemoFolder, _ version: String?) async throws {
    let added = try await demo.run(
      ["--demo-empty", "add", "ci", "-r", "https://github.com/acme/web", "--min-runners", "3", "--auth-value", "-"]
        + (version.map { ["--arc-version", $0] } ?? []), input: Self.token)
    #expect(added.status == 0, "\(added.errors)")
    // A runner that waits for a job is idle in every version.
    var isIdle = false
    try await look {
      isIdle = try await counts(demo).idle > 0
      return isIdle
    }
    #expect(isIdle)
  }

  @Test func `an upgrade and the way back keep everything but the version`() async throws {
    let demo = DemoFolder()
    try await add(demo, "0.14.2")
    #expect(try await demo.status()["controller"] == ["context": "kind-deskrun", "version": "0.14.2", "ready": true])
    #expect(try await counts(demo).names.allSatisfy { $0.split(separator: "-").count == 4 })
    let refused = try await demo.run(["up", "--arc-version", "0.15.0"])
    #expect(refused.status == 65 && refused.errors.contains("deskrun --demo upgrade --to 0.15.0"), "\(refused.errors)")
    let unsupported = try await demo.run(["upgrade", "--to", "0.13.1"])
    #expect(unsupported.status == 65 && unsupported.errors.contains("0.14.2 and 0.15.0"))
    let upgraded = try await demo.run(["upgrade", "--yes", "--now"])
    #expect(upgraded.status == 0, "\(upgraded.errors)")
    #expect(try await demo.status()["controller"]?["version"] == "0.15.0")
    var names: [String] = []
    try await look {
      names = try await counts(demo).names
      return !names.isEmpty
    }
    #expect(!names.isEmpty && names.allSatisfy { $0.hasPrefix("ci-runner-") }, "\(names)")
    let again = try await demo.run(["upgrade", "--yes"])
    #expect(again.status == 0, "\(again.errors)")
    let back = try await demo.run(["upgrade", "--to", "0.14.2", "--yes", "--now"])
    #expect(back.status == 0, "\(back.errors)")
    let status = try await demo.status()
    #expect(status["controller"] == ["context": "kind-deskrun", "version": "0.14.2", "ready": true])
    #expect(status["installations"]?[0]?["registered"] == true && status["installations"]?[0]?["finding"] == .null)
  }

  @Test func `an upgrade that is stopped while it waits goes on with the same command`() async throws {
    let demo = DemoFolder()
    try await add(demo, "0.14.2")
    // Slow, so that it is still waiting when the key is pressed.
    let session = try demo.onTerminal(["--demo-speed", "1", "upgrade", "--yes"])
    try session.wait(for: "uninstall scale set ci")
    session.send("\u{03}")
    #expect(session.finish().status == 130)
    #expect(try await demo.run(["upgrade", "--yes", "--now"]).status == 0)
    let status = try await demo.status()
    #expect(status["controller"] == ["context": "kind-deskrun", "version": "0.15.0", "ready": true])
    #expect(status["installations"]?[0]?["registered"] == true)
  }

  @Test func `a value that the newer chart refuses is named before anything is removed`() async throws {
    let demo = DemoFolder()
    let values = demo.path + "-values.json"
    try Data(#"{"listenerConfig": {"scaler": {"qps": 0}}}"#.utf8).write(to: URL(fileURLWithPath: values))
    defer { try? FileManager.default.removeItem(atPath: values) }
    let added = try await demo.run(
      [
        "--demo-empty", "add", "ci", "-r", "acme/web", "--auth-value", "-", "--arc-version", "0.14.2", "--values",
        values,
      ], input: Self.token)
    #expect(added.status == 0, "\(added.errors)")
    let refused = try await demo.run(["upgrade", "--yes", "--now"])
    #expect(refused.status == 65)
    #expect(refused.errors.contains("listenerConfig.scaler.qps"))
    #expect(try await demo.status()["controller"] == ["context": "kind-deskrun", "version": "0.14.2", "ready": true])
    #expect(try await demo.status()["installations"]?[0]?["registered"] == true)
  }
}
