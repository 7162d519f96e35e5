import Engine
import TestSupport
import Testing

@testable import CommandOutput
@testable import CommandSession
@testable import deskrun

/// Commands on several clusters, in the demo.
@Suite(.ownThreads) struct SeveralClusterCommandTests {
  private let demo = DemoFolder()

  private func document(_ arguments: String...) async throws -> JSONValue {
    try JSONValue(parsing: await demo.run(arguments + ["-o", "json"]).output)
  }

  private func contexts(_ list: JSONValue?) -> Set<String> {
    Set((list?.arrayValue ?? []).compactMap { $0["context"]?.stringValue })
  }

  @Test func `status, jobs, events and doctor tell of both clusters, each object with its context`() async throws {
    let status = try await document("--demo-clusters", "2", "status")
    let both: Set = ["kind-deskrun", "prod"]
    #expect(contexts(status["clusters"]) == both && contexts(status["installations"]) == both)
    #expect(contexts(try await document("jobs", "--limit", "400")["jobs"]) == both)
    #expect(contexts(try await document("events")["events"]) == both)
    #expect(contexts(try await document("doctor")["findings"]) == both)
    // As text, grouped by cluster.
    let text = try await demo.run(["jobs", "--limit", "400"]).output
    let lines = text.split(separator: "\n").map(String.init)
    let (first, second) = (lines.firstIndex(of: "kind-deskrun"), lines.firstIndex(of: "prod"))
    #expect(first == 0 && second.map { $0 > 1 } == true)
    let prod = lines[(second ?? 0)...]
    #expect(prod.contains { $0.contains("acme/api") } && !prod.contains { $0.contains("acme/web ") })
  }

  @Test func `one context chooses, two choose both, and a command that changes something takes one`() async throws {
    _ = try await demo.run(["--demo-clusters", "3", "list"])
    #expect(contexts(try await document("--context", "prod", "jobs", "--limit", "400")["jobs"]) == ["prod"])
    let two = try await document("--context", "lab", "--context", "prod", "status")
    #expect((two["clusters"]?.arrayValue ?? []).compactMap { $0["context"]?.stringValue } == ["lab", "prod"])
    let refused = try await demo.run(["--context", "lab", "--context", "prod", "scale", "docs-ci", "2", "--yes"])
    #expect(refused.status == ExitStatus.usage.rawValue && refused.errors.contains("works on one cluster"))
    let own = try await demo.run(["--context", "lab", "--context", "kind-deskrun", "status", "api-ci"])
    #expect(own.status != 0 && own.errors.contains("prod"))
  }

