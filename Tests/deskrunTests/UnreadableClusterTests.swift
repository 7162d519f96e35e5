import Engine
import Foundation
import TestSupport
import Testing

@testable import CommandOutput

/// Why a cluster is not known, with the built program: only one that does not answer is said not to.
@Suite(.ownThreads) struct UnreadableClusterTests {
  let home: TemporaryFolder
  private let environment: [String: String]

  /// Installations on a cluster that denies lists, on one that denies everything, and on a missing context.
  init() throws {
    home = try TemporaryFolder()
    let kubectl = """
      case "$*" in
        *--client*) echo '{"clientVersion": {"gitVersion": "v1.36.1"}}' ;;
        *"--kubeconfig $HOME/hello"*|hello:*) echo "error: error loading config file \\"$HOME/hello\\": couldn't get version/kind; json parse error" >&2; exit 1 ;;
        "config get-contexts"*) [ -n "$KUBECONFIG" ] && [ ! -e "$KUBECONFIG" ] || printf 'lists\\nall\\n' ;;
        *"--context lists"*"--raw /version"*|*"--raw /version"*"--context lists"*) echo '{"gitVersion":"v1.36.1"}' ;;
        *"--context lists"*) echo 'Error from server (Forbidden): pods is forbidden: User "u" cannot list resource "pods" in API group "" in the namespace "arc-systems"' >&2; exit 1 ;;
        *"--context all"*) echo 'Error from server (Forbidden): forbidden: User "u" cannot get path "/version"' >&2; exit 1 ;;
        *) echo 'error: context "gone" does not exist' >&2; exit 1 ;;
      esac
      """
    environment = try home.writePrograms(kubectl: kubectl)
    let entries = ["lists", "all", "gone"].map {
      #""on-\#($0)": {"Name": "on-\#($0)", "Repository": "https://github.com/acme/\#($0)", "AuthType": "pat", "AuthValue": "x", "Context": "\#($0)"}"#
    }
    try home.write("{\"installations\": {\(entries.joined(separator: ", "))}}", to: "config.json")
    try home.write("hello world\n", to: "hello")
    try home.write("- a\n- b\n", to: "list")
    try home.write("{}\n", to: "mapping")
    try home.write("", to: "empty")
    try home.write("apiVersion: v1\nkind: Config\ncontexts:\n- name: all\n  context: {cluster: a}\n", to: "usable")
  }

  private func run(_ arguments: [String], kubeconfig: String? = nil) throws -> DeskrunBinary.Outcome {
    var environment = environment
    environment["KUBECONFIG"] = kubeconfig
    return try DeskrunBinary.run(arguments, environment: environment)
  }

  @Test func `a cluster that refuses is not said not to answer, and what it refuses is named`() throws {
    let list = try run(["cluster", "list"])
    #expect(!list.output.contains("does not answer") && list.output.contains("not allowed"), "\(list.output)")
    #expect(!list.output.contains("not installed") && list.output.contains("cannot list resource"), "\(list.output)")
    let jobs = try run(["jobs"])
    #expect(!jobs.errors.contains("does not answer"), "\(jobs.errors)")
    #expect(jobs.errors.contains("The cluster lists does not allow listing pods in arc-systems"))
    #expect(jobs.errors.contains("The kubeconfig has no context gone"), "\(jobs.errors)")
    let changes = [
      ["edit", "on-all", "--max-runners", "5", "--yes"], ["up", "on-all"], ["remove", "on-all", "--yes"],
    ]
    for command in changes {
      let outcome = try run(command)
      #expect(outcome.status == ExitStatus.unauthorized.rawValue, "\(command) \(outcome.errors)")
      #expect(outcome.errors.contains("does not allow reading /version"), "\(command) \(outcome.errors)")
      #expect(!outcome.errors.contains("does not answer"), "\(command) \(outcome.errors)")
    }
    let status = try run(["status"])
    #expect(!status.output.contains("does not answer"), "\(status.output)")
    #expect(status.output.contains("The cluster lists does not allow listing pods in arc-systems"), "\(status.output)")
    let clusters = try JSONValue(parsing: try run(["cluster", "list", "-o", "json"]).output)["clusters"]?.arrayValue
    func cluster(_ name: String) -> JSONValue? { clusters?.first { $0["context"]?.stringValue == name } }
    #expect(cluster("all")?["state"] == "refused" && cluster("gone")?["state"] == "contextMissing")
    #expect(cluster("lists")?["reason"]?.stringValue?.contains("cannot list resource \"pods\"") == true)
  }

