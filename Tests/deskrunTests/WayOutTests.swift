import DemoTestSupport
import Engine
import Foundation
import TestSupport
import Testing

@testable import CommandOutput
@testable import CommandSession
@testable import deskrun

/// Commands that are suggested where a context is missing or means another cluster: the program takes each of them.
@Suite struct WayOutTests {
  /// The commands of deskrun in backticks, as arguments.
  private func commands(_ text: String) -> [[String]] {
    text.split(separator: "`", omittingEmptySubsequences: false).enumerated().filter { $0.offset % 2 == 1 }.compactMap {
      let words = $0.element.split(whereSeparator: \.isWhitespace).map(String.init)
      return words.firstIndex(of: "deskrun").map { Array(words[($0 + 1)...].filter { $0 != "--demo" }) }
    }
  }

  private static let refused: [[String]] = [
    ["remove", "web-ci"], ["up", "web-ci"], ["scale", "web-ci", "3"], ["edit", "web-ci", "--mode", "dind"],
    ["edit", "web-ci", "--context", "nosuch"], ["edit", "web-ci", "--context", "prod"],
    ["edit", "web-ci", "--context", "prod", "--max-runners", "3"], ["scale", "web-ci", "3", "--context", "nosuch"],
    ["uninstall", "--dry-run"], ["why"], ["doctor"], ["status"],
  ]

  @Test(arguments: ["context-missing", "cluster-changed"])
  func `each suggested command is accepted`(trouble: String) async throws {
    let demo = DemoFolder(speed: 1000)
    _ = try await demo.run(["--demo-clusters", "2", "--demo-trouble", trouble, "list"])
    var seen: Set<[String]> = []
    for command in Self.refused {
      let outcome = try await demo.run(command)
      for words in commands(outcome.errors) + commands(outcome.output) { seen.insert(words) }
    }
    let verbs: Set = ["edit", "remove", "uninstall"]
    let changing = seen.filter { !verbs.isDisjoint(with: $0) }
      .filter { $0.contains("web-ci") || $0.contains("NAME") || $0.contains("uninstall") }
    #expect(changing.contains { $0.contains("edit") } && changing.contains { $0.contains("remove") }, "\(seen)")
    // It answers and does not have the scale set, so binding would be refused.
    #expect(!changing.contains { $0.contains("edit") && $0.contains("prod") }, "\(seen)")
    for words in changing {
      // The cluster that it lives on, and the only installation that it happened to.
      var arguments = words.map { $0 == "CONTEXT" ? "kind-deskrun" : $0 == "NAME" ? "web-ci" : $0 }
      arguments += ["--dry-run"]
      let outcome = try await demo.run(arguments)
      #expect(outcome.status == 0, "\(words): \(outcome.errors)")
    }
  }

  @Test func `nothing is bound to a context that the kubeconfig lacks`() async throws {
    let demo = DemoFolder(speed: 1000)
    _ = try await demo.run(["--demo-clusters", "2", "list"])
    let mistyped = try await demo.run(["scale", "web-ci", "3", "--context", "nosuch"])
    #expect(mistyped.status == ExitStatus.invalid.rawValue && !mistyped.errors.contains("edit web-ci"))
    let combined = try await demo.run(["edit", "web-ci", "--context", "prod", "--max-runners", "3"])
    #expect(combined.status == ExitStatus.invalid.rawValue)
    #expect(combined.errors.contains("cannot be combined with other changes"), "\(combined.errors)")
    // It answers and does not have the scale set, so binding would be refused.
    #expect(!combined.errors.contains("bind it first"), "\(combined.errors)")
  }

  @Test func `error, why and doctor name the same ways out of a missing context`() async throws {
    let demo = DemoFolder(speed: 1000)
    _ = try await demo.run(["--demo-trouble", "context-missing", "list"])
    for command in [["remove", "web-ci", "--yes"], ["why", "web-ci"], ["doctor"]] {
      let outcome = try await demo.run(command)
      let text = outcome.output + outcome.errors
      for way in ["edit web-ci --context CONTEXT`", "remove web-ci --skip-cluster`", "config get-contexts` lists"] {
        // The findings show this one on a line of its own.
        let way = command[0] == "why" && way.hasPrefix("edit") ? String(way.dropLast()) : way
        #expect(text.contains(way), "\(command): \(text)")
      }
    }
  }

  @Test func `a missing context that is not of deskrun's own cluster is not brought up`() async throws {
    let demo = DemoFolder(speed: 30)
    let outcome = try await demo.run(["--context", "nosuch", "why"])
    let text = outcome.output + outcome.errors
    #expect(text.contains("config get-contexts` lists") && !text.contains("Bring it up"), "\(text)")
  }

  @Test func `refusals of several clusters name theirs`() {
    let forbidden = EngineError(.unauthorized, "The cluster does not allow this", why: "Error from server (Forbidden)")
    #expect(forbidden.naming("prod").what == "prod: The cluster does not allow this")
    let named = EngineError(.unreachable, "The cluster prod does not answer")
    #expect(named.naming("prod").what == named.what)
    #expect(named.naming("a").what == "a: \(named.what)")
    let computer = EngineError(.toolMissing, "helm is not installed")
    #expect(computer.naming("prod").what == computer.what)
  }

