import Foundation
import TestSupport
import Testing

@testable import ARC
@testable import Basics
@testable import Deployment
@testable import Installations
@testable import Knowledge
@testable import Tools

/// A context that was pointed at another cluster than the one that an installation was deployed on.
@Suite struct OtherClusterTests {
  let home: PlanTests
  let other: FakeCluster
  let name: InstallationName

  init() throws {
    home = try PlanTests()
    other = FakeCluster()
    name = try InstallationName("web-ci")
    for (cluster, uid) in [(home.cluster, "one"), (other, "two")] {
      cluster.with { state in
        (state.node, state.uid) = ("running", uid)
        state.contexts.formUnion(["lab-a", "lab-b"])
      }
    }
  }

  private func deployer(on cluster: FakeCluster, _ context: String = "lab-a") throws -> Deployer {
    try deployer(on: cluster, .existing(context: context))
  }

  private func deployer(on cluster: any ToolRunner, _ target: ClusterTarget) throws -> Deployer {
    let deployer = try home.deskrun(target)
    return Deployer(
      toolbox: Toolbox(runner: cluster, environment: home.environment, target: target), store: deployer.store,
      credentials: deployer.credentials, pace: deployer.pace)
  }

  private func add(on cluster: FakeCluster? = nil) async throws {
    let deployer = try deployer(on: cluster ?? home.cluster)
    try await home.run(try await deployer.planAdd(PlanTests.installation("web-ci")), deployer)
  }

  private var identity: ClusterIdentity? { get throws { try home.store.load().identity(of: name) } }

