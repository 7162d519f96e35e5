import Engine
import Foundation
import TestSupport
import Testing

@testable import CommandOutput

#if canImport(Darwin)
import Darwin
#else
import Glibc
#endif

/// Exit statuses where no kubeconfig leads to the cluster, with the built program: docs/output.md has the table.
@Suite(.ownThreads) struct ObstacleStatusTests {
  private let home: TemporaryFolder
  private let environment: [String: String]

  /// An installation on the context `prod`; the kubeconfig has another one.
  init() throws {
    home = try TemporaryFolder()
    let kubectl = """
      case "$*" in
        *--client*) echo '{"clientVersion": {"gitVersion": "v1.36.1"}}' ;;
        "config get-contexts"*) [ -n "$KUBECONFIG" ] && [ ! -e "$KUBECONFIG" ] || echo other ;;
        *"--context nouser"*) echo 'Please enter Username: error: EOF' >&2; exit 1 ;;
        *"--context other"*) echo 'The connection to the server 127.0.0.1:1 was refused - did you specify it?' >&2; exit 1 ;;
        *) echo 'error: context "gone" does not exist' >&2; exit 1 ;;
      esac
      """
    environment = try home.writePrograms(kubectl: kubectl)
    let entry =
      #""web": {"Name": "web", "Repository": "https://github.com/acme/web", "AuthType": "pat", "AuthValue": "x", "#
      + #""Context": "prod"}"#
    try home.write("{\"installations\": {\(entry)}}", to: "config.json")
  }

  private func run(_ arguments: [String], missing: Bool = false) throws -> DeskrunBinary.Outcome {
    var environment = environment
    if missing { environment["KUBECONFIG"] = home.path + "/missing" }
    return try DeskrunBinary.run(arguments, environment: environment)
  }

  /// Each command, with its status for `--context gone` and for a `KUBECONFIG` that does not exist.
  static let table: [(command: [String], context: Int32, kubeconfig: Int32?)] = [
    (["status"], 6, 6), (["why"], 0, 0), (["why", "web"], 65, 6), (["events"], 6, 6), (["logs", "web"], 65, 6),
    (["jobs"], 6, 6), (["jobs", "-o", "json"], 6, 6), (["jobs", "--timeline"], 6, 6), (["doctor"], 1, 1),
    (["list"], 6, 0), (["cluster", "list"], 0, 0), (["cluster", "status"], 6, nil),
    (["tui", "--snapshot", "80x24"], 0, 0),
    // Without a given context, it waits for the kubeconfig.
    (["record"], 6, nil), (["up", "--dry-run"], 6, 6), (["down", "--dry-run"], 6, nil),
    (["upgrade", "--dry-run"], 6, nil),
    (["up", "--yes"], 6, 6), (["add", "x", "-r", "acme/x", "--auth-value", "t", "--dry-run"], 6, nil),
    (["scale", "web", "3"], 65, 6), (["remove", "web", "--dry-run"], 65, 6), (["info"], 0, 0),
    (["cluster", "use", "gone"], 6, 6),
  ]

  @Test(arguments: 0..<Self.table.count)
  func `each command ends as docs/output.md says`(row: Int) throws {
    let (command, context, kubeconfig) = Self.table[row]
    let given = try run(command + ["--context", "gone"])
    #expect(given.status == context, "\(command): \(given.output)\(given.errors)")
    if command != ["info"] { #expect((given.output + given.errors).contains("gone"), "\(command): \(given.output)") }
    guard let kubeconfig else { return }
    let missing = try run(command, missing: true)
    #expect(missing.status == kubeconfig, "\(command): \(missing.output)\(missing.errors)")
    #expect(!(missing.output + missing.errors).contains("has no such context"), "\(command): \(missing.errors)")
  }

  @Test func `jobs names the reason, and no recorder that could not work`() throws {
    for (arguments, words) in [
      (["--context", "gone"], "has no context gone"), (["--context", "other"], "The cluster other does not answer"),
      (["--context", "nouser"], "nouser"),
    ] {
      let outcome = try run(["jobs"] + arguments)
      #expect(outcome.errors.contains(words), "\(outcome.errors)")
      #expect(!outcome.errors.contains("deskrun record"), "\(outcome.errors)")
    }
    #expect(try run(["jobs"], missing: true).errors.contains("\(home.path)/missing does not exist"))
  }

  @Test func `a reason is told once, in one wording`() throws {
    let refused = try run(["events", "--context", "other"])
    #expect(refused.errors.contains("why: 127.0.0.1:1: connection refused"), "\(refused.errors)")
    #expect(!refused.errors.contains("was refused - did you specify"), "\(refused.errors)")
    let nouser = try run(["events", "--context", "nouser"])
    #expect(nouser.errors.contains("no credentials for nouser") && !nouser.errors.contains("EOF"), "\(nouser.errors)")
    let gone = try run(["events", "--context", "gone"])
    #expect(gone.errors.split(separator: "\n").filter { $0.contains("does not exist") }.count <= 1, "\(gone.errors)")
  }

  @Test func `a context that only another file has is said to be missing, and where`() throws {
    let outcome = try run(["status", "web", "--context", "gone"])
    #expect(outcome.status == ExitStatus.invalid.rawValue)
    #expect(outcome.errors.contains("the kubeconfig has no context gone"), "\(outcome.errors)")
    #expect(outcome.errors.contains("\(home.path)/.kube/config"), "\(outcome.errors)")
  }

  @Test func `options that contradict are refused`() throws {
    for command in [
      ["cluster", "use", "other", "--context", "prod"], ["cluster", "use", "--kind", "--context", "prod"],
      ["cluster", "list", "--all-contexts", "--context", "prod"],
    ] {
      let outcome = try run(command)
      #expect(outcome.status == ExitStatus.usage.rawValue, "\(command): \(outcome.errors)")
      #expect(outcome.errors.contains("--context"), "\(command): \(outcome.errors)")
    }
  }

  @Test func `a namespace that holds nothing of a dead cluster lists nothing of it`() throws {
    let none = try run(["status", "-n", "nowhere", "-o", "json"])
    #expect(!none.output.contains("\"web\""), "\(none.output)")
    let own = try run(["status", "-n", "arc-systems", "-o", "json"])
    #expect(own.output.contains("\"web\""), "\(own.output)")
    let why = try run(["why", "-n", "nowhere"])
    #expect(!why.output.contains("web:"), "\(why.output)")
    let screen = try run(["tui", "--snapshot", "120x30", "-n", "nowhere"])
    #expect(!screen.output.contains("acme/web"), "\(screen.output)")
  }

  @Test(arguments: [SIGINT, SIGTERM])
  func `a recorder that is stopped ended normally`(signal: Int32) throws {
    for _ in 0..<3 {
      let recorder = try Session(
        DeskrunBinary.path, ["deskrun", "record"], environment: DeskrunBinary.environment(environment),
        terminal: (100, 24))
      try recorder.wait(for: "cluster")
      kill(recorder.process, signal)
      #expect(try recorder.waitForEnd() == 0)
    }
  }
}