  @Test func `an option of a command before the command says where it belongs`() async throws {
    let outcome = try await DemoFolder().run(["-n", "team-x", "status"])
    #expect(outcome.status == ExitStatus.usage.rawValue)
    #expect(outcome.errors.contains("-n is an option of a command"), "\(outcome.errors)")
    #expect(outcome.errors.contains("status -n team-x`"), "\(outcome.errors)")
    #expect(try await DemoFolder().run(["team-x", "status"]).errors.contains("unknown command"))
  }

  @Test(arguments: ["status", "why", "logs", "events", "jobs"])
  func `an installation can be named with its namespace`(command: String) async throws {
    let demo = DemoFolder(speed: 30)
    let outcome = try await demo.run([command, "arc-systems/web-ci"])
    #expect(outcome.status == 0 && !(outcome.output + outcome.errors).contains("api-ci"), "\(outcome.errors)")
    let other = try await demo.run([command, "team-a/web-ci"])
    #expect(other.status == ExitStatus.notFound.rawValue, "\(other.errors)")
  }

  @Test func `a shared name is no green row and not without a problem`() async throws {
    let demo = DemoFolder(speed: 30)
    _ = try await demo.run(["--demo-clusters", "2", "--demo-trouble", "none", "list"])
    _ = try await demo.run(["remove", "web-ci", "--skip-cluster", "--yes"])
    let added = try await demo.run([
      "--context", "prod", "add", "web-ci", "-r", "https://github.com/acme/web", "--auth-value", "gh", "--yes",
    ])
    #expect(added.status == 0, "\(added.errors)")
    // A cluster that answers late is told of below the others.
    var outputs: [String: String] = [:]
    for command in ["status", "why"] {
      let isInTime = try await eventually {
        outputs[command] = try await demo.run([command]).output
        return outputs[command]?.contains("beside other clusters") == false
      }
      #expect(isInTime)
    }
    let status = outputs["status"] ?? ""
    let rows = status.split(separator: "\n").filter { $0.contains("web-ci ") && $0.contains("acme/web ") }
    #expect(rows.count == 2 && rows.allSatisfy { !$0.hasPrefix("●") }, "\(status)")
    let why = outputs["why"] ?? ""
    #expect(!why.contains("No problem found"), "\(why)")
    #expect(why.contains("the cluster prod has a scale set web-ci"), "\(why)")
  }

  @Test func `two kubeconfig files with a context of one name are told apart`() async throws {
    let home = try TemporaryFolder()
    func kubeconfig(_ port: Int) -> String {
      """
      apiVersion: v1
      kind: Config
      current-context: lab
      contexts: [{name: lab, context: {cluster: lab, user: lab}}]
      clusters: [{name: lab, cluster: {server: "https://127.0.0.1:\(port)"}}]
      """
    }
    try home.write(kubeconfig(1), to: "a.yaml")
    try home.write(kubeconfig(2), to: "b.yaml")
    func entry(_ name: String, _ file: String) -> String {
      #""\#(name)": {"Name": "\#(name)", "Repository": "https://github.com/acme/\#(name)", "AuthType": "pat", "#
        + #""AuthValue": "x", "Context": "lab", "Kubeconfig": "\#(home.path)/\#(file)"}"#
    }
    try home.write("{\"installations\": {\(entry("web", "a.yaml")), \(entry("api", "b.yaml"))}}", to: "config.json")
    let environment = ["DESKRUN_HOME": home.path, "HOME": home.path, "PATH": "/nonexistent"]
    for command in [["status"], ["cluster", "list"], ["list"]] {
      let outcome = try await InProcess.run(command, environment: environment)
      for label in ["lab (a.yaml)", "lab (b.yaml)"] { #expect(outcome.output.contains(label), "\(outcome.output)") }
    }
    for command in ["list", "status"] {
      let outcome = try await InProcess.run([command, "-o", "json"], environment: environment)
      let installations = try JSONValue(parsing: outcome.output)["installations"]?.arrayValue ?? []
      let files = installations.map { $0["kubeconfig"]?.stringValue }
      #expect(files == ["\(home.path)/b.yaml", "\(home.path)/a.yaml"], "\(command): \(outcome.output)")
    }
    // The jobs that ran on them, too.
    for (runner, file) in [("web-1", "a.yaml"), ("api-1", "b.yaml")] {
      var record = JobRecord(
        runner: runner, scaleSet: "web", job: Job(), started: 1_795_521_605, finished: 1_795_521_705, result: .failed)
      record.place = ClusterPlace(context: "lab", kubeconfig: "\(home.path)/\(file)")
      try JobHistory(path: home.path + "/history.jsonl").append([record])
    }
    func jobs(_ arguments: String...) async throws -> [[String?]] {
      let outcome = try await InProcess.run(["jobs", "-o", "json"] + arguments, environment: environment)
      return (try JSONValue(parsing: outcome.output)["jobs"]?.arrayValue ?? []).map { job in
        ["runner", "context", "kubeconfig"].map { job[$0]?.stringValue }
      }
    }
    let (a, b) = (home.path + "/a.yaml", home.path + "/b.yaml")
    #expect(try await jobs("--context", "lab", "--kubeconfig", a) == [["web-1", "lab", a]])
    #expect(try await jobs("--context", "lab", "--kubeconfig", b) == [["api-1", "lab", b]])
    #expect(try await Set(jobs()) == [["api-1", "lab", b], ["web-1", "lab", a]])
    let table = try await InProcess.run(["jobs"], environment: environment).output
    #expect(table.contains("lab (a.yaml)") && table.contains("lab (b.yaml)"), "\(table)")
  }
}
