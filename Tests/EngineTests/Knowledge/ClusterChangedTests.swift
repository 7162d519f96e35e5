import ARCTestSupport
import TestSupport
import Testing

@testable import ARC
@testable import Basics
@testable import Installations
@testable import Knowledge
@testable import Kubernetes
@testable import Tools

/// The knowledge when a context points to another cluster than before.
@Suite struct ClusterChangedTests {
  private static let now = DiagnosisTests.now

  private func configuration(_ identity: ClusterIdentity?, context: String? = "prod") throws -> Configuration {
    var configuration = Configuration()
    configuration.set(
      try Installation(
        name: InstallationName("web"), target: GitHubTarget("https://github.com/acme/web"),
        authentication: .token(.literal(Secret("t")))))
    configuration.notePlace(
      of: try InstallationName("web"), context.map { ClusterPlace(context: $0) }, identity: identity)
    return configuration
  }

  private func observed(_ uid: String?, _ sets: [ScaleSet], runners: [EphemeralRunner] = []) -> KnowledgeEvent {
    let snapshot = Snapshot(
      takenAt: Self.now, controller: ControllerState(version: "0.14.2", isReady: true), scaleSets: sets,
      runners: runners, pods: [DiagnosisTests.listener()])
    return .observed(
      ClusterObservation(cluster: .ready(version: "v1.36.1"), snapshot: snapshot, heardAt: Self.now, uid: uid))
  }

