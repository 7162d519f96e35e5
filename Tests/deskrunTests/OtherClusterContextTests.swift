import DemoTestSupport
import Engine
import Foundation
import TestSupport
import Testing

@testable import CommandOutput
@testable import CommandSession
@testable import deskrun

/// Installations whose own context means another cluster now, or is missing, while a second context in use leads to the
/// cluster that they were deployed on.
@Suite struct OtherClusterContextTests {
  private let demo = DemoFolder(speed: 1000)

  private func store() throws -> ConfigurationStore {
    ConfigurationStore(paths: try Paths(environment: ["DESKRUN_HOME": demo.path + "/home", "HOME": demo.path]))
  }

  private func place(_ name: String) throws -> ClusterPlace? {
    try store().load().all.first { $0.name.description == name }?.place
  }

  /// Two installations of the cluster prod whose identity is kept, one of them on its second context.
  private func tools() async throws -> SecondContext {
    _ = try await demo.run(["--demo-clusters", "3", "--demo-trouble", "none", "list"])
    let tools = try SecondContext(of: "prod", in: demo)
    for name in ["api-ci", "mobile-dind"] {
      let scaled = try await demo.run(["scale", name, "3", "--yes"], runner: tools)
      #expect(scaled.status == 0, "\(scaled.errors)")
    }
    let bound = try await demo.run(["edit", "mobile-dind", "--context", "second", "--yes"], runner: tools)
    #expect(bound.status == 0, "\(bound.errors)")
    return tools
  }

  /// The commands of deskrun in backticks, as arguments.
  private func commands(_ text: String) -> [[String]] {
    text.split(separator: "`", omittingEmptySubsequences: false).enumerated().filter { $0.offset % 2 == 1 }.compactMap {
      let words = $0.element.split(whereSeparator: \.isWhitespace).map(String.init)
      return words.firstIndex(of: "deskrun").map { Array(words[($0 + 1)...].filter { $0 != "--demo" }) }
    }
  }

  @Test
  func `where its context means another cluster, an installation is shown once, with the one that leads to its own`()
    async throws
  {
    var tools = try await tools()
    tools.repointed = ["prod": "lab"]
    let status = try JSONValue(parsing: await demo.run(["status", "-o", "json"], runner: tools).output)
    let shown = status["installations"]?.arrayValue?.filter { $0["name"] == "api-ci" } ?? []
    #expect(shown.count == 1 && shown.first?["context"] == "second" && shown.first?["configured"] == true, "\(status)")
    let text = try await demo.run(["status"], runner: tools)
    #expect(text.status == 0, "\(text.errors)")
    #expect(text.output.contains("its context prod means another cluster now"), "\(text.output)")
    let why = try await demo.run(["why"], runner: tools)
    #expect(why.output.contains("and second leads to the one that it was deployed on"), "\(why.output)")
    #expect(why.output.contains("edit api-ci --context second"), "\(why.output)")
    #expect(!why.output.contains("edit api-ci --context prod"), "\(why.output)")
    for command in [
      ["status", "api-ci"], ["why", "api-ci"], ["events", "api-ci"], ["logs", "api-ci", "--listener"],
    ] {
      let named = try await demo.run(command, runner: tools)
      #expect(named.status == 0, "\(command): \(named.errors)")
      #expect(named.errors.contains("its context prod means another cluster now"), "\(command): \(named.errors)")
    }
    let named = try await demo.run(["why", "api-ci"], runner: tools)
    #expect(named.output.contains("edit api-ci --context second"), "\(named.output)")
  }

