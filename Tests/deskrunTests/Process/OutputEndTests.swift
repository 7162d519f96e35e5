import Foundation
import TestSupport
import Testing

/// The behavior when standard output or standard error is closed, full, or has no reader.
@Suite(.ownThreads) struct OutputEndTests {
  /// Runs a shell command in which `$BIN` is deskrun.
  private func run(_ line: String, _ demo: DemoFolder) throws -> DeskrunBinary.Outcome {
    try DeskrunBinary.tool(
      "/bin/sh", ["-c", line], environment: ["BIN": DeskrunBinary.path, "DESKRUN_DEMO_HOME": demo.path])
  }

  @Test(arguments: [">&- 2>&-", "<&- >&- 2>&-", "2>&-"])
  func `closed standard descriptors disturb nothing`(redirections: String) async throws {
    let demo = DemoFolder(speed: 1000)
    let outcome = try run("exec $BIN --demo edit web-ci --max-runners 7 \(redirections)", demo)
    #expect(outcome.status == 0)
    let list = try await demo.run(["list"]).output
    #expect(list.split(separator: "\n").contains { $0.hasPrefix("web-ci ") && $0.hasSuffix(" 7") }, "\(list)")
  }

  #if os(Linux)
  /// Each writes in a different way; other commands write tables and documents like these.
  private static let writers = [
    "list", "list -o json", "--version", "--help", "status", "completion bash", "logs web-ci",
    "edit web-ci --max-runners 8 --dry-run",
  ]

  @Test func `what cannot be written is an error`() async throws {
    let demo = DemoFolder()
    _ = try await demo.run(["list"])
    let others = ["add --help", "jobs -o json", "why", "info", "doctor", "events"]
    for command in Self.writers + (Rounds.soak == nil ? [] : others) {
      let option = command.hasPrefix("--") ? "" : "--demo "
      let outcome = try run("exec $BIN \(option)\(command) >/dev/full", demo)
      #expect(outcome.status == 1, "\(command): \(outcome.errors)")
      #expect(outcome.errors.contains("No space left on device"), "\(command): \(outcome.errors)")
    }
  }

  @Test func `too few file descriptors are an error, not a crash`() async throws {
    let demo = DemoFolder()
    _ = try await demo.run(["list"])
    for limit in [7, 12, 20] {
      let outcome = try run("ulimit -n \(limit); exec $BIN --demo status", demo)
      #expect(outcome.status == 1, "\(limit): \(outcome.errors)")
      #expect(outcome.errors.contains("ulimit -n"), "\(limit): \(outcome.errors)")
    }
    // A soft limit is raised.
    #expect(try run("ulimit -S -n 12; exec $BIN --demo status", demo).status == 0)
  }
  #endif

  /// The reader takes one line and closes the pipe; nothing more is written because nothing happens in the cluster.
  @Test(arguments: ["status --watch", "logs web-ci -f --tail 1", "events --watch"])
  func `what goes on ends with its reader`(command: String) async throws {
    let demo = DemoFolder(speed: 1)
    _ = try await demo.run(["list"])
    let outcome = try run("{ $BIN --demo \(command); echo \"status $?\" >&2; } | head -n 1", demo)
    #expect(outcome.errors.contains("status 141") || outcome.errors.contains("status 0"), "\(outcome.errors)")
    #expect(!outcome.errors.contains("error:"), "\(outcome.errors)")
  }

  @Test func `a recorder that has nothing to tell ends with its reader`() async throws {
    let demo = DemoFolder(speed: 1)
    _ = try await demo.run(["--demo-empty", "list"])
    let outcome = try run("{ $BIN --demo record -q; echo \"status $?\" >&2; } | true", demo)
    #expect(outcome.errors.contains("status"), "\(outcome.errors)")
  }
}
