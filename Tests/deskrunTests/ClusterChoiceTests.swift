import Engine
import Foundation
import TestSupport
import Testing

@testable import CommandOutput
@testable import CommandSession
@testable import deskrun

/// The cluster that a command acts on, with the built program.
@Suite struct ClusterChoiceTests {
  let home: TemporaryFolder
  private let environment: [String: String]

  /// Two installations on their own clusters, one on the kind cluster, and a kubeconfig that lacks one of the contexts.
  init() throws {
    home = try TemporaryFolder()
    let kubectl = """
      case "$*" in
        *--client*) echo '{"clientVersion": {"gitVersion": "v1.36.1"}}' ;;
        "config get-contexts"*) echo lab-a ;;
        "config current-context"*) echo 'error: current-context is not set' >&2; exit 1 ;;
        *"--context lab-a"*) echo 'The connection to the server 127.0.0.1:6443 was refused - did you specify the right host or port?' >&2; exit 1 ;;
        *) echo 'error: context "lab-b" does not exist' >&2; exit 1 ;;
      esac
      """
    environment = try home.writePrograms(kubectl: kubectl)
    func entry(_ name: String, _ place: String) -> String {
      #""\#(name)": {"Name": "\#(name)", "Repository": "https://github.com/acme/\#(name)", "AuthType": "pat", "AuthValue": "x"\#(place)}"#
    }
    try home.write(
      "{\"installations\": {\(entry("web-ci", #", "Context": "lab-a""#)), \(entry("gpu-ci", #", "Context": "lab-b""#)), "
        + "\(entry("desk", ""))}}", to: "config.json")
    try home.write(
      """
      apiVersion: v1
      kind: Config
      current-context: lab-b
      contexts:
      - name: lab-a
        context: {cluster: a, user: a}
      - name: lab-b
        context: {cluster: b, user: b}
      clusters:
      - name: b
        cluster: {server: "https://b.example.com:6443"}
      """, to: "kubeconfig")
  }

  private func run(_ arguments: String...) throws -> DeskrunBinary.Outcome {
    try DeskrunBinary.run(arguments, environment: environment)
  }

  private func document(_ arguments: String...) throws -> JSONValue {
    let outcome = try DeskrunBinary.run(
      arguments + ["-o", "json"],
      environment: ["DESKRUN_HOME": home.path, "HOME": home.path, "PATH": "\(home.path)/bin:/usr/bin:/bin"])
    return try JSONValue(parsing: outcome.output)
  }

  @Test(arguments: [
    ["scale", "web-ci", "3"], ["remove", "web-ci", "--yes"], ["up", "web-ci"], ["why", "web-ci"], ["status", "web-ci"],
    ["edit", "web-ci", "--mode", "dind"], ["events", "web-ci"], ["jobs", "web-ci"], ["logs", "web-ci"],
  ])
  func `another context than the installation's is refused and the right one named`(command: [String]) throws {
    let before = try String(contentsOfFile: home.path + "/config.json", encoding: .utf8)
    let outcome = try DeskrunBinary.run(
      command + ["--context", "lab-b"],
      environment: ["DESKRUN_HOME": home.path, "HOME": home.path, "PATH": "\(home.path)/bin:/usr/bin:/bin"])
    #expect(outcome.status == ExitStatus.invalid.rawValue, "\(outcome.errors)")
    #expect(outcome.errors.contains("web-ci is on the cluster lab-a, not lab-b"), "\(outcome.errors)")
    #expect(try String(contentsOfFile: home.path + "/config.json", encoding: .utf8) == before)
  }

  @Test func `list tells where each lives`() throws {
    let all = try #require(try document("list")["installations"]?.arrayValue)
    let contexts = Dictionary(
      uniqueKeysWithValues: all.map { ($0["name"]?.stringValue ?? "", $0["context"]?.stringValue ?? "") })
    #expect(contexts == ["desk": "kind-deskrun", "gpu-ci": "lab-b", "web-ci": "lab-a"])
    let one = try #require(try document("list", "--context", "lab-a")["installations"]?.arrayValue)
    #expect(one.map { $0["name"] } == ["web-ci"])
  }

  @Test func `a kubeconfig alone means its current context`() throws {
    #expect(try document("info", "--kubeconfig", home.path + "/kubeconfig")["context"] == "lab-b")
    #expect(try document("info", "--kubeconfig", home.path + "/kubeconfig", "--context", "lab-a")["context"] == "lab-a")
    // kind creates a file that does not exist.
    #expect(try document("info", "--kubeconfig", home.path + "/new")["context"] == "kind-deskrun")
    try home.write("contexts:\n- name: x\n  context: {cluster: x}\n", to: "currentless")
    let outcome = try run("list", "--kubeconfig", home.path + "/currentless")
    #expect(outcome.status == ExitStatus.invalid.rawValue)
    #expect(outcome.errors.contains("has no current context"))
  }

