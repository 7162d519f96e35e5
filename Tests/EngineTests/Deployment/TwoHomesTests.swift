import TestSupport
import Testing

@testable import ARC
@testable import Basics
@testable import Deployment
@testable import Installations
@testable import Tools

/// Two deskruns with their own configurations on one cluster: neither takes over nor removes what the other deployed.
@Suite struct TwoHomesTests {
  let first: PlanTests
  let second: PlanTests
  let name: InstallationName

  init() throws {
    first = try PlanTests()
    second = try PlanTests(on: first.cluster)
    name = try InstallationName("web-ci")
  }

  private var target: ClusterTarget { .existing(context: "lab") }
  private var values: JSONValue? { first.cluster.with { $0.releases["web-ci"]?.values } }

  private func deploy() async throws {
    first.cluster.with { state in
      state.node = "running"
      state.contexts.insert("lab")
    }
    let deployer = try first.deskrun(target)
    try await first.run(try await deployer.planAdd(PlanTests.installation()), deployer)
  }

  private func expectForeign(
    _ body: () async throws -> Void, sourceLocation: SourceLocation = #_sourceLocation
  ) async {
    await #expect(sourceLocation: sourceLocation) {
      try await body()
    } throws: { error in
      guard let error = error as? EngineError else { return false }
      return error.kind == .invalid && error.why?.contains("another deskrun deployed it") == true
    }
  }

  @Test func `the second neither adds changes nor removes`() async throws {
    try await deploy()
    let before = values
    let other = try second.deskrun(target)
    await expectForeign { _ = try await other.planAdd(PlanTests.installation()) }
    await expectForeign { _ = try await other.planRemove(name, policy: .interrupt) }
    // Its own entry, with the same URL or another one, does not change that.
    for url in ["https://github.com/acme/web", "https://github.com/evil/other"] {
      var entry = try PlanTests.installation()
      entry.target = try GitHubTarget(url)
      entry.place = ClusterPlace(context: "lab")
      try second.store.update { $0.set(entry) }
      let up = try await other.planUp()
      #expect(up.warnings.contains { $0.contains("web-ci is skipped") })
      try await second.run(up, other)
      await expectForeign { _ = try await other.planUp(only: [name]) }
      #expect(values == before)
    }
    let removal = try await other.planRemove(name, policy: .interrupt, force: true)
    try await second.run(removal, other)
    #expect(values == before)
    #expect(first.cluster.with { $0.objects["autoscalingrunnersets/web-ci"] } != nil)
    #expect(first.cluster.with { $0.objects["secrets/web-ci-credentials"] } != nil)
    // The first still recognizes it as its own.
    let own = try first.deskrun(target)
    try await first.run(try await own.planRemove(name, policy: .interrupt), own)
    #expect(values == nil)
  }

  @Test func `the second may adopt it`() async throws {
    try await deploy()
    let other = try second.deskrun(target)
    let plan = try #require(try await other.planAdopt(PlanTests.installation()))
    try await second.run(plan, other)
    #expect(OwnershipMark.owner(in: try #require(values)) == (try second.store.owner))
    let own = try first.deskrun(target)
    // It no longer belongs to the first: only its entry there can be removed.
    let left = try await own.planRemove(name, policy: .interrupt)
    #expect(left.warnings.contains { $0.contains("left alone") })
    try await first.run(left, own)
    #expect(values != nil)
  }

  @Test func `what the other is working on is not cleared away`() async throws {
    try await deploy()
    first.cluster.with { $0.releases["arc-controller"]?.status = "pending-upgrade" }
    let other = try second.deskrun(target)
    var entry = try PlanTests.installation("other")
    entry.target = try GitHubTarget("https://github.com/acme/other")
    let wanted = entry
    first.cluster.with { $0.objects["deployments/\(ARCCharts.controllerDeployment)"] = nil }
    await #expect(throws: EngineError.self) {
      try await second.run(try await other.planAdd(wanted), other)
    }
    #expect(first.cluster.with { $0.releases["arc-controller"]?.status } == "pending-upgrade")
  }

  @Test func `the identity stays with the folder`() throws {
    let store = try first.store
    let before = store.owner
    store.keepOwner()
    #expect(store.owner == before)
    #expect(try second.store.owner != before)
    let moved = try TemporaryFolder()
    try moved.write(before + "\n", to: "identity")
    let there = ConfigurationStore(paths: try Paths(environment: ["HOME": moved.path, "DESKRUN_HOME": moved.path]))
    #expect(there.owner == before)
  }

  /// A kind cluster that another deskrun created mounts the cache folder of that deskrun.
  @Test func `the second does not delete the kind cluster of the first`() async throws {
    try await first.add(PlanTests.installation())
    let other = try second.deskrun()
    await #expect(throws: EngineError.self) { _ = try await other.planDeleteCluster() }
    await #expect(throws: EngineError.self) { _ = try await other.planDown(policy: .interrupt) }
    #expect(first.cluster.with { $0.node } == "running")
    _ = try await first.deskrun().planDeleteCluster()
  }
}
