import DemoTestSupport
import Engine
import TestSupport
import Testing

@testable import CommandOutput
@testable import deskrun

/// A scale set with another name than its installation, because it was changed with Helm.
@Suite struct RenamedScaleSetTests {
  /// A cluster in which web-ci's scale set, its runners and its listener are named arc-x64.
  private struct RenamingTools: ToolRunner {
    private let tools = DemoTools()

    func run(_ call: ToolCall, onLine: (@Sendable (ToolLine) -> Void)?) async throws -> ToolResult {
      guard call.arguments.contains("--raw") else { return try await tools.run(call, onLine: onLine) }
      var result = try await tools.run(asked(call), onLine: onLine)
      result.output = answered(result.output)
      return result
    }

    func stream(_ call: ToolCall, onChunk: @Sendable ([UInt8]) async throws -> Void) async throws -> ToolResult {
      try await tools.stream(asked(call)) { try await onChunk(answered($0)) }
    }

    private func asked(_ call: ToolCall) -> ToolCall {
      var call = call
      call.arguments = call.arguments.map { $0.replacing("arc-x64", with: "web-ci") }
      return call
    }

    /// The release still belongs to the installation.
    private func answered(_ bytes: [UInt8]) -> [UInt8] {
      var text = String(decoding: bytes, as: UTF8.self).replacing("web-ci", with: "arc-x64")
      for key in ["meta.helm.sh/release-name", "deskrun/installation"] {
        text = text.replacing("\"\(key)\":\"arc-x64\"", with: "\"\(key)\":\"web-ci\"")
      }
      return Array(text.utf8)
    }
  }

  @Test func `logs, events and jobs find the runners under the installation's name`() async throws {
    let demo = DemoFolder()
    func run(_ arguments: String...) async throws -> DeskrunBinary.Outcome {
      try await demo.run(arguments, runner: RenamingTools())
    }
    let logs = try await run("logs", "web-ci")
    #expect(logs.status == 0, "\(logs.errors)")
    #expect(logs.output.contains("Listening for Jobs"))
    #expect(logs.output.split(separator: "\n").allSatisfy { $0.hasPrefix("arc-x64-") })
    let listener = try await run("logs", "web-ci", "--listener")
    #expect(listener.output.contains("Calculated target runner count"), "\(listener.errors)")
    let events = try await run("events", "web-ci", "-o", "name")
    #expect(events.status == 0, "\(events.errors)")
    let objects = events.output.split(separator: "\n")
    #expect(!objects.isEmpty && objects.allSatisfy { $0.hasPrefix("arc-x64") })
    // Past jobs of the demo have the former name; running ones have the new name, but at times none is running.
    var running: [JSONValue] = []
    let isRunning = try await eventually {
      let document = try await JSONValue(parsing: run("jobs", "web-ci", "-o", "json").output)
      running = (document["jobs"]?.arrayValue ?? []).filter { $0["result"] == "running" }
      return !running.isEmpty
    }
    #expect(isRunning && running.allSatisfy { $0["scaleSet"] == "arc-x64" })
    for command in ["logs", "events", "jobs", "status"] {
      let other = try await run(command, "arc-x64")
      #expect(other.status == ExitStatus.notFound.rawValue)
      #expect(other.errors.contains("The scale set arc-x64 belongs to the installation web-ci"), "\(other.errors)")
    }
  }

  @Test(arguments: [
    ["logs"], ["logs", "--follow"], ["logs", "--listener"], ["events"], ["jobs"], ["status"], ["why"],
  ])
  func `a name that nothing has is not found`(command: [String]) async throws {
    let demo = DemoFolder()
    let outcome = try await demo.run(command + ["nosuch"])
    #expect(outcome.status == ExitStatus.notFound.rawValue, "\(outcome.output)\(outcome.errors)")
    #expect(
      outcome.errors.contains("No installation nosuch found") || outcome.errors.contains("no runner nosuch found"))
    #expect(outcome.output == "")
  }

  @Test(arguments: ["logs", "events"]) func `a name is looked for before the cluster is`(command: String) async throws {
    let demo = DemoFolder()
    _ = try await demo.run(["--demo-empty", "--demo-reset", "list"])
    let outcome = try await demo.run([command, "nosuch"])
    #expect(outcome.status == ExitStatus.notFound.rawValue, "\(outcome.errors)")
  }
}
