import DemoTestSupport
import Engine
import Foundation
import TestSupport
import Testing

@testable import CommandOutput
@testable import CommandSession
@testable import deskrun

/// Commands with another context of the cluster that an installation is configured on.
@Suite struct SecondContextTests {
  private let demo = DemoFolder(speed: 1000)

  private func store() throws -> ConfigurationStore {
    ConfigurationStore(paths: try Paths(environment: ["DESKRUN_HOME": demo.path + "/home", "HOME": demo.path]))
  }

  private func place(_ name: String) throws -> ClusterPlace? {
    try store().load().all.first { $0.name.description == name }?.place
  }

  @Test(arguments: [("prod", "api-ci"), ("kind-deskrun", "web-ci")])
  func `every command that names an installation takes it`(context: String, name: String) async throws {
    _ = try await demo.run(["--demo-clusters", "2", "--demo-trouble", "none", "list"])
    let tools = try SecondContext(of: context, in: demo)
    let before = try place(name)
    for command in [
      ["status", name], ["why", name], ["jobs", name], ["events", name], ["logs", name, "--listener"],
      ["scale", name, "3", "--yes"], ["edit", name, "--label", "extra", "--yes"], ["up", name, "--dry-run"],
      ["edit", name, "--context", "second", "--dry-run"], ["remove", name, "--dry-run"],
    ] {
      let given = command.contains("--context") ? command : command + ["--context", "second"]
      let outcome = try await demo.run(given, runner: tools)
      #expect(outcome.status == 0, "\(command): \(outcome.errors)")
      if command[0] == "status" { #expect(outcome.output.contains("\(name)-runner-"), "\(outcome.output)") }
    }
    // It acted, and the installation is where it was.
    #expect(try place(name) == before)
    let document = try JSONValue(parsing: await demo.run(["list", "-o", "json"]).output)
    let entry = document["installations"]?.arrayValue?.first { $0["name"] == .string(name) }
    #expect(entry?["maxRunners"] == 3, "\(document)")
    let removed = try await demo.run(["remove", name, "--now", "--yes", "--context", "second"], runner: tools)
    #expect(removed.status == 0, "\(removed.errors)")
    #expect(try await !demo.run(["list", "-o", "name"]).output.contains(name))
  }

  @Test func `jobs of the history are those of the cluster`() async throws {
    _ = try await demo.run(["--demo-clusters", "2", "list"])
    let tools = try SecondContext(of: "prod", in: demo)
    let own = try await demo.run(["jobs", "api-ci", "--limit", "400", "-o", "name"])
    let second = try await demo.run(
      ["jobs", "api-ci", "--limit", "400", "-o", "name", "--context", "second"], runner: tools)
    let names = Set(second.output.split(separator: "\n"))
    #expect(second.status == 0 && names.count > 20, "\(second.errors)")
    #expect(own.output.split(separator: "\n").filter { names.contains($0) }.count > 20)
  }

  @Test func `another cluster is refused, and one that does not answer with the reason`() async throws {
    _ = try await demo.run(["--demo-clusters", "3", "list"])
    var tools = try SecondContext(of: "prod", in: demo)
    let other = try await demo.run(["scale", "api-ci", "3", "--context", "lab"], runner: tools)
    #expect(other.status == ExitStatus.invalid.rawValue)
    #expect(other.errors.contains("api-ci is on the cluster prod, not lab"), "\(other.errors)")
    // It answers and does not have the scale set: binding would be refused.
    #expect(!other.errors.contains("edit api-ci"), "\(other.errors)")
    tools.silent = ["second"]
    let silent = try await demo.run(["scale", "api-ci", "3", "--context", "second"], runner: tools)
    #expect(silent.status == ExitStatus.invalid.rawValue)
    #expect(silent.errors.contains("it is not known whether second is the same one"), "\(silent.errors)")
    #expect(silent.errors.contains("refused"), "\(silent.errors)")
    #expect(!silent.errors.contains("edit api-ci"), "\(silent.errors)")
  }

  @Test func `an installation whose own context fails is shown once, with the context that answers`() async throws {
    _ = try await demo.run(["--demo-clusters", "2", "--demo-trouble", "none", "list"])
    var tools = try SecondContext(of: "prod", in: demo)
    // The identity is kept with the next change, and the other installation of the cluster is bound to the context.
    for name in ["api-ci", "mobile-dind"] {
      let scaled = try await demo.run(["scale", name, "3", "--yes"], runner: tools)
      #expect(scaled.status == 0, "\(scaled.errors)")
    }
    let bound = try await demo.run(["edit", "mobile-dind", "--context", "second", "--yes"], runner: tools)
    #expect(bound.status == 0, "\(bound.errors)")
    tools.silent = ["prod"]
    let status = try JSONValue(parsing: await demo.run(["status", "-o", "json"], runner: tools).output)
    let shown = status["installations"]?.arrayValue?.filter { $0["name"] == "api-ci" } ?? []
    #expect(shown.count == 1 && shown.first?["context"] == "second" && shown.first?["configured"] == true, "\(status)")
    let prod = status["clusters"]?.arrayValue?.first { $0["context"] == "prod" }
    #expect(prod?["sameAs"] == "second")
    let why = try await demo.run(["why"], runner: tools)
    #expect(why.output.contains("api-ci: its context prod does not answer, and second leads to the same cluster"))
    #expect(why.output.contains("edit api-ci --context second"), "\(why.output)")
    let list = try await demo.run(["cluster", "list"], runner: tools)
    #expect(list.output.contains("(the same cluster as second, which answers"), "\(list.output)")
    // Asked for by name, it is shown with that context too, and why.
    for command in [["status", "api-ci"], ["why", "api-ci"], ["why", "api-ci", "-o", "json"], ["events", "api-ci"]] {
      let named = try await demo.run(command, runner: tools)
      #expect(named.status == 0, "\(command): \(named.errors)")
      #expect(named.errors.contains("second leads to the same cluster"), "\(command): \(named.errors)")
      #expect(named.errors.contains("edit api-ci --context second`"), "\(command): \(named.errors)")
      if command == ["status", "api-ci"] { #expect(named.output.contains("api-ci-runner-"), "\(named.output)") }
    }
    // The suggested command is accepted.
    let rebound = try await demo.run(["edit", "api-ci", "--context", "second", "--yes"], runner: tools)
    #expect(rebound.status == 0, "\(rebound.errors)")
    #expect(try place("api-ci") == ClusterPlace(context: "second"))
  }

  @Test func `what works on a whole cluster leaves nothing of it out`() async throws {
    _ = try await demo.run(["--demo-clusters", "2", "--demo-trouble", "none", "list"])
    let tools = try SecondContext(of: "prod", in: demo)
    let bound = try await demo.run(["edit", "mobile-dind", "--context", "second", "--yes"], runner: tools)
    #expect(bound.status == 0, "\(bound.errors)")
    for context in ["prod", "second"] {
      let down = try await demo.run(["down", "--dry-run", "--context", context], runner: tools)
      #expect(down.status == 0 && !down.errors.contains("left alone"), "\(down.errors)")
      let upgrade = try await demo.run(["upgrade", "--dry-run", "--context", context], runner: tools)
      #expect(upgrade.status == 0, "\(upgrade.errors)")
      #expect(!upgrade.errors.contains("not in the configuration"), "\(upgrade.errors)")
      for name in ["api-ci", "mobile-dind"] {
        #expect(down.output.contains("uninstall scale set \(name)"), "\(context): \(down.output)")
      }
    }
    // The same as the default, without --context.
    try await store().change { $0.use(context: "second", kubeconfig: nil) }
    let chosen = try await demo.run(["down", "--dry-run"], runner: tools)
    #expect(chosen.status == 0 && chosen.output.contains("uninstall scale set api-ci"), "\(chosen.output)")
    let done = try await demo.run(["down", "--now", "--yes", "--context", "second"], runner: tools)
    #expect(done.status == 0 && !done.errors.contains("left alone"), "\(done.errors)")
    #expect(try place("api-ci") == ClusterPlace(context: "prod"))
  }

  @Test func `uninstall has one plan for two contexts of a cluster, and its dry run shows it`() async throws {
    _ = try await demo.run(["--demo-clusters", "2", "--demo-trouble", "none", "list"])
    let tools = try SecondContext(of: "prod", in: demo)
    let bound = try await demo.run(["edit", "mobile-dind", "--context", "second", "--yes"], runner: tools)
    #expect(bound.status == 0, "\(bound.errors)")
    let dry = try await demo.run(["uninstall", "--dry-run"], runner: tools)
    #expect(dry.status == 0, "\(dry.errors)")
    #expect(dry.errors.contains("Keeps:   the cluster prod\n"), "\(dry.errors)")
    #expect(!dry.errors.contains("controller is left alone"), "\(dry.errors)")
    for name in ["api-ci", "mobile-dind"] {
      #expect(dry.output.contains("uninstall scale set \(name)"), "\(dry.output)")
    }
    let done = try await demo.run(["uninstall", "--yes", "--now"], runner: tools)
    #expect(done.status == 0 && !done.errors.contains("controller is left alone"), "\(done.errors)")
    for line in dry.output.split(separator: "\n") where line.contains("controller") {
      let words = line.split(separator: " ").suffix(3).joined(separator: " ")
      #expect(done.errors.contains(words) || done.output.contains(words), "\(line): \(done.errors)")
    }
  }

  @Test func `list and doctor count what is configured on the other context`() async throws {
    _ = try await demo.run(["--demo-clusters", "2", "--demo-trouble", "none", "list"])
    for context in ["prod", "kind-deskrun"] {
      let demo = DemoFolder(speed: 1000)
      _ = try await demo.run(["--demo-clusters", "2", "--demo-trouble", "none", "list"])
      let tools = try SecondContext(of: context, in: demo)
      let name = context == "prod" ? "api-ci" : "web-ci"
      let list = try await demo.run(["list", "-o", "json", "--context", "second"], runner: tools)
      let entries = try JSONValue(parsing: list.output)["installations"]?.arrayValue ?? []
      let entry = entries.first { $0["name"] == .string(name) }
      #expect(entry?["context"] == .string(context), "\(context): \(list.output)\(list.errors)")
      #expect(!entries.contains { $0["context"] != .string(context) }, "\(list.output)")
      let doctor = try await demo.run(["doctor", "--context", "second"], runner: tools)
      #expect(doctor.output.contains("credentials of \(name)"), "\(doctor.output)")
    }
  }

  @Test func `list says what it does not know of a context`() async throws {
    _ = try await demo.run(["--demo-clusters", "2", "list"])
    var tools = try SecondContext(of: "prod", in: demo)
    tools.silent = ["second"]
    let silent = try await demo.run(["list", "--context", "second"], runner: tools)
    #expect(silent.status == ExitStatus.unreachable.rawValue && silent.output.isEmpty, "\(silent.output)")
    #expect(silent.errors.contains("second does not answer"), "\(silent.errors)")
  }

  @Test func `uninstall has one plan for the kind cluster and a second context of it`() async throws {
    _ = try await demo.run(["--demo-clusters", "2", "--demo-trouble", "none", "list"])
    let tools = try SecondContext(of: "kind-deskrun", in: demo)
    let bound = try await demo.run(["edit", "web-ci", "--context", "second", "--yes"], runner: tools)
    #expect(bound.status == 0, "\(bound.errors)")
    let dry = try await demo.run(["uninstall", "--dry-run"], runner: tools)
    #expect(dry.status == 0, "\(dry.errors)")
    #expect(!dry.errors.contains("second"), "\(dry.errors)")
    #expect(dry.output.contains("delete cluster") || dry.output.contains("kind cluster"), "\(dry.output)")
    #expect(!dry.output.contains("second"), "\(dry.output)")
    // `down` does the same, and only under the kind cluster's own name.
    let down = try await demo.run(["down", "--dry-run"], runner: tools)
    #expect(down.status == 0 && !down.errors.contains("are lost"), "\(down.errors)")
    #expect(down.output.contains("web-ci"), "\(down.output)")
    let other = try await demo.run(["down", "--dry-run", "--context", "second"], runner: tools)
    #expect(!other.output.contains("delete cluster"), "\(other.output)")
  }
}
