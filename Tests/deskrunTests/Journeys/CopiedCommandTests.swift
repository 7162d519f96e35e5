import Foundation
import TestSupport
import Testing

@testable import CommandOutput
@testable import CommandSession
@testable import deskrun

/// A printed command acts on the same cluster and configuration when it is copied.
@Suite(.ownThreads) struct CopiedCommandTests {
  /// The commands of deskrun in a text: those in backticks, and lines that consist of a command.
  private static func commands(_ text: String) -> [String] {
    let spans = text.split(separator: "`", omittingEmptySubsequences: false).enumerated()
      .filter { $0.offset % 2 == 1 }.map { String($0.element) }
    let lines = text.split(separator: "\n").map { $0.trimmingCharacters(in: CharacterSet(charactersIn: " \",")) }
    return (spans + lines.map { $0.replacingOccurrences(of: "command\": \"", with: "") })
      .filter { $0.hasPrefix("deskrun ") || $0.hasPrefix("DESKRUN_") }
  }

  private static let runs: [[String]] = [
    ["status", "nosuch"], ["up", "web-ci"], ["add", "web-ci", "-r", "acme/other"], ["doctor"],
    ["doctor", "-o", "json"],
    ["--demo-trouble", "at-limit", "why"], ["--demo-trouble", "at-limit", "why", "-o", "json"],
    ["--demo-trouble", "credentials", "status"], ["--demo-trouble", "credentials", "status", "-o", "json"],
    ["edit", "web-ci", "--auth-value", "env:NOT_SET"], ["scale", "nosuch", "--max", "3"],
    ["--demo-trouble", "not-configured", "up", "--dry-run", "-o", "json"], ["jobs", "logs", "nosuch"],
    ["--demo-empty", "list"], ["--demo-empty", "status"], ["--demo-trouble", "nosuch", "why"],
  ]

  @Test(arguments: Rounds.some(8, of: runs)) func `in the demo it names the demo`(arguments: [String]) async throws {
    let demo = DemoFolder()
    let outcome = try await demo.run(arguments)
    let commands = Self.commands(outcome.output) + Self.commands(outcome.errors)
    for command in commands {
      #expect(command.contains("deskrun --demo"), "\(command)")
      #expect(command.contains("DESKRUN_DEMO_HOME=\(demo.path)"), "\(command)")
    }
  }

  @Test func `the runs above print commands on both streams and in documents`() async throws {
    let demo = DemoFolder()
    #expect(!Self.commands(try await demo.run(["add", "web-ci", "-r", "acme/other"]).errors).isEmpty)
    #expect(!Self.commands(try await demo.run(["--demo-trouble", "at-limit", "why"]).output).isEmpty)
    #expect(!Self.commands(try await demo.run(["--demo-trouble", "at-limit", "why", "-o", "json"]).output).isEmpty)
  }

  @Test func `elsewhere it names home, context and kubeconfig`() async throws {
    let home = try TemporaryFolder()
    let file = "\(home.path)/k.yaml"
    try home.write(
      "{apiVersion: v1, kind: Config, contexts: [{name: prod, context: {cluster: c, user: u}}]}", to: "k.yaml")
    let outcome = try await InProcess.run(
      ["--context", "prod", "--kubeconfig", file, "remove", "nosuch", "-y"],
      environment: ["DESKRUN_HOME": home.path, "PATH": "/nonexistent"])
    #expect(
      outcome.errors.contains("`DESKRUN_HOME=\(home.path) deskrun --context prod --kubeconfig \(file) add nosuch "),
      "\(outcome.errors)")
  }

  /// Commands in backticks are completed; others would act on the wrong cluster when copied.
  @Test func `commands in sentences stand in backticks`() throws {
    let verbs = HelpTests.paths.filter { $0.count == 1 }.map { $0[0] }.joined(separator: "|")
    let bare = try Regex(#""[^"`]*[^"`/.]\bdeskrun (\#(verbs)) [^"]*""#)
    let sources = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .appendingPathComponent("../../../Sources").standardizedFileURL
    let files = try #require(FileManager.default.enumerator(at: sources, includingPropertiesForKeys: nil))
    var read = 0
    for case let file as URL in files where file.pathExtension == "swift" {
      read += 1
      for line in try String(contentsOf: file, encoding: .utf8).split(separator: "\n") {
        let code = line.drop { $0 == " " }
        // Examples in help texts are separate lines, and a command alone is completed as a whole.
        guard !code.hasPrefix("//"), !code.contains("\"deskrun ") else { continue }
        #expect(code.firstMatch(of: bare) == nil, "\(file.lastPathComponent): \(code)")
      }
    }
    #expect(read > 100)
  }

  @Test func `add in the demo needs no token and says whose it uses`() async throws {
    let demo = DemoFolder()
    let outcome = try await demo.run(
      ["add", "ci", "-r", "acme/ci"], environment: ["GH_TOKEN": "ghp_real0000000000000000000000000000000"])
    #expect(outcome.status == 0, "\(outcome.errors)")
    #expect(outcome.errors.contains("using the demo's own token"))
    #expect(try demo.files().allSatisfy { !$0.text.contains("ghp_real") })
  }
}
