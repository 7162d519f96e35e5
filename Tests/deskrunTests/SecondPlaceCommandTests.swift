import DemoTestSupport
import Engine
import TestSupport
import Testing

@testable import CommandOutput
@testable import CommandSession
@testable import deskrun

/// One name on two clusters, as a user adds, sees, changes and removes both, in the demo.
@Suite(.ownThreads) struct SecondPlaceCommandTests {
  private let demo = DemoFolder(speed: 60)

  private func names(_ arguments: String...) async throws -> [String] {
    let document = try JSONValue(parsing: await demo.run(arguments + ["-o", "json"]).output)
    return (document["installations"]?.arrayValue ?? []).compactMap { $0["name"]?.stringValue }
  }

  private func add(_ more: String...) async throws -> DeskrunBinary.Outcome {
    try await demo.run(["add", "org", "-r", "https://github.com/acme", "--auth-value", "gh", "--yes"] + more)
  }

  private func addBoth() async throws {
    _ = try await demo.run(["--demo-clusters", "2", "--demo-trouble", "none", "list"])
    #expect(try await add().status == 0)
    let second = try await add("--context", "prod", "--runner-group", "second")
    #expect(second.status == 0 && second.errors.contains("runs-on: org\n"), "\(second.errors)")
  }

  @Test func `a second one needs a runner group of its own, and adding it again changes nothing`() async throws {
    _ = try await demo.run(["--demo-clusters", "2", "--demo-trouble", "none", "list"])
    #expect(try await add().status == 0)
    let refused = try await add("--context", "prod")
    #expect(refused.status == ExitStatus.invalid.rawValue, "\(refused.errors)")
    for text in ["kind-deskrun has a scale set org", "another name", "--runner-group GROUP", "runs-on: org"] {
      #expect(refused.errors.split(separator: "\n").joined(separator: " ").contains(text), "\(refused.errors)")
    }
    #expect(try await names("list").filter { $0.hasPrefix("org") } == ["org"])
    #expect(try await add("--context", "prod", "--runner-group", "second").status == 0)
    #expect(try await names("list").filter { $0.hasPrefix("org") } == ["org", "org@prod"])
    #expect(try await add("--context", "prod", "--runner-group", "second").status == 0)
    #expect(try await names("list").filter { $0.hasPrefix("org") } == ["org", "org@prod"])
  }