  @Test func `cluster use moves no installation`() throws {
    #expect(try run("cluster", "use", "lab-a").status == 0)
    #expect(try document("info")["context"] == "lab-a")
    let all = try #require(try document("list")["installations"]?.arrayValue)
    #expect(all.map { $0["context"] } == ["kind-deskrun", "lab-b", "lab-a"])
  }

  @Test func `status shows every cluster and why one does not answer`() throws {
    let status = try document("status")
    let states = try #require(status["clusters"]?.arrayValue).map {
      [$0["context"]?.stringValue ?? "", $0["state"]?.stringValue ?? ""]
    }
    #expect(states.contains(["lab-a", "unreachable"]))
    #expect(states.contains(["lab-b", "contextMissing"]))
    #expect(states.count == 3)
    #expect(status["installations"]?.arrayValue?.map { $0["name"] } == ["desk", "gpu-ci", "web-ci"])
    let missing = try #require(
      status["findings"]?.arrayValue?.first { $0["rule"]?.stringValue == FindingRule.contextMissing.rawValue })
    #expect(missing["installation"] == "gpu-ci" && missing["context"] == "lab-b")
    #expect(missing["command"]?.stringValue?.contains("edit gpu-ci --context") == true)
    #expect(try run("status").status == ExitStatus.unreachable.rawValue)
  }

  @Test func `in the demo a renamed context is found and bound again`() async throws {
    let demo = DemoFolder(speed: 60)
    let why = try await demo.run(["--demo-trouble", "context-missing", "why", "web-ci", "-o", "json"])
    let found = try #require(try JSONValue(parsing: why.output)["findings"]?.arrayValue)
    #expect(found.map { $0["rule"] } == [.string(FindingRule.contextMissing.rawValue)])
    // Other installations are still shown.
    let status = try await JSONValue(parsing: try demo.run(["status", "-o", "json"]).output)
    let deployed = status["installations"]?.arrayValue?.map { $0["deployed"] ?? .null } ?? []
    #expect(deployed.contains(true) && deployed.contains(.null))
    #expect(
      try await demo.run(["edit", "web-ci", "--context", "elsewhere", "--yes"]).status
        == ExitStatus.unreachable.rawValue)
    #expect(try await demo.run(["edit", "web-ci", "--context", "kind-deskrun", "--yes"]).status == 0)
    let after = try await JSONValue(parsing: try demo.run(["list", "-o", "json"]).output)
    #expect(after["installations"]?.arrayValue?.allSatisfy { $0["context"] == "kind-deskrun" } == true)
  }

  @Test func `cluster list names what is configured and why it does not answer`() throws {
    let clusters = try #require(try document("cluster", "list")["clusters"]?.arrayValue)
    #expect(clusters.map { $0["context"] } == ["kind-deskrun", "lab-a", "lab-b"])
    #expect(clusters.map { $0["default"] } == [true, false, false])
    #expect(clusters.map { $0["installations"] } == [1, 1, 1])
    #expect(clusters[2]["state"] == "contextMissing")
    #expect(try run("cluster", "list").status == 0)
  }

  @Test(arguments: [["events"], ["events", "web-ci"], ["status"], ["why", "web-ci"]])
  func `a kubeconfig that cannot be read is a cluster that cannot be reached, and there is a document`(
    command: [String]
  ) throws {
    let kubectl = """
      #!/bin/sh
      case "$*" in
        *--client*) echo '{"clientVersion": {"gitVersion": "v1.36.1"}}' ;;
        *) echo 'error: error loading config file "/k": read /k: is a directory' >&2; exit 1 ;;
      esac
      """
    try home.write(kubectl, to: "bin/kubectl", mode: 0o755)
    let outcome = try DeskrunBinary.run(
      command + ["--context", "lab-a", "-o", "json"],
      environment: ["DESKRUN_HOME": home.path, "HOME": home.path, "PATH": "\(home.path)/bin:/usr/bin:/bin"])
    #expect(outcome.status == ExitStatus.unreachable.rawValue, "\(outcome.errors)")
    #expect(throws: Never.self) { try JSONValue(parsing: outcome.output) }
    #expect((outcome.errors + outcome.output).contains("The kubeconfig /k cannot be used"), "\(outcome.errors)")
  }

  @Test func `an entry whose cluster is gone can be removed alone`() throws {
    let refused = try run("remove", "gpu-ci", "--yes")
    #expect(refused.status == ExitStatus.unreachable.rawValue)
    #expect(refused.errors.contains("--skip-cluster"))
    #expect(try run("remove", "gpu-ci", "--skip-cluster", "--yes").status == 0)
    #expect(try document("list")["installations"]?.arrayValue?.map { $0["name"] } == ["desk", "web-ci"])
  }
}
