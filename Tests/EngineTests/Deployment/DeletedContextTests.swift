import Testing

@testable import Basics
@testable import Deployment
@testable import Tools

/// The kind cluster runs, and the kubeconfig no longer has its context.
@Suite struct DeletedContextTests {
  let base: PlanTests

  init() throws { base = try PlanTests() }

  @Test func `a running cluster whose context was deleted says so, and up adds it again`() async throws {
    try await base.add(PlanTests.installation())
    base.cluster.with { state in
      state.contexts.remove("kind-deskrun")
      state.startedAt = SystemTime.secondsSince1970() - 90
    }
    let state = try await ClusterInspector(toolbox: try base.deskrun().toolbox).state()
    guard case .contextMissing(let error) = state else {
      Issue.record("\(state)")
      return
    }
    #expect(error.what == "The kubeconfig has no context kind-deskrun" && error.fix?.contains("deskrun up") == true)
    let deployer = try base.deskrun()
    try await base.run(try await deployer.planUp(), deployer)
    #expect(try await ClusterInspector(toolbox: try base.deskrun().toolbox).state().isReady)
    #expect(base.cluster.with { $0.log.count { $0.hasPrefix("kind create") } } == 1)
    // Taking it down needs no context either.
    base.cluster.with { $0.contexts.remove("kind-deskrun") }
    #expect(try await deployer.planDown(policy: .finishJobs).steps.contains { $0.id == "delete-cluster" })
  }
}