  @Test func `it is said in place of not deployed, with both servers`() throws {
    var knowledge = ClusterKnowledge(place: ClusterPlace(context: "prod"))
    let former = ClusterIdentity(uid: "one", server: "https://old.example.com:6443")
    knowledge.take(.configuration(.success(try configuration(former))), at: Self.now)
    knowledge.take(observed("two", []), at: Self.now)
    var host = HostReport()
    host.server = "https://new.example.com:6443"
    knowledge.take(.host(host), at: Self.now)
    let finding = try #require(knowledge.findings.first)
    #expect(knowledge.findings.map(\.id) == ["cluster-changed/web"])
    #expect(finding.severity == .bad)
    #expect(
      finding.evidence.first?.contains("was https://old.example.com:6443 and is https://new.example.com:6443") == true)
    #expect(finding.action?.command("web") == "deskrun edit web --context CONTEXT")
    #expect(finding.remedy.contains("deskrun remove web --skip-cluster"))
    knowledge.take(observed("one", []), at: Self.now)
    #expect(knowledge.findings.map(\.id) == ["not-deployed/web"])
    // If it cannot be read, nothing is compared.
    knowledge.take(observed(nil, []), at: Self.now)
    #expect(knowledge.findings.map(\.id) == ["not-deployed/web"])
  }

  @Test func `what its own cluster shows under another context is no second copy`() throws {
    let set = DiagnosisTests.set { object in
      var metadata = object["metadata"]?.objectValue ?? [:]
      metadata["namespace"] = "arc-systems"
      metadata["labels"] = [
        "app.kubernetes.io/version": "0.14.2", "deskrun/installation": "web", "deskrun/owner": "me",
      ]
      object["metadata"] = .object(metadata)
    }
    var knowledge = ClusterKnowledge(place: ClusterPlace(context: "alias"), identity: "me")
    let whole = try configuration(ClusterIdentity(uid: "one"))
    knowledge.take(.configuration(.success(whole.on(.existing(context: "alias")))), at: Self.now)
    knowledge.take(observed("one", [set]), at: Self.now)
    #expect(!knowledge.findings.contains { $0.rule == .notConfigured })
    knowledge.take(observed("two", [set]), at: Self.now)
    let finding = try #require(knowledge.findings.first { $0.rule == .notConfigured })
    #expect(
      finding.remedy.contains("the same scale set as web on another cluster")
        && finding.remedy.contains("helm uninstall"))
  }

  @Test func `what the other cluster has under the name of an installation is not the installation's`() throws {
    var knowledge = ClusterKnowledge(place: ClusterPlace(context: "prod"))
    knowledge.take(.configuration(.success(try configuration(ClusterIdentity(uid: "one")))), at: Self.now)
    let busy = ClusterObjects.runner("r", ClusterObjects.busy)
    knowledge.take(observed("one", [DiagnosisTests.set()], runners: [busy]), at: Self.now)
    #expect(knowledge.statuses.first?.counts.busy == 1)
    knowledge.take(observed("two", [DiagnosisTests.set()], runners: [busy]), at: Self.now)
    let web = try #require(knowledge.statuses.first { $0.name == "web" })
    #expect(web.scaleSets.isEmpty && web.counts.busy == 0 && web.runners.isEmpty)
    #expect(knowledge.findings.map(\.rule) == [.clusterChanged])
  }

  @Test func `nothing of the former cluster is taken for the new one's`() throws {
    var knowledge = ClusterKnowledge(place: ClusterPlace(context: "prod"))
    knowledge.take(.configuration(.success(try configuration(nil))), at: Self.now)
    let busy = ClusterObjects.runner("r", ClusterObjects.busy)
    knowledge.take(observed("one", [DiagnosisTests.set()], runners: [busy]), at: Self.now)
    #expect(knowledge.jobs["r"]?.result == .running)
    let news = knowledge.take(observed("two", []), at: Self.now)
    #expect(knowledge.jobs["r"] == nil && knowledge.listeners.isEmpty && knowledge.queues.isEmpty)
    #expect(!news.jobs.contains { $0.runner == "r" }, "its end is not known, so none is recorded")
    #expect(news.questions.contains { if case .host = $0 { true } else { false } })
  }

  @Test func `which cluster an installation was found on is noted once`() async throws {
    let folder = try TemporaryFolder()
    let store = ConfigurationStore(paths: try Paths(environment: ["HOME": folder.path, "DESKRUN_HOME": folder.path]))
    let name = try InstallationName("web")
    var knowledge = ClusterKnowledge(place: ClusterPlace(context: "prod"), identity: "me")
    let set = DiagnosisTests.set { object in
      var metadata = object["metadata"]?.objectValue ?? [:]
      metadata["namespace"] = "arc-systems"
      metadata["labels"] = [
        "app.kubernetes.io/version": "0.14.2", "deskrun/installation": "web", "deskrun/owner": "me",
      ]
      object["metadata"] = .object(metadata)
    }
    try store.update { $0 = try configuration(nil) }
    knowledge.take(.configuration(.success(try store.load())), at: Self.now)
    func notes(_ event: KnowledgeEvent) -> [IdentityNote] {
      knowledge.take(event, at: Self.now).questions.compactMap {
        if case .identity(let note) = $0 { note } else { nil }
      }
    }
    let asked = notes(observed("one", [set]))
    #expect(asked == [IdentityNote(installations: [name], uid: "one")])
    #expect(notes(observed("one", [set])).isEmpty)
    let toolbox = Toolbox(runner: NoPrograms(), environment: [:], target: .existing(context: "prod"))
    await asked.first?.write(toolbox, store)
    #expect(try store.load().identity(of: name)?.uid == "one")
    // The identity of another cluster does not replace the stored one.
    await IdentityNote(installations: [name], uid: "two").write(toolbox, store)
    #expect(try store.load().identity(of: name)?.uid == "one")
    // deskrun's own kind cluster is not distinguished from its recreated successor.
    #expect(notes(.configuration(.success(try configuration(nil, context: nil)))).isEmpty)
  }

  private struct NoPrograms: ToolRunner {
    func run(_ call: ToolCall, onLine: (@Sendable (ToolLine) -> Void)?) async throws -> ToolResult {
      throw EngineError(.toolMissing, "There are none")
    }
    func stream(_ call: ToolCall, onChunk: @Sendable ([UInt8]) async throws -> Void) async throws -> ToolResult {
      throw EngineError(.toolMissing, "There are none")
    }
  }

  // MARK: One name in two namespaces

  private func set(in namespace: String, uid: String, group: String? = nil, url: String = "https://github.com/acme/web")
    -> ScaleSet
  {
    DiagnosisTests.set("web") { object in
      var metadata = object["metadata"]?.objectValue ?? [:]
      (metadata["namespace"], metadata["uid"]) = (.string(namespace), .string(uid))
      object["metadata"] = .object(metadata)
      var spec: JSONObject = ["githubConfigUrl": .string(url)]
      spec["runnerGroup"] = group.map(JSONValue.string)
      object["spec"] = .object(spec)
    }
  }

  private func conflicts(_ sets: [ScaleSet]) throws -> [Finding] {
    var knowledge = ClusterKnowledge(place: ClusterPlace(context: "prod"))
    knowledge.take(.configuration(.success(try configuration(nil))), at: Self.now)
    knowledge.take(observed(nil, sets), at: Self.now)
    return knowledge.findings.filter { $0.rule == .listenerConflict }
  }

  @Test func `two scale sets of one name for one GitHub URL are a finding of both`() throws {
    let found = try conflicts([set(in: "arc-systems", uid: "1"), set(in: "team-b", uid: "2")])
    #expect(Set(found.map(\.installation)) == ["web", "team-b/web"])
    #expect(found.first { $0.installation == "web" }?.title.contains("the namespace team-b") == true)
    #expect(found.first { $0.installation == "web" }?.isForeign == false)
    #expect(found.first { $0.installation == "team-b/web" }?.isForeign == true)
    #expect(found.allSatisfy { $0.remedy.contains("Use another name") && !$0.remedy.contains("--runner-group") })
    #expect(try conflicts([set(in: "arc-systems", uid: "1")]).isEmpty)
    let elsewhere = set(in: "team-b", uid: "2", url: "https://github.com/acme/other")
    #expect(try conflicts([set(in: "arc-systems", uid: "1"), elsewhere]).isEmpty)
  }

  @Test func `of an organization another runner group helps`() throws {
    let url = "https://github.com/acme"
    let own = set(in: "arc-systems", uid: "1", url: url)
    let found = try conflicts([own, set(in: "team-b", uid: "2", url: url)])
    #expect(found.count == 2 && found.allSatisfy { $0.remedy.contains("--runner-group GROUP") })
    #expect(try conflicts([own, set(in: "team-b", uid: "2", group: "lab", url: url)]).isEmpty)
  }
}
