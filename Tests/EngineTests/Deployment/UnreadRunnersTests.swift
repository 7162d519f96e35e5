import TestSupport
import Testing

@testable import ARC
@testable import Basics
@testable import Deployment
@testable import Installations
@testable import Knowledge
@testable import Kubernetes
@testable import Tools

/// Busy runners are determined before anything is deleted; if they cannot be read, this does not count as none.
@Suite struct UnreadRunnersTests {
  let base: PlanTests
  var cluster: FakeCluster { base.cluster }

  init() throws { base = try PlanTests() }

  private func makeBusy() async throws {
    cluster.with { _ = $0.busy.insert("web-ci") }
    try await base.add(PlanTests.installation())
  }

  @Test func `runners whose jobs cannot be read are not deleted`() async throws {
    try await makeBusy()
    let deployer = try base.deskrun()
    let plan = try await deployer.planDeleteRunners(["web-ci-runner"], of: "web-ci")
    #expect(plan.busyRunners.map(\.name) == ["web-ci-runner"])
    cluster.with { $0.failOn = "/ephemeralrunners" }
    await #expect(throws: EngineError.self) {
      _ = try await deployer.planDeleteRunners(["web-ci-runner"], of: "web-ci")
    }
  }

  @Test func `neither a removal nor taking the cluster down is planned without knowing the jobs`() async throws {
    try await makeBusy()
    cluster.with { $0.failOn = "/ephemeralrunners" }
    let deployer = try base.deskrun()
    let name = try InstallationName("web-ci")
    await #expect(throws: EngineError.self) { _ = try await deployer.planRemove(name, policy: .interrupt) }
    let error = await #expect(throws: EngineError.self) { _ = try await deployer.planDown(policy: .interrupt) }
    #expect(error?.fix?.contains("`deskrun cluster delete`") == true)
    // A deletion of the whole cluster warns that busy runners are unknown.
    let plan = try await deployer.planDeleteCluster()
    #expect(plan.warnings.contains { $0.contains("could not be read") })
    #expect(cluster.with { $0.node } == "running")
  }

  @Test func `the scale sets are listed once to find whose a runner is`() async throws {
    try await base.add(PlanTests.installation())
    let before = cluster.with { $0.log.count }
    _ = try await base.deskrun().planDeleteRunners(["web-ci-runner"], of: "web-ci")
    let lists = cluster.with { $0.log.dropFirst(before).filter { $0.contains("/autoscalingrunnersets") } }
    #expect(lists.count == 1)
  }

  @Test(arguments: [SupportedARC.newest, SupportedARC.releases[0]])
  func `an upgrade names the jobs of a scale set under another name than its release`(goal: ARCRelease) async throws {
    let other = goal == SupportedARC.newest ? SupportedARC.releases[0] : SupportedARC.newest
    let deployer = try base.deskrun()
    try await base.run(
      try await deployer.planAdd(PlanTests.installation(), arc: ARCChoice(asked: other)), deployer)
    cluster.with { state in
      state.busy = ["arc-x64"]
      guard let values = state.releases["web-ci"]?.values, case .object(var object) = values else { return }
      object["runnerScaleSetName"] = "arc-x64"
      for set in FakeCluster.sets(of: "web-ci", state) { FakeCluster.takeAway(set, &state) }
      _ = FakeCluster.helm(
        ["upgrade", "--install", "web-ci", OwnershipTests.scaleSetChart, "--version", other.description],
        JSONValue.object(object).encoded(), &state)
    }
    let plan = try await deployer.planUpgrade(to: goal, policy: .interrupt)
    #expect(plan.steps.contains { $0.id == "uninstall/web-ci" })
    #expect(plan.busyRunners.map(\.scaleSet) == ["arc-x64"])
  }
}