  @Test func `a cluster that refuses leaves the other as it is, and is the worst for the exit status`() async throws {
    let all = try await demo.run(["--demo-clusters", "2", "--demo-outage", "refuse", "status"])
    #expect(all.status != 0)
    for text in ["prod", "does not answer", "web-ci-runner-"] { #expect(all.output.contains(text)) }
    let jobs = try await demo.run(["jobs", "--limit", "400"])
    #expect(jobs.status == 0 && jobs.output.contains("acme/web") && jobs.output.contains("acme/api"))
    #expect(jobs.errors.contains("prod does not answer, so it is not known which jobs run there"))
    #expect(!jobs.errors.contains("kind-deskrun does not answer"))
    // deskrun did not create that cluster, so it cannot start its node.
    let edit = try await demo.run(["edit", "api-ci", "--max-runners", "5", "--yes"])
    #expect(edit.status == ExitStatus.unreachable.rawValue && edit.errors.contains("Check the network or VPN"))
    #expect(edit.errors.contains("prod does not answer, so nothing was changed"), "\(edit.errors)")
    let list = try await document("list")["installations"]?.arrayValue
    #expect(list?.first { $0["name"] == "api-ci" }?["maxRunners"] == 4)
    // One installation: on a terminal its fault is told once, with the server's name.
    let session = try demo.onTerminal(["status", "api-ci"])
    let named = session.finish()
    let told = named.output.split(whereSeparator: \.isWhitespace).joined(separator: " ")
    #expect(named.status == ExitStatus.unreachable.rawValue && told.ranges(of: "network or VPN").count == 1, "\(told)")
    #expect(told.ranges(of: "prod.example.com:6443").count == 1 && !told.contains("127.0.0.1"), "\(told)")
    // Where the output goes to a file or a pipe, standard error tells it too.
    let piped = try await demo.run(["status", "api-ci"])
    for text in [piped.output, piped.errors] { #expect(text.ranges(of: "network or VPN").count == 1, "\(text)") }
    let events = try await demo.run(["events"])
    #expect(events.status != 0 && events.output.contains("web-ci-runner-") && events.errors.contains("prod"))
    #expect(try await demo.run(["--demo-outage", "none", "status"]).status == 0)
  }

  @Test func `clusters of the demo are removed with what lives on them`() async throws {
    _ = try await demo.run(["--demo-clusters", "3", "list"])
    let three = try await document("cluster", "list")
    #expect(contexts(three["clusters"]) == ["kind-deskrun", "prod", "lab"])
    _ = try await demo.run(["--demo-clusters", "1", "list"])
    let one = try await document("cluster", "list")
    #expect(contexts(one["clusters"]) == ["kind-deskrun"])
    #expect(contexts(try await document("list")["installations"]).isSubset(of: ["kind-deskrun"]))
    let outage = try await demo.run(["--demo-outage", "hang", "list"])
    #expect(outage.status != 0 && outage.errors.contains("--demo-clusters 2"))
  }

  @Test func `one scale set name on two clusters is told of both, and is the exit status`() async throws {
    _ = try await demo.run(["--demo-clusters", "2", "list"])
    // Its scale set remains on the kind cluster.
    #expect(try await demo.run(["remove", "web-ci", "--skip-cluster", "--yes"]).status == 0)
    let added = try await demo.run([
      "--context", "prod", "add", "web-ci", "-r", "https://github.com/acme/web", "--auth-value", "gh", "--yes",
    ])
    #expect(added.status == 0, "\(added.errors)")
    let why = try await demo.run(["why", "--exit-code"])
    #expect(why.status == ExitStatus.unwell.rawValue && why.output.contains("has a scale set web-ci for the same"))
    // So it is when one is asked about.
    let named = try await demo.run(["why", "web-ci", "--exit-code"])
    #expect(named.status == ExitStatus.unwell.rawValue && named.output.contains("the cluster kind-deskrun"))
    #expect(try await demo.run(["status", "web-ci", "--exit-code"]).status == ExitStatus.unwell.rawValue)
    let found = (try await document("why")["findings"]?.arrayValue ?? []).filter { $0["rule"] == "listener-conflict" }
    #expect(found.compactMap { $0["context"]?.stringValue } == ["kind-deskrun", "prod"])
    #expect(found[0]["cause"]?.stringValue?.contains("the cluster prod") == true)
  }

  @Test func `an installation on another cluster is changed there`() async throws {
    _ = try await demo.run(["--demo-clusters", "2", "list"])
    let scaled = try await demo.run(["scale", "api-ci", "1-7", "--yes"])
    #expect(scaled.status == 0, "\(scaled.errors)")
    let status = try await document("status")
    let api = (status["installations"]?.arrayValue ?? []).first { $0["name"]?.stringValue == "api-ci" }
    #expect(api?["scaleSets"]?[0]?["maxRunners"] == 7 && api?["context"] == "prod")
  }

  @Test func `up brings up the clusters that answer before it tells of the others`() async throws {
    _ = try await demo.run(["--demo-clusters", "2", "--demo-trouble", "none", "--demo-outage", "refuse", "list"])
    #expect(try await demo.run(["cluster", "use", "prod"]).status == 0)
    let up = try await demo.run(["up"])
    #expect(up.status == ExitStatus.unreachable.rawValue, "\(up.errors)")
    let (living, dead) = (
      up.errors.firstRange(of: "kind-deskrun is up"),
      up.errors.firstRange(of: "The cluster prod does not answer, so nothing was changed")
    )
    #expect(try #require(living, "\(up.errors)").lowerBound < (try #require(dead, "\(up.errors)")).lowerBound)
  }

  @Test func `a cluster that hangs is refused at the first look, before anything is changed`() async throws {
    _ = try await demo.run(["--demo-clusters", "2", "--demo-outage", "hang", "list"])
    let edit = try demo.runProgram(["edit", "api-ci", "--max-runners", "9", "--yes"])
    #expect(edit.status == ExitStatus.unreachable.rawValue)
    #expect(edit.errors.contains("prod does not answer, so nothing was changed") && !edit.errors.contains("[2/"))
    let list = try await document("list")["installations"]?.arrayValue
    #expect(list?.first { $0["name"] == "api-ci" }?["maxRunners"] == 4)
  }

  @Test func `doctor advises nothing that is running already`() async throws {
    _ = try await demo.run(["--demo-clusters", "2", "--demo-outage", "refuse", "list"])
    let findings = try await document("doctor")["findings"]?.arrayValue ?? []
    let cluster = try #require(findings.first { $0["context"] == "prod" && $0["rule"] == "cluster" })
    #expect(cluster["severity"] == "bad" && cluster["fix"]?.stringValue?.contains("network") == true)
  }

  @Test func `the version of ARC has one form`() async throws {
    _ = try await demo.run(["--demo-clusters", "2", "list"])
    for command in [["cluster", "list"], ["cluster", "status"], ["status"]] {
      #expect(try await demo.run(command).output.contains("ARC 0."), "\(command)")
    }
  }

  @Test func `why NAME names the other cluster that has its scale set name`() async throws {
    _ = try await demo.run(["--demo-clusters", "2", "list"])
    func add(_ context: String) async throws -> DeskrunBinary.Outcome {
      try await demo.run([
        "--context", context, "add", "web-ci", "-r", "https://github.com/acme/web", "--auth-value", "gh", "--yes",
      ])
    }
    // One remains on prod without an entry; the other is configured on the kind cluster again.
    #expect(try await demo.run(["remove", "web-ci", "--skip-cluster", "--yes"]).status == 0)
    #expect(try await add("prod").status == 0)
    #expect(try await demo.run(["remove", "web-ci", "--skip-cluster", "--yes"]).status == 0)
    let again = try await add("kind-deskrun")
    #expect(again.status == 0, "\(again.errors)")
    // The listener is refused once a minute of the demo's time.
    let why = try await demo.run([
      "--demo-trouble", "listener-conflict", "--demo-speed", "1", "why", "web-ci", "-o", "json",
    ])
    let findings = try JSONValue(parsing: why.output)["findings"]?.arrayValue ?? []
    let conflict = try #require(findings.first { $0["rule"] == "listener-conflict" }, "\(why.output)\(why.errors)")
    #expect(conflict["context"] == "kind-deskrun" && conflict["installation"] == "web-ci")
    #expect(conflict["cause"]?.stringValue?.contains("prod") == true, "\(why.output)")
  }
}
