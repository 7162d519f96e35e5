import Engine
import TestSupport
import Testing

@testable import CommandOutput
@testable import CommandSession
@testable import deskrun

/// Names that are not in the configuration, on clusters other than the default, in the demo.
@Suite struct NameOnClustersTests {
  private let demo = DemoFolder(speed: 1)

  /// Two clusters, scale sets of other owners on the kind cluster, and the other cluster as the default.
  private func prepare(_ more: String...) async throws {
    #expect(try await demo.run(["--demo-clusters", "2", "--demo-others"] + more + ["list"]).status == 0)
    #expect(try await demo.run(["cluster", "use", "prod"]).status == 0)
  }

  @Test func `a scale set of others is found on a cluster that is not the default`() async throws {
    try await prepare()
    let status = try await demo.run(["status", "gpu-ci"])
    #expect(status.status == 0 && status.output.contains("gpu-ci-runner-"), "\(status.errors)")
    #expect(status.output.contains("kind-deskrun"))
    #expect(try await demo.run(["why", "gpu-ci"]).status == 0)
    #expect(try await demo.run(["logs", "gpu-ci", "--listener"]).status == 0)
    #expect(try await demo.run(["jobs", "gpu-ci"]).status == 0)
    let events = try JSONValue(parsing: await demo.run(["events", "gpu-ci", "-o", "json"]).output)
    #expect(events["events"]?.arrayValue?.contains { $0["context"] == "kind-deskrun" } == true)
    // Its runner too, which may end before its log is requested.
    var logs: DeskrunBinary.Outcome?
    let isShown = try await eventually {
      let document = try JSONValue(parsing: await demo.run(["status", "gpu-ci", "-o", "json"]).output)
      let runner = document["installations"]?[0]?["runners"]?["items"]?[0]?["name"]?.stringValue
      logs = try await demo.run(["logs", runner ?? "none"])
      return logs?.status == 0
    }
    #expect(isShown && logs?.output.contains("Current runner version") == true, "\(logs?.errors ?? "")")
  }