  @Test(arguments: ["hello", "list", "mapping", "empty", "missing"], [["--context", "all"], []])
  func `a file that is no kubeconfig is named, by every command alike`(file: String, context: [String]) throws {
    let path = home.path + "/" + file
    for command in [["status"], ["why"], ["jobs"], ["cluster", "list"], ["list"], ["cluster", "use", "all"]] {
      let outcome = try run(command + context + ["--kubeconfig", path])
      #expect(outcome.status == ExitStatus.unreachable.rawValue, "\(command) \(outcome.output)\(outcome.errors)")
      let problem = file == "missing" ? "does not exist" : "cannot be used"
      #expect(outcome.errors.contains("The kubeconfig \(path) \(problem)"), "\(command) \(outcome.errors)")
    }
  }

  @Test func `a kubeconfig that does not exist is created only with the kind cluster that was named`() throws {
    let path = home.path + "/missing"
    // Not by mistake: a mistyped path would build a cluster.
    for command in [["up", "--dry-run"], ["add", "new", "-r", "acme/web", "--auth-value", "x", "--dry-run"]] {
      let typo = try run(command + ["--kubeconfig", path])
      #expect(typo.status == ExitStatus.unreachable.rawValue && typo.errors.contains("\(path) does not exist"))
      #expect(!FileManager.default.fileExists(atPath: path))
    }
    let kind = try run(["up", "--dry-run", "--kubeconfig", path, "--context", "kind-deskrun"])
    #expect(!kind.errors.contains("does not exist"), "\(kind.errors)")
    let other = try run(["up", "--dry-run", "--kubeconfig", path, "--context", "prod"])
    #expect(other.status == ExitStatus.unreachable.rawValue && other.errors.contains("\(path) does not exist"))
  }

  @Test func `KUBECONFIG has the same status, and may name files that do not exist beside one that does`() throws {
    let rubbish = try run(["status", "on-gone"], kubeconfig: home.path + "/missing")
    #expect(rubbish.status == ExitStatus.unreachable.rawValue)
    #expect(rubbish.output.contains("the kubeconfig \(home.path)/missing does not exist"), "\(rubbish.output)")
    // Nothing is wrong with the context, and the scale set may be running.
    #expect(rubbish.output.contains("Correct the path in KUBECONFIG"), "\(rubbish.output)")
    #expect(!rubbish.output.contains("--skip-cluster"), "\(rubbish.output)")
    let document = try run(["status", "-o", "json"], kubeconfig: home.path + "/missing")
    #expect(document.output.contains("\"kubeconfigInvalid\""), "\(document.output)")
    let some = try run(["status", "on-gone"], kubeconfig: home.path + "/missing:" + home.path + "/usable")
    #expect(some.output.contains("has no context gone"), "\(some.output)")
  }

  @Test(arguments: [
    ["status"], ["status", "nobody"], ["why", "nobody"], ["events"], ["logs", "nobody"], ["cluster", "status"],
    ["cluster", "create"], ["cluster", "use", "gone"], ["up"], ["down", "--yes"], ["upgrade", "--yes"],
    ["add", "x-ci", "-r", "https://github.com/a/b", "--auth-value", "x"], ["scale", "on-gone", "2"],
    ["edit", "on-gone", "--max-runners", "3", "--yes"], ["remove", "on-gone", "--yes"], ["status", "on-gone"],
    ["why", "on-gone"], ["up", "on-gone"], ["edit", "on-all"],
  ])
  func `a context that the kubeconfig does not have is one exit status`(command: [String]) throws {
    let outcome = try run(command + ["--context", "gone"])
    #expect(outcome.status == ExitStatus.unreachable.rawValue, "\(command) \(outcome.output)\(outcome.errors)")
    #expect((outcome.output + outcome.errors).contains("gone"))
  }
}