  @Test func `what changes it is refused, and the context that leads to its cluster is named first`() async throws {
    var tools = try await tools()
    tools.repointed = ["prod": "lab"]
    var seen: Set<[String]> = []
    for command in [
      ["up", "api-ci"], ["scale", "api-ci", "2"], ["edit", "api-ci", "--label", "extra"], ["remove", "api-ci"],
      ["edit", "api-ci", "--context", "prod"],
    ] {
      let refused = try await demo.run(command + ["--yes"], runner: tools)
      #expect(refused.status == ExitStatus.invalid.rawValue, "\(command): \(refused.errors)")
      #expect(
        commands(refused.errors).first?.prefix(4) == ["edit", "api-ci", "--context", "second"],
        "\(command): \(refused.errors)")
      seen.formUnion(commands(refused.errors))
    }
    #expect(seen.contains { $0.starts(with: ["remove", "api-ci", "--context", "second"]) }, "\(seen)")
    for words in seen {
      let accepted = try await demo.run(words + ["--dry-run"], runner: tools)
      #expect(accepted.status == 0, "\(words): \(accepted.errors)")
    }
    #expect(try place("api-ci") == ClusterPlace(context: "prod"))
    // Once it is removed there, it can be added here.
    let removed = try await demo.run(["remove", "api-ci", "--context", "second", "--now", "--yes"], runner: tools)
    #expect(removed.status == 0, "\(removed.errors)")
  }

  @Test func `where the other context has its scale set no more, the cluster of its own is accepted`() async throws {
    var tools = try await tools()
    // The demo's cluster no longer has it.
    let removed = try await demo.run(["remove", "api-ci", "--now", "--yes"], runner: tools)
    #expect(removed.status == 0, "\(removed.errors)")
    try await store().change { configuration in
      let other = try #require(configuration.all.first { $0.name.description == "mobile-dind" })
      var again = try Installation(
        name: InstallationName("api-ci"), target: other.target, mode: other.mode, runners: other.runners,
        authentication: other.authentication)
      again.place = ClusterPlace(context: "prod")
      configuration.set(again)
      configuration.noteIdentity(of: again.name, configuration.identity(of: other.name))
    }
    tools.repointed = ["prod": "lab"]
    let accepted = try await demo.run(["edit", "api-ci", "--context", "prod", "--dry-run"], runner: tools)
    #expect(accepted.status == 0, "\(accepted.errors)")
  }

  @Test(arguments: ["repointed", "silent", "missing"])
  func `why --fix binds it to the context that leads to its cluster`(trouble: String) async throws {
    var tools = try await tools()
    switch trouble {
    case "repointed": tools.repointed = ["prod": "lab"]
    case "silent": tools.silent = ["prod"]
    default: tools.missing = ["prod"]
    }
    let fixed = try await demo.run(
      trouble == "silent" ? ["why", "--fix", "--yes"] : ["why", "api-ci", "--fix", "--yes"], runner: tools)
    #expect(fixed.status == 0, "\(fixed.errors)")
    #expect(!fixed.errors.contains("can apply none"), "\(fixed.errors)")
    #expect(try place("api-ci") == ClusterPlace(context: "second"))
    let after = try await demo.run(["why", "api-ci"], runner: tools)
    #expect(!after.output.contains("its context"), "\(after.output)")
  }

  @Test(arguments: ["silent", "missing"])
  func `that a context fails is no error where another one shows everything of it`(trouble: String) async throws {
    var tools = try await tools()
    if trouble == "silent" { tools.silent = ["prod"] } else { tools.missing = ["prod"] }
    for command in [
      ["status"], ["why"], ["status", "--exit-code"], ["why", "--exit-code"], ["status", "-o", "json"],
    ] {
      // On a busy machine a cluster may not answer in time, or a runner may seem to be stuck for a moment.
      var outcome = try await demo.run(command, runner: tools)
      for _ in 0..<3 where outcome.status != 0 { outcome = try await demo.run(command, runner: tools) }
      #expect(
        outcome.status == 0 && !outcome.errors.contains("error:"), "\(command): \(outcome.output)\(outcome.errors)")
      #expect(outcome.output.contains("its context prod"), "\(command): \(outcome.output)")
    }
    // Where nothing shows it, it still is.
    tools.silent = ["prod", "second"]
    #expect(try await demo.run(["status"], runner: tools).status != 0)
  }

  /// What a text suggests is accepted, except that it shows what it would do.
  private func expectAccepted(_ commands: [[String]], _ tools: SecondContext) async throws {
    for words in commands where words.starts(with: ["edit", "api-ci"]) || words.starts(with: ["remove", "api-ci"]) {
      let accepted = try await demo.run(words + ["--dry-run"], runner: tools)
      #expect(accepted.status == 0, "\(words): \(accepted.errors)")
    }
  }

  @Test(arguments: ["repointed", "silent", "missing"])
  func `a context that is named and fails is told with the one that leads to its cluster`(trouble: String) async throws
  {
    var tools = try await tools()
    switch trouble {
    case "repointed": tools.repointed = ["prod": "lab"]
    case "silent": tools.silent = ["prod"]
    default: tools.missing = ["prod"]
    }
    for command in [
      ["status", "--context", "prod"], ["why", "--context", "prod"], ["why", "api-ci", "--context", "prod"],
      ["doctor", "--context", "prod"],
    ] {
      let outcome = try await demo.run(command, runner: tools)
      let text = outcome.output + outcome.errors
      #expect(text.contains("edit api-ci --context second"), "\(command): \(text)")
      #expect(
        !text.contains("edit api-ci --context prod") && !text.contains("edit api-ci --context CONTEXT"),
        "\(command): \(text)")
      #expect(!text.contains("may be busy or starting") && !text.contains("--skip-cluster"), "\(command): \(text)")
      try await expectAccepted(commands(text), tools)
    }
    let why = try JSONValue(
      parsing: await demo.run(["why", "--context", "prod", "-o", "json"], runner: tools).output)
    let suggested = why["findings"]?.arrayValue?.compactMap { $0["command"]?.stringValue } ?? []
    #expect(trouble == "silent" || suggested.contains { $0.contains("edit api-ci --context second") }, "\(why)")
    let fixed = try await demo.run(["why", "--context", "prod", "--fix", "--yes"], runner: tools)
    if trouble != "silent" {
      #expect(fixed.status == 0, "\(fixed.errors)")
      #expect(try place("api-ci") == ClusterPlace(context: "second"), "\(fixed.errors)")
    }
  }

  @Test(arguments: ["silent", "missing"])
  func `what is refused on a context that fails names the one that leads to its cluster`(trouble: String) async throws {
    var tools = try await tools()
    if trouble == "silent" { tools.silent = ["prod"] } else { tools.missing = ["prod"] }
    for command in [
      ["scale", "api-ci", "2"], ["edit", "api-ci", "--label", "extra"], ["edit", "api-ci", "--from-cluster"],
      ["remove", "api-ci"], ["up", "api-ci"], ["up"], ["up", "--context", "prod"], ["down", "--context", "prod"],
      ["upgrade", "--context", "prod"],
    ] {
      let refused = try await demo.run(command + ["--yes"], runner: tools)
      #expect(refused.status != 0, "\(command)")
      #expect(refused.errors.contains("edit api-ci --context second`"), "\(command): \(refused.errors)")
      #expect(!refused.errors.contains("it is not known whether"), "\(command): \(refused.errors)")
      #expect(!refused.errors.contains("--skip-cluster"), "\(command): \(refused.errors)")
      try await expectAccepted(commands(refused.errors), tools)
    }
  }

  @Test func `what is missing names the context that leads to the same cluster`() async throws {
    var tools = try await tools()
    tools.missing = ["prod"]
    for command in [["up", "api-ci"], ["scale", "api-ci", "2"], ["remove", "api-ci"]] {
      let refused = try await demo.run(command + ["--yes"], runner: tools)
      #expect(refused.errors.contains("edit api-ci --context second`"), "\(command): \(refused.errors)")
    }
    let doctor = try await demo.run(["doctor"], runner: tools)
    #expect(doctor.output.contains("edit api-ci --context second`"), "\(doctor.output)")
    // Through that one it is uninstalled, as `down` takes it down.
    let uninstall = try await demo.run(["uninstall", "--dry-run"], runner: tools)
    #expect(uninstall.status == 0, "\(uninstall.errors)")
    #expect(uninstall.output.contains("uninstall scale set api-ci"), "\(uninstall.output)")
  }

  @Test(arguments: ["silent", "missing"])
  func `events of a context that fails are shown with the one that leads to its cluster`(trouble: String) async throws {
    var tools = try await tools()
    if trouble == "silent" { tools.silent = ["prod"] } else { tools.missing = ["prod"] }
    let events = try await demo.run(["events"], runner: tools)
    #expect(events.status == 0 && !events.errors.contains("error:"), "\(events.errors)")
    #expect(events.errors.contains("second leads to the same cluster"), "\(events.errors)")
    tools.silent = ["prod", "second"]
    #expect(try await demo.run(["events"], runner: tools).status != 0)
  }

  @Test func `jobs that run are not called ended by a context that means another cluster`() async throws {
    var tools = try await tools()
    var running = JobRecord(
      runner: "api-ci-was-running", scaleSet: "api-ci", job: Job(), started: SystemTime.secondsSince1970() - 60,
      result: .running)
    running.place = ClusterPlace(context: "prod")
    try JobHistory(path: demo.path + "/home/history.jsonl").append([running])
    func line(_ outcome: DeskrunBinary.Outcome) -> String {
      outcome.output.split(separator: "\n").first { $0.contains("api-ci-was-running") }.map(String.init) ?? ""
    }
    // Its own cluster answers and does not have the runner: it has ended.
    let ended = try await demo.run(["jobs", "api-ci", "--context", "prod"], runner: tools)
    #expect(line(ended).contains("unknown"), "\(ended.output)")
    tools.repointed = ["prod": "lab"]
    let jobs = try await demo.run(["jobs", "api-ci", "--context", "prod"], runner: tools)
    #expect(line(jobs).contains("last seen running"), "\(jobs.output)")
    #expect(
      jobs.errors.contains("prod means another cluster than the one that api-ci was deployed on"), "\(jobs.errors)")
    // One that fails beside another that shows everything of it leaves nothing unknown.
    (tools.repointed, tools.missing) = ([:], ["prod"])
    let all = try await demo.run(["jobs"], runner: tools)
    #expect(!all.errors.contains("it is not known which jobs run there"), "\(all.errors)")
    (tools.repointed, tools.missing) = (["prod": "lab"], [])
    // What was added on the cluster that the context means now is known there.
    try await store().change { configuration in
      let other = try #require(configuration.all.first { $0.name.description == "api-ci" })
      var new = try Installation(
        name: InstallationName("new-ci"), target: other.target, mode: other.mode, runners: other.runners,
        authentication: other.authentication)
      new.place = ClusterPlace(context: "prod")
      configuration.set(new)
    }
    (running.runner, running.scaleSet) = ("new-ci-was-running", "new-ci")
    try JobHistory(path: demo.path + "/home/history.jsonl").append([running])
    for command in [["jobs"], ["jobs", "--context", "prod"]] {
      let mixed = try await demo.run(command, runner: tools)
      let new = mixed.output.split(separator: "\n").first { $0.contains("new-ci-was-running") } ?? ""
      #expect(new.contains("unknown"), "\(command): \(mixed.output)")
      #expect(line(mixed).contains("last seen running") || command == ["jobs"], "\(command): \(mixed.output)")
    }
  }

  @Test func `logs and events say that the context means another cluster, and the way out`() async throws {
    _ = try await demo.run(["--demo-clusters", "3", "--demo-trouble", "none", "list"])
    var tools = try SecondContext(of: "prod", in: demo)
    let scaled = try await demo.run(["scale", "api-ci", "3", "--yes"], runner: tools)
    #expect(scaled.status == 0, "\(scaled.errors)")
    tools.repointed = ["prod": "lab"]
    let logs = try await demo.run(["logs", "api-ci"], runner: tools)
    #expect(logs.status == ExitStatus.notFound.rawValue)
    #expect(
      logs.errors.contains("prod means another cluster than the one that api-ci was deployed on"), "\(logs.errors)")
    #expect(logs.errors.contains("edit api-ci --context"), "\(logs.errors)")
    let events = try await demo.run(["events", "api-ci"], runner: tools)
    #expect(events.errors.contains("means another cluster than the one"), "\(events.errors)")
  }

  @Test func `add through another context says that the installation exists`() async throws {
    let tools = try await tools()
    let added = try await demo.run(
      ["add", "api-ci", "--context", "second", "-r", "https://github.com/acme/api", "--auth-value", "gh", "--yes"],
      runner: tools)
    #expect(added.status == ExitStatus.invalid.rawValue)
    #expect(added.errors.contains("There is an installation api-ci already, on this cluster"), "\(added.errors)")
    for words in commands(added.errors) {
      let accepted = try await demo.run(words + ["--dry-run"], runner: tools)
      #expect(accepted.status == 0, "\(words): \(accepted.errors)")
    }
  }

  @Test func `a kubeconfig that is gone is not asked for its contexts`() async throws {
    var tools = try await tools()
    let gone = demo.path + "/own.yaml"
    try await store().change { configuration in
      let name = try InstallationName("api-ci")
      configuration.notePlace(
        of: name, ClusterPlace(context: "prod", kubeconfig: gone), identity: configuration.identity(of: name))
      // No other context is known to lead to its cluster.
      configuration.notePlace(of: try InstallationName("mobile-dind"), ClusterPlace(context: "lab"))
    }
    tools.gone = gone
    for command in [
      ["why", "api-ci"], ["scale", "api-ci", "2", "--yes"], ["remove", "api-ci", "--yes"], ["up", "api-ci"],
      ["status", "api-ci"], ["logs", "api-ci"], ["events", "api-ci"], ["doctor"],
    ] {
      let outcome = try await demo.run(command, runner: tools)
      let text = outcome.output + outcome.errors
      #expect(text.contains("edit api-ci --kubeconfig FILE --context CONTEXT"), "\(command): \(text)")
      #expect(!text.contains("get-contexts"), "\(command): \(text)")
      #expect(text.contains(gone), "\(command): \(text)")
    }
    let list = try await demo.run(["cluster", "list"], runner: tools)
    #expect(list.output.contains("The kubeconfig \(gone) does not exist"), "\(list.output)")
    // What may be there is not found by waiting for the cluster.
    let unknown = try await demo.run(["logs", "no-such-ci"], runner: tools)
    #expect(unknown.errors.contains("Put the file back"), "\(unknown.errors)")
    #expect(!unknown.errors.contains("again when"), "\(unknown.errors)")
    let bound = try await demo.run(
      ["edit", "api-ci", "--kubeconfig", demo.path + "/kubeconfig", "--context", "second", "--dry-run"], runner: tools)
    #expect(bound.status == 0, "\(bound.errors)")
  }
}