  @Test func `what would change it is refused with what deployed it`() async throws {
    try await prepare()
    let scaled = try await demo.run(["scale", "monorepo-ci", "9"])
    #expect(scaled.status == 65 && scaled.errors.contains("Argo CD application platform-runners"), "\(scaled.errors)")
    let adopted = try await demo.run(["adopt", "gpu-ci"])
    #expect(
      adopted.status == 65 && adopted.errors.contains("adopt team-a/gpu-ci --context kind-deskrun"),
      "\(adopted.errors)")
  }

  @Test func `a cluster that does not answer keeps no other from answering`() async throws {
    try await prepare("--demo-outage", "hang")
    let status = try demo.runProgram(["status", "gpu-ci"])
    #expect(status.status == 0 && status.output.contains("gpu-ci-runner-"), "\(status.errors)")
  }

  @Test(arguments: ["status", "why", "logs", "events", "jobs"])
  func `where a cluster does not answer it is not known whether it has a name`(command: String) async throws {
    try await prepare("--demo-outage", "refuse")
    let outcome = try await demo.run([command, "nosuch"])
    #expect(outcome.status == ExitStatus.unreachable.rawValue, "\(outcome.errors)")
    #expect(outcome.errors.contains("it is not known whether prod has"), "\(outcome.errors)")
    // The same with a single cluster.
    let one = try await demo.run([command, "nosuch", "--context", "prod"])
    #expect(one.status == ExitStatus.unreachable.rawValue, "\(one.errors)")
    #expect(one.errors.contains("it is not known whether prod has"), "\(one.errors)")
    #expect(
      try await demo.run([command, "nosuch", "--context", "kind-deskrun"]).status == ExitStatus.notFound.rawValue)
    let own = try await demo.run([command, "api-ci"])
    #expect(own.status == (command == "jobs" ? 0 : ExitStatus.unreachable.rawValue), "\(own.errors)")
  }

  @Test func `where all answer, a name that none has does not exist`() async throws {
    try await prepare()
    for command in ["status", "why", "logs", "events", "jobs"] {
      let outcome = try await demo.run([command, "nosuch"])
      #expect(outcome.status == ExitStatus.notFound.rawValue, "\(command): \(outcome.errors)")
    }
  }

  @Test func `a name on two clusters is not chosen between`() async throws {
    _ = try await demo.run(["--demo-clusters", "2", "--demo-others", "--demo-speed", "60", "list"])
    let add = ["--context", "prod", "add", "gpu-ci", "-r", "https://github.com/acme/models", "--auth-value", "gh"]
    #expect(try await demo.run(add + ["--yes", "--demo-speed", "60"]).status == 0)
    #expect(try await demo.run(["remove", "gpu-ci", "--skip-cluster", "--yes"]).status == 0)
    let why = try await demo.run(["why", "gpu-ci"])
    #expect(why.status == ExitStatus.invalid.rawValue, "\(why.errors)")
    for text in ["Several clusters have a scale set gpu-ci", "kind-deskrun", "prod"] {
      #expect(why.errors.contains(text), "\(why.errors)")
    }
    let chosen = try await demo.run(["status", "gpu-ci", "--context", "kind-deskrun"])
    #expect(chosen.status == 0 && chosen.output.contains("team-a/gpu-ci"), "\(chosen.errors)")
  }

  @Test func `a namespace that does not exist is not a cluster without problems`() async throws {
    _ = try await demo.run(["--demo-clusters", "2", "--demo-others", "list"])
    for command in ["status", "why", "events", "jobs"] {
      let outcome = try await demo.run([command, "-n", "nosuch"])
      #expect(outcome.status == ExitStatus.notFound.rawValue, "\(command): \(outcome.output)\(outcome.errors)")
      #expect(outcome.errors.contains("No namespace nosuch found on kind-deskrun, prod"), "\(outcome.errors)")
    }
    let one = try await demo.run(["why", "-n", "nosuch", "--context", "prod"])
    #expect(one.status == ExitStatus.notFound.rawValue && one.errors.contains("kubectl --context prod get namespaces"))
    // It exists on one of them.
    #expect(try await demo.run(["status", "-n", "team-a"]).status == 0)
  }

  @Test(arguments: ["status", "why", "logs", "events", "jobs"])
  func `an installation is not looked for in another namespace than its own`(command: String) async throws {
    _ = try await demo.run(["--demo-others", "list"])
    let outcome = try await demo.run([command, "web-ci", "-n", "team-a"])
    #expect(outcome.status == ExitStatus.notFound.rawValue, "\(outcome.output)\(outcome.errors)")
    #expect(outcome.errors.contains("web-ci is in the namespace arc-systems, not in team-a"), "\(outcome.errors)")
    #expect(!outcome.errors.contains("Use the name web-ci"), "\(outcome.errors)")
    let own = try await demo.run([command, "web-ci", "-n", "arc-systems"])
    #expect(own.status == 0, "\(own.errors)")
  }

  @Test func `a scale set in another namespace is adopted with it`() async throws {
    let demo = DemoFolder(speed: 60)
    _ = try await demo.run(["--demo-others", "list"])
    let refused = try await demo.run(["scale", "gpu-ci", "3"])
    #expect(refused.errors.contains("adopt team-a/gpu-ci"), "\(refused.errors)")
    let adopted = try await demo.run(["adopt", "gpu-ci", "--mode", "dind", "--auth-value", "gh", "--yes"])
    #expect(adopted.status == 0, "\(adopted.errors)")
    let list = try JSONValue(parsing: await demo.run(["list", "-o", "json"]).output)
    let own = list["installations"]?.arrayValue?.first { $0["name"] == "gpu-ci" }
    #expect(own?["namespace"] == "team-a" && own?["githubUrl"] == "https://github.com/acme/models")
    // If one is not in the default namespace, tables show namespaces.
    let status = try await demo.run(["status"]).output
    #expect(status.contains("NAMESPACE") && status.contains("team-a"))
    #expect(try await demo.run(["list", "-o", "wide"]).output.contains("team-a"))
    let moved = try await demo.run(["edit", "gpu-ci", "--namespace", "team-b", "--yes"])
    #expect(moved.status == ExitStatus.invalid.rawValue)
    #expect(moved.errors.contains("--repository https://github.com/acme/models --mode dind"), "\(moved.errors)")
  }
}
