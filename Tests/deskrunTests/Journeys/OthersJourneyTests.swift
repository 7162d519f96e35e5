import Engine
import Foundation
import TestSupport
import Testing

@testable import CommandOutput
@testable import CommandSession
@testable import deskrun

/// Scale sets of other owners, as commands show and reject them.
@Suite(.ownThreads) struct OthersJourneyTests {
  @Test func `status shows them after one's own, with what deploys them`() async throws {
    let demo = DemoFolder(speed: 1)
    let text = try await demo.run(["--demo-others", "status"]).output
    let (own, heading) = (text.firstRange(of: "web-ci"), text.firstRange(of: "Not deployed by this deskrun"))
    let argo = text.firstRange(of: "platform/monorepo-ci")
    #expect(try #require(own).lowerBound < (try #require(heading)).lowerBound)
    #expect(try #require(heading).lowerBound < (try #require(argo)).lowerBound)
    #expect(text.contains("Argo CD: platform-runners") && text.contains("Helm: gpu-ci"))
    // Their runners are only listed on request.
    #expect(!text.contains("gpu-ci-runner-"))
    #expect(try await demo.run(["status", "team-a/gpu-ci"]).output.contains("gpu-ci-runner-"))
    #expect(try await demo.run(["status", "-n", "team-a"]).output.contains("gpu-ci-runner-"))
  }

  @Test func `programs get the namespace and the manager`() async throws {
    let demo = DemoFolder(speed: 1)
    let document = try JSONValue(parsing: await demo.run(["--demo-others", "status", "-o", "json"]).output)
    let all = try #require(document["installations"]?.arrayValue)
    let argo = try #require(all.first { $0["name"] == "platform/monorepo-ci" })
    #expect(argo["configured"] == false && argo["namespace"] == "platform")
    #expect(argo["managedBy"] == ["kind": "argocd", "name": "platform-runners"])
    #expect(argo["scaleSets"]?.arrayValue?.first?["name"] == "monorepo-ci")
    #expect(argo["runners"]?["items"]?.arrayValue?.allSatisfy { $0["namespace"] == "platform" } == true)
    let own = try #require(all.first { $0["name"] == "web-ci" })
    #expect(own["managedBy"] == .null && own["namespace"] == "arc-systems")
    #expect(try await demo.run(["status", "-n", "team-a", "-o", "name"]).output == "team-a/gpu-ci\n")
  }

  @Test func `logs, events and jobs of them are shown`() async throws {
    let demo = DemoFolder(speed: 1)
    #expect(try await demo.run(["--demo-others", "logs", "team-a/gpu-ci"]).output.contains("Current runner version"))
    #expect(try await demo.run(["logs", "gpu-ci", "--listener"]).status == 0)
    let events = try JSONValue(parsing: await demo.run(["events", "gpu-ci", "-o", "json"]).output)
    let list = try #require(events["events"]?.arrayValue)
    #expect(!list.isEmpty && list.allSatisfy { $0["namespace"] == "team-a" })
    let all = try JSONValue(parsing: await demo.run(["events", "-o", "json"]).output)
    let namespaces = Set((all["events"]?.arrayValue ?? []).compactMap { $0["namespace"]?.stringValue })
    #expect(namespaces == ["arc-systems", "platform", "team-a"])
    // In the demo one of their runners is usually busy.
    let jobs = try JSONValue(parsing: await demo.run(["jobs", "-n", "team-a", "-o", "json"]).output)
    #expect((jobs["jobs"]?.arrayValue ?? []).allSatisfy { $0["namespace"] == "team-a" && $0["scaleSet"] == "gpu-ci" })
  }

  @Test(arguments: [
    ["edit", "platform/monorepo-ci", "--max-runners", "9"], ["scale", "monorepo-ci", "9"],
    ["remove", "platform/monorepo-ci", "--yes"], ["adopt", "monorepo-ci", "--auth-value", "env:DESKRUN_DEMO_TOKEN"],
    ["up", "monorepo-ci"],
  ]) func `what would change them is refused with the owner's name`(arguments: [String]) async throws {
    let demo = DemoFolder()
    _ = try await demo.run(["--demo-others", "list"])
    let outcome = try await demo.run(arguments)
    #expect(outcome.status == 65, "\(outcome.errors)")
    #expect(outcome.errors.contains("Argo CD application platform-runners"), "\(outcome.errors)")
    #expect(outcome.errors.contains("platform/monorepo-ci"))
  }

  @Test func `without an installation they are shown, and the next step`() async throws {
    let demo = DemoFolder()
    let outcome = try await demo.run(["--demo-empty", "--demo-others", "status"])
    #expect(outcome.status == 0, "\(outcome.errors)")
    #expect(outcome.output.contains("team-a/gpu-ci"))
    #expect(outcome.output.contains("deskrun --demo add NAME") || outcome.output.contains("deskrun add NAME"))
  }

  @Test(arguments: ["", "Team", "a_b", "a-", String(repeating: "a", count: 64)])
  func `a namespace that cannot exist is a mistake`(name: String) async throws {
    let outcome = try await DemoFolder().run(["status", "-n", name])
    #expect(outcome.status == 2 || outcome.status == 64, "\(outcome.status)")
    #expect(outcome.errors.contains("--namespace"), "\(outcome.errors)")
  }
}
