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
}
