import Engine
import Foundation
import TestSupport
import Testing

@testable import CommandOutput
@testable import CommandSession
@testable import deskrun

/// The attachments of a bug report: the log file and `doctor --report`.
@Suite(.ownThreads) struct BugReportTests {
  private static let token = "a1b2c3d4e5f6a7b8c9d0a1b2c3d4e5f6a7b8c9d0"

  private func text(_ path: String) throws -> String { try String(contentsOfFile: path, encoding: .utf8) }

  @Test func `the log file tells of calls, plans, errors and the end, for its owner alone and without secrets`() throws
  {
    let demo = DemoFolder(speed: 1000)
    let folder = try TemporaryFolder()
    let log = folder.path + "/deskrun.log"
    let add = try demo.runProgram([
      "--log-file", log, "add", "ci", "-r", "https://github.com/acme/other", "--auth-value", Self.token,
    ])
    #expect(add.status == 0, "\(add.errors)")
    let added = try text(log)
    for part in [
      "run: deskrun \(DeskrunVersion.current) on ", "add ci -r '••••••' --auth-value '••••••'",
      "context kind-deskrun", "call: #1 ", "/bin/helm upgrade", "exited with status 0 after ", "plan: Add ci: ",
      "plan: scale-set/ci: installed after ", "run: ended with status 0 after ",
    ] {
      #expect(added.contains(part), "\(part) is not in the log")
    }
    #expect(!added.contains(Self.token))
    let mode = try FileManager.default.attributesOfItem(atPath: log)[.posixPermissions] as? Int
    #expect(mode == 0o600)

    let failed = try demo.runProgram(["logs", "nosuch"], environment: ["DESKRUN_LOG": log])
    #expect(failed.status == ExitStatus.notFound.rawValue)
    let whole = try text(log)
    #expect(whole.hasPrefix(added), "it is appended")
    #expect(whole.contains("ask: #") || whole.contains("call: #"))
    #expect(whole.contains("error: No installation and no runner nosuch found"))
    #expect(whole.contains("ended with status 3"))
  }

  @Test func `a log file that cannot be written is refused before anything is done`() async throws {
    let demo = DemoFolder()
    let outcome = try await demo.run(["status", "--log-file", "/dev/null/deskrun.log"])
    #expect(outcome.status == ExitStatus.invalid.rawValue)
    #expect(outcome.errors.contains("The log file /dev/null/deskrun.log cannot be written"))
    #expect(outcome.output == "")
  }

  @Test func `values of --auth-value are left out of the command line unless they say where the secret is`() {
    #expect(CommandLog.shown(["add", "--auth-value=sesame", "x"]) == "deskrun add '--auth-value=••••••' x")
    #expect(CommandLog.shown(["add", "--auth-value", "sesame"]) == "deskrun add --auth-value '••••••'")
    for value in ["gh", "-", "@/key.pem", "env:TOKEN"] {
      #expect(CommandLog.shown(["--auth-value", value]) == "deskrun --auth-value \(value)")
      #expect(CommandLog.shown(["--auth-value=\(value)"]) == "deskrun --auth-value=\(value)")
    }
  }

  @Test func `what was given is not in the command line, whatever it looks like`() {
    for argument in [
      "https://bob:hunter2@github.com/a/b", "secretorg/secretrepo", "DB=postgres://u:pw@h/x", "MY_PASSWORD=xyz",
      "registry.secret.example/image:1",
    ] {
      for line in [["add", "q", "-r", argument], ["edit", "q", "--env", argument], ["add", argument]] {
        #expect(CommandLog.shown(line).hasSuffix(" '••••••'"), "\(line)")
      }
      #expect(CommandLog.shown(["add", "q", "--repository=\(argument)"]) == "deskrun add q '--repository=••••••'")
    }
    #expect(CommandLog.shown(["add", "--auth-value", "-sesame"]) == "deskrun add --auth-value '••••••'")
    #expect(
      CommandLog.shown(["--demo", "status", "web-ci", "-o", "json", "--max-runners=3"])
        == "deskrun --demo status web-ci -o json --max-runners=3")
  }

  @Test func `the report has every part, and names neither owner, repository, user nor home`() async throws {
    let demo = DemoFolder(speed: 1000)
    let log = demo.path + "-log"
    defer { try? FileManager.default.removeItem(atPath: log) }
    _ = try demo.runProgram(["--log-file", log, "--demo-trouble", "image-pull", "status"])
    let outcome = try demo.runProgram(
      ["doctor", "--report", "--log-file", log], environment: ["USER": "mallory", "HOME": "/home/mallory"])
    #expect(outcome.status == 0, "\(outcome.errors)")
    let report = outcome.output
    for part in [
      "Read this before you post it", "## Versions", "deskrun \(DeskrunVersion.current)", "## Checks", "good: kubectl",
      "## Cluster", "kind cluster kind-deskrun: running", "## Installations", "web-ci:", "mode kubernetes, ",
      "## Findings", "image-pull", "## Last errors in the cluster", "## End of the log file", "OWNER-1/REPOSITORY-",
      "ended with status 0",
    ] {
      #expect(report.contains(part), "\(part) is not in the report:\n\(report)")
    }
    for part in ["acme", "mallory", "ghp_demo"] { #expect(!report.contains(part), "\(part) is in the report") }
    let json = try await demo.run(["doctor", "--report", "-o", "json"])
    #expect(json.status == ExitStatus.usage.rawValue)
  }

  @Test(
    arguments: [
      ("registry.corp.example/team/runner:1", "registry.corp.example"), ("localhost:5000/runner", "localhost"),
      ("ghcr.io/actions/actions-runner:latest", nil), ("acme/runner:1", nil), ("runner", nil),
    ] as [(String, String?)])
  func `a registry of one's own is hidden in the report`(image: String, host: String?) {
    #expect(BugReport.privateRegistry(of: image) == host)
  }

  @Test func `the report of a computer without anything says so`() throws {
    let home = try TemporaryFolder()
    let outcome = try DeskrunBinary.run(
      ["doctor", "--report"], environment: ["HOME": home.path, "PATH": "/nonexistent", "XDG_RUNTIME_DIR": home.path])
    #expect(outcome.status == 0, "\(outcome.errors)")
    #expect(outcome.output.contains("bad: kubectl: "))
    #expect(outcome.output.contains("## Installations\n\nnone"))
    #expect(!outcome.output.contains("## End of the log file"))
    #expect(!outcome.output.contains(home.path))
  }
}