  @Test func `each is shown and changed on its own cluster`() async throws {
    try await addBoth()
    #expect(try await names("--context", "prod", "status").contains("org@prod"))
    #expect(try await names("status", "org@prod") == ["org@prod"])
    // With a context, the name alone means the one there.
    #expect(try await names("--context", "prod", "status", "org") == ["org@prod"])
    #expect(try await names("status", "org") == ["org"])
    for command in ["why", "jobs", "logs", "events"] {
      let outcome = try await demo.run([command, "org@prod"])
      #expect(outcome.status == 0, "\(command): \(outcome.errors)")
    }
    #expect(try await demo.run(["scale", "org@prod", "1-7", "--yes"]).status == 0)
    #expect(try await demo.run(["--context", "prod", "edit", "org", "--min-runners", "2", "--yes"]).status == 0)
    let document = try JSONValue(parsing: await demo.run(["status", "-o", "json"]).output)
    let found = (document["installations"]?.arrayValue ?? []).filter {
      $0["name"]?.stringValue?.hasPrefix("org") == true
    }
    #expect(found.map { $0["scaleSets"]?[0]?["name"] } == ["org", "org"])
    #expect(found.map { $0["scaleSets"]?[0]?["maxRunners"]?.intValue } == [5, 7], "\(found)")
    #expect(found.map { $0["context"] } == ["kind-deskrun", "prod"])
    let why = try await demo.run(["why", "-o", "json"])
    let rules = try JSONValue(parsing: why.output)["findings"]?.arrayValue?.compactMap { $0["rule"]?.stringValue }
    #expect(
      rules?.contains("listener-conflict") == false && rules?.contains("not-configured") == false, "\(why.output)")
    // Both in one group would take the session from each other.
    let group = try await demo.run(["edit", "org@prod", "--reset", "runner-group", "--yes"])
    #expect(group.status == ExitStatus.invalid.rawValue, "\(group.errors)")
  }

  @Test func `removing the first leaves the second, which has the name then`() async throws {
    try await addBoth()
    let plan = try await demo.run(["remove", "org", "--dry-run"])
    #expect(plan.errors.contains("org@prod is called org from then on"), "\(plan.errors)")
    #expect(try await demo.run(["remove", "org", "--yes"]).status == 0)
    #expect(try await names("list").filter { $0.hasPrefix("org") } == ["org"])
    let document = try JSONValue(parsing: await demo.run(["status", "org", "-o", "json"]).output)
    #expect(document["installations"]?[0]?["context"] == "prod")
    #expect(document["installations"]?[0]?["scaleSets"]?[0]?["runnerGroup"] != .null)
    #expect(try await demo.run(["remove", "org", "--yes"]).status == 0)
    #expect(try await names("list").filter { $0.hasPrefix("org") } == [])
  }

  @Test func `removing the second leaves the first`() async throws {
    try await addBoth()
    #expect(try await demo.run(["--context", "prod", "remove", "org", "--yes"]).status == 0)
    #expect(try await names("status", "org") == ["org"])
    let document = try JSONValue(parsing: await demo.run(["status", "org", "-o", "json"]).output)
    #expect(document["installations"]?[0]?["context"] == "kind-deskrun")
  }

  @Test func `with a context the entry of that cluster is meant, also without its cluster`() async throws {
    try await addBoth()
    let forget = try await demo.run(["remove", "org", "--skip-cluster", "--context", "prod", "--dry-run"])
    #expect(forget.status == 0 && forget.output.contains("Remove org@prod from"), "\(forget.output)")
    let other = try await demo.run(["remove", "org@prod", "--skip-cluster", "--context", "kind-deskrun", "--dry-run"])
    #expect(other.status == ExitStatus.invalid.rawValue, "\(other.output)")
    #expect(try await demo.run(["remove", "org", "--skip-cluster", "--dry-run"]).output.contains("Remove org from"))
    let adopted = try await demo.run(["adopt", "org@prod", "--dry-run"])
    #expect(adopted.status == 0, "\(adopted.errors)")
    #expect(try await demo.run(["--context", "prod", "adopt", "org", "--dry-run"]).status == 0)
  }

  @Test func `jobs of one are not those of the other`() async throws {
    try await addBoth()
    func contexts(_ arguments: String...) async throws -> Set<String> {
      let document = try JSONValue(parsing: await demo.run(["jobs", "-o", "json"] + arguments).output)
      return Set((document["jobs"]?.arrayValue ?? []).compactMap { $0["context"]?.stringValue })
    }
    for context in ["kind-deskrun", "prod"] {
      var record = JobRecord(
        runner: "of-\(context)", scaleSet: "org", job: Job(), started: SystemTime.secondsSince1970() - 60,
        result: .running)
      record.place = ClusterPlace(context: context)
      try JobHistory(path: demo.path + "/home/history.jsonl").append([record])
    }
    #expect(try await contexts("org") == ["kind-deskrun"])
    #expect(try await contexts("org@prod") == ["prod"])
  }

  @Test func `through another context of its cluster the second is meant, and it is not called a stray`() async throws {
    try await addBoth()
    let tools = try SecondContext(of: "prod", in: demo)
    func run(_ arguments: String...) async throws -> DeskrunBinary.Outcome {
      try await demo.run(arguments + ["--context", "second"], runner: tools)
    }
    for command in ["status", "why"] {
      let all = try await run(command)
      #expect(!all.output.contains("runs here"), "\(all.output)")
      #expect(command != "status" || all.output.contains("org@prod"), "\(all.output)")
    }
    let scaled = try await run("scale", "org", "1-8", "--yes")
    #expect(scaled.status == 0, "\(scaled.errors)")
    let document = try JSONValue(parsing: await demo.run(["list", "-o", "json"]).output)
    let counts = (document["installations"]?.arrayValue ?? []).filter {
      $0["name"]?.stringValue?.hasPrefix("org") == true
    }
    #expect(counts.map { $0["maxRunners"]?.intValue } == [5, 8], "\(document)")
    #expect(try await run("remove", "org", "--dry-run").output.contains("Remove org@prod"))
    #expect(try await run("remove", "org", "--skip-cluster", "--dry-run").output.contains("Remove org@prod"))
    let down = try await run("down", "--dry-run")
    #expect(down.status == 0 && down.output.contains("uninstall scale set org"), "\(down.output)\(down.errors)")
    let up = try await run("up", "--dry-run")
    #expect(up.status == 0 && up.output.contains("org"), "\(up.output)\(up.errors)")
  }
}