  private func expectOther(
    sourceLocation: SourceLocation = #_sourceLocation, _ body: () async throws -> Void
  ) async {
    let error = await #expect(throws: EngineError.self, sourceLocation: sourceLocation) { try await body() }
    #expect(error?.kind == .invalid, sourceLocation: sourceLocation)
    #expect(
      error?.what == "The context lab-a means another cluster than the one that web-ci was deployed on",
      sourceLocation: sourceLocation)
    #expect(error?.fix?.contains("deskrun edit web-ci --context CONTEXT") == true, sourceLocation: sourceLocation)
    #expect(error?.fix?.contains("deskrun edit web-ci --context lab-a") == true, sourceLocation: sourceLocation)
    #expect(error?.fix?.contains("deskrun remove web-ci --skip-cluster") == true, sourceLocation: sourceLocation)
  }

  @Test func `what would change the other cluster or forget the installation is refused`() async throws {
    try await add()
    #expect(try identity?.uid == "one")
    let before = try home.store.load()
    let exchanged = try deployer(on: other)
    await expectOther { _ = try await exchanged.planEdit(PlanTests.installation("web-ci", mode: .dind)) }
    await expectOther { _ = try await exchanged.planScale("web-ci", Scaling("3")) }
    await expectOther { _ = try await exchanged.planUp() }
    await expectOther { _ = try await exchanged.planUp(only: [name]) }
    await expectOther { _ = try await exchanged.planRemove(name, policy: .finishJobs) }
    await expectOther { _ = try await exchanged.planRemove(name, policy: .finishJobs, force: true) }
    await expectOther { _ = try await exchanged.planDown(policy: .finishJobs) }
    await expectOther { _ = try await exchanged.planUpgrade(policy: .finishJobs) }
    await expectOther { _ = try await exchanged.planAdd(PlanTests.installation("api-ci")) }
    await expectOther { _ = try await exchanged.planDeleteRunners(["web-ci-runner-x"], of: "web-ci") }
    await expectOther { _ = try await exchanged.clusterSettings(of: try PlanTests.installation("web-ci")) }
    #expect(try home.store.load() == before)
    #expect(other.with { $0.releases.isEmpty && $0.objects.isEmpty })
  }

  @Test func `a plan made before the context changed deploys nothing`() async throws {
    try await add()
    let plan = try await deployer(on: home.cluster).planEdit(PlanTests.installation("web-ci", mode: .dind))
    let exchanged = try deployer(on: other)
    await expectOther { try await home.run(plan, exchanged) }
    #expect(other.with { $0.releases["web-ci"] } == nil)
  }

  @Test func `a plan that was made for one cluster changes nothing on another`() async throws {
    try await add()
    let before = try home.store.load()
    let exchanged = try deployer(on: other)
    let requests: [PlanRequest] = [
      .scale("web-ci", try Scaling("3")), .remove("web-ci", .finishJobs, force: false),
      .down(.finishJobs, forgets: true), .upgrade(.finishJobs),
    ]
    for request in requests {
      let plan = try await deployer(on: home.cluster).plan(for: request)
      #expect(plan.cluster?.identity.uid == "one", "\(plan.title)")
      guard !plan.steps.isEmpty else { continue }
      let error = await #expect(throws: EngineError.self) { try await home.run(plan, exchanged) }
      #expect(error?.what.contains("lab-a means another cluster than the one that this was planned for") == true)
      #expect(other.with { $0.releases.isEmpty && $0.objects.isEmpty })
      #expect(try home.store.load() == before)
    }
  }

  @Test func `in the middle of a plan the cluster is compared once the kubeconfig has changed`() async throws {
    let (own, exchanged) = (try deployer(on: home.cluster).toolbox, try deployer(on: other).toolbox)
    let file = try #require(own.kubeconfigFiles.first)
    var planned: PlannedCluster? = PlannedCluster(
      identity: ClusterIdentity(uid: "one"), access: own.access)
    try await exchanged.confirm(&planned)
    let folder = URL(fileURLWithPath: file).deletingLastPathComponent()
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    try Data("another".utf8).write(to: URL(fileURLWithPath: file))
    await #expect(throws: EngineError.self) { try await exchanged.confirm(&planned) }
    try await own.confirm(&planned)
    try await exchanged.confirm(&planned)
    other.with { $0.uid = nil }
    try Data("unreadable".utf8).write(to: URL(fileURLWithPath: file))
    await #expect(throws: EngineError.self) { try await exchanged.confirm(&planned) }
  }

  @Test func `one that was recreated is accepted by binding to it again`() async throws {
    try await add()
    let exchanged = try deployer(on: other)
    let plan = try await exchanged.planRebind(name)
    #expect(plan.acceptsCluster?.current.uid == "two")
    #expect(PlanRequest.rebind("web-ci").confirmation(of: plan, on: exchanged.target) != nil)
    #expect(plan.warnings.contains { $0.contains("has no scale set web-ci") })
    try await home.run(plan, exchanged)
    #expect(try identity?.uid == "two")
    try await home.run(try await exchanged.planUp(only: [name]), exchanged)
    #expect(other.with { $0.releases["web-ci"] } != nil)
    #expect(try await exchanged.planRebind(name).steps.isEmpty)
  }

  @Test func `its cluster is recognized under another context, deployed or not`() async throws {
    try await add()
    home.cluster.with { state in
      state.releases["web-ci"] = nil
      state.objects = state.objects.filter { !$0.key.hasPrefix("autoscalingrunnersets/") }
    }
    let renamed = try deployer(on: home.cluster, "lab-b")
    try await home.run(try await renamed.planRebind(name), renamed)
    #expect(try home.store.load().installation(named: name)?.place == ClusterPlace(context: "lab-b"))
    #expect(try identity?.uid == "one")
  }

  @Test func `where it may not be read nothing is compared`() async throws {
    try await add()
    other.with { $0.uid = nil }
    let exchanged = try deployer(on: other)
    let warnings = try await exchanged.planRemove(name, policy: .finishJobs).warnings
    #expect(warnings.contains { $0.contains("has no scale set of web-ci") })
    home.cluster.with { $0.uid = nil }
    let own = try deployer(on: home.cluster)
    try await home.run(try await own.planScale("web-ci", Scaling("3")), own)
    #expect(try identity?.uid == "one", "what was known stays")
  }

  @Test func `one of an earlier version gets the identity with the next change`() async throws {
    home.cluster.with { $0.uid = nil }
    try await add()
    #expect(try identity == nil)
    home.cluster.with { $0.uid = "one" }
    let own = try deployer(on: home.cluster)
    try await home.run(try await own.planScale("web-ci", Scaling("3")), own)
    #expect(try identity?.uid == "one")
    await expectOther { _ = try await deployer(on: other).planUp() }
  }

  @Test func `the kind cluster of deskrun's own may be recreated`() async throws {
    let target = ClusterTarget.kind(cluster: "deskrun")
    home.cluster.with { $0.node = nil }
    let desk = try deployer(on: home.cluster, target)
    try await home.run(try await desk.planAdd(PlanTests.installation("web-ci")), desk)
    #expect(try identity == nil)
    // Even if an identity was stored, as for a context that has become deskrun's own.
    try home.store.update { $0.noteIdentity(of: name, ClusterIdentity(uid: "one")) }
    try await home.run(try await desk.planDeleteCluster(), desk)
    home.cluster.with { $0.uid = "three" }
    try await home.run(try await desk.planUp(), desk)
    #expect(home.cluster.with { $0.releases["web-ci"] } != nil)
    try await home.run(try await desk.planScale("web-ci", Scaling("3")), desk)
  }

  // MARK: Two clusters that have it

  /// Both clusters, each under its context.
  private struct Both: ToolRunner {
    let clusters: [String: FakeCluster]

    private func cluster(_ call: ToolCall) -> FakeCluster {
      let named = clusters.first { name, _ in call.arguments.contains(name) }
      return named?.value ?? clusters["lab-a"] ?? FakeCluster()
    }
    func run(_ call: ToolCall, onLine: (@Sendable (ToolLine) -> Void)?) async throws -> ToolResult {
      try await cluster(call).run(call, onLine: onLine)
    }
    func stream(_ call: ToolCall, onChunk: @Sendable ([UInt8]) async throws -> Void) async throws -> ToolResult {
      try await cluster(call).stream(call, onChunk: onChunk)
    }
  }

  @Test func `binding to a second copy is refused while the first one is there`() async throws {
    let both = Both(clusters: ["lab-a": home.cluster, "lab-b": other])
    let a = try deployer(on: both, .existing(context: "lab-a"))
    let b = try deployer(on: both, .existing(context: "lab-b"))
    try await home.run(try await a.planAdd(PlanTests.installation("web-ci")), a)
    // How two copies could be created before clusters were distinguished.
    try home.store.update { $0.notePlace(of: name, ClusterPlace(context: "lab-b")) }
    try await home.run(try await b.planUp(only: [name]), b)
    try home.store.update { $0.notePlace(of: name, ClusterPlace(context: "lab-a")) }
    let error = await #expect(throws: EngineError.self) { _ = try await b.planRebind(name) }
    #expect(error?.kind == .invalid)
    #expect(error?.what == "lab-a and lab-b both have a scale set web-ci of this deskrun")
    #expect(error?.fix?.contains("helm uninstall web-ci --namespace arc-systems --kube-context lab-a") == true)
    home.cluster.with { state in
      state.releases["web-ci"] = nil
      state.objects = state.objects.filter { !$0.key.hasPrefix("autoscalingrunnersets/") }
    }
    try await home.run(try await b.planRebind(name), b)
    #expect(try home.store.load().installation(named: name)?.place == ClusterPlace(context: "lab-b"))
    #expect(try identity?.uid == "two")
  }

  // MARK: One name in two namespaces

  private func twin(_ url: String, group: String? = nil) {
    var spec: JSONObject = ["githubConfigUrl": .string(url)]
    if let group { spec["runnerGroup"] = .string(group) }
    home.cluster.with { state in
      state.objects["autoscalingrunnersets/web-ci-of-team-b"] = [
        "metadata": [
          "name": "web-ci", "namespace": "team-b",
          "annotations": ["meta.helm.sh/release-name": "web-ci", "meta.helm.sh/release-namespace": "team-b"],
        ], "spec": .object(spec),
      ]
    }
  }

  @Test func `a name that another namespace has for the same GitHub URL and group is not deployed`() async throws {
    let own = try deployer(on: home.cluster)
    twin("https://github.com/Acme/web/")
    let error = await #expect(throws: EngineError.self) {
      _ = try await own.planAdd(PlanTests.installation("web-ci"))
    }
    #expect(error?.what.contains("The namespace team-b has a scale set web-ci") == true)
    #expect(error?.fix?.contains("Use another name") == true)
    twin("https://github.com/acme/other")
    try await home.run(try await own.planAdd(PlanTests.installation("web-ci")), own)
    // A deployed scale set can still be changed.
    twin("https://github.com/acme/web")
    _ = try await own.planScale("web-ci", Scaling("3"))
  }

  @Test func `of an organization another runner group works`() async throws {
    let own = try deployer(on: home.cluster)
    var wanted = try PlanTests.installation("web-ci", url: "https://github.com/acme")
    twin("https://github.com/acme")
    let error = await #expect(throws: EngineError.self) { _ = try await own.planAdd(wanted) }
    #expect(error?.fix?.contains("--runner-group GROUP") == true)
    wanted.settings.runnerGroup = "lab"
    try await home.run(try await own.planAdd(wanted), own)
    #expect(home.cluster.with { $0.releases["web-ci"] } != nil)
  }
}
