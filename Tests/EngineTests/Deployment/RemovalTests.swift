import TestSupport
import Testing

@testable import ARC
@testable import Basics
@testable import Deployment
@testable import Installations
@testable import Knowledge
@testable import Kubernetes
@testable import Tools

/// What a removal finds, waits for and leaves.
@Suite struct RemovalTests {
  var base: PlanTests
  var cluster: FakeCluster { base.cluster }

  init() throws { base = try PlanTests() }

  private func remove(_ name: String = "web-ci") async throws -> [PlanEvent] {
    let deployer = try base.deskrun()
    return try await base.run(try await deployer.planRemove(InstallationName(name), policy: .finishJobs), deployer)
  }

  private func left(_ part: String) -> [String] {
    cluster.with { $0.objects.keys.filter { $0.contains(part) }.sorted() }
  }

  /// Lets Helm give the scale set another name than its release.
  private func rename(to name: String) {
    cluster.with { state in
      guard let values = state.releases["web-ci"]?.values, case .object(var object) = values else { return }
      object["runnerScaleSetName"] = .string(name)
      for set in FakeCluster.sets(of: "web-ci", state) { FakeCluster.takeAway(set, &state) }
      _ = FakeCluster.helm(
        ["upgrade", "--install", "web-ci", OwnershipTests.scaleSetChart, "--version", SupportedARC.newest.description],
        JSONValue.object(object).encoded(), &state)
    }
  }

  @Test func `a scale set under another name than its release goes with it`() async throws {
    try await base.add(PlanTests.installation())
    rename(to: "arc-x64")
    #expect(left("autoscalingrunnersets/") == ["autoscalingrunnersets/arc-x64"])
    let events = try await remove()
    #expect(left("arc-x64") == [])
    #expect(left("web-ci") == [])
    #expect(cluster.with { $0.releases["web-ci"] } == nil)
    #expect(events.contains { if case .finished("uninstall/web-ci", .changed, _) = $0 { true } else { false } })
  }

  @Test func `its runners finish before the secret goes`() async throws {
    try await base.add(PlanTests.installation())
    cluster.with { _ = $0.busy.insert("arc-x64") }
    rename(to: "arc-x64")
    let deployer = try base.deskrun()
    let plan = try await deployer.planRemove(InstallationName("web-ci"), policy: .finishJobs)
    let events = LockedEvents()
    let task = Task { try await deployer.run(plan) { events.append($0) } }
    try await base.wait { events.all.contains { $0.saysProgress("arc-x64-runner (build)") } }
    #expect(left("secrets/web-ci-credentials") != [])
    cluster.with { state in
      state.busy = []
      FakeCluster.takeAway("arc-x64", &state)
    }
    try await task.value
    #expect(left("web-ci") == [])
  }

  @Test func `what is counted are the runners that have finished`() async throws {
    cluster.with { _ = $0.busy.insert("web-ci") }
    try await base.add(PlanTests.installation())
    cluster.with { state in
      state.objects["ephemeralrunners/web-ci-other"] =
        state.objects["ephemeralrunners/web-ci-runner"]?.renamed("web-ci-other")
    }
    let deployer = try base.deskrun()
    let plan = try await deployer.planRemove(InstallationName("web-ci"), policy: .finishJobs)
    let events = LockedEvents()
    let task = Task { try await deployer.run(plan) { events.append($0) } }
    func counted() -> [String] {
      events.all.compactMap { if case .progress("gone/web-ci", let told) = $0 { told.count?.text } else { nil } }
    }
    try await base.wait { counted().last == "0/2" }
    cluster.with { $0.objects["ephemeralrunners/web-ci-other"] = nil }
    try await base.wait { counted().last == "1/2" }
    cluster.with { state in
      state.busy = []
      FakeCluster.takeAway("web-ci", &state)
    }
    try await task.value
    #expect(Set(counted()) == ["0/2", "1/2"])
  }

  @Test func `the name of the scale set leads to its installation`() async throws {
    try await base.add(PlanTests.installation())
    rename(to: "arc-x64")
    let error = try #require(await base.failure { _ = try await remove("arc-x64") })
    #expect(error.kind == .notFound)
    #expect(error.fix?.contains("`deskrun remove web-ci`") == true)
    #expect(cluster.with { $0.releases["web-ci"] } != nil)
  }

  @Test func `without its release the scale set is asked to go and its roles go too`() async throws {
    try await base.add(PlanTests.installation())
    cluster.with { $0.releases["web-ci"] = nil }
    _ = try await remove()
    #expect(left("web-ci") == [])
  }

  @Test func `a listener that is left alone is deleted`() async throws {
    try await base.add(PlanTests.installation())
    let key = "autoscalinglisteners/web-ci-old-listener"
    cluster.with {
      $0.objects[key] = $0.objects["autoscalinglisteners/web-ci-listener"]?.renamed("web-ci-old-listener")
    }
    _ = try await remove()
    #expect(left("web-ci") == [])
  }

  @Test func `what is deployed again meanwhile is not waited for`() async throws {
    try await base.add(PlanTests.installation())
    let deployer = try base.deskrun()
    let plan = try await deployer.planRemove(InstallationName("web-ci"), policy: .finishJobs)
    var waiting = plan
    waiting.steps = plan.steps.filter { $0.id.hasPrefix("gone/") }
    let error = try #require(await base.failure { try await base.run(waiting, deployer) })
    #expect(error.what == "The scale set web-ci is not being deleted")
  }

  @Test func `one that stands still names what is left`() async throws {
    var base = try PlanTests()
    base.removalPatience = .milliseconds(20)
    try await base.add(PlanTests.installation())
    // Nothing is left that would remove the finalizers.
    base.cluster.with { $0.objects["deployments/\(ARCCharts.controllerDeployment)"] = nil }
    let deployer = try base.deskrun()
    let plan = try await deployer.planRemove(InstallationName("web-ci"), policy: .finishJobs)
    let error = try #require(await base.failure { try await base.run(plan, deployer) })
    #expect(error.kind == .timedOut)
    #expect(error.what.contains("scale set web-ci"))
    #expect(error.what.contains("runner web-ci-runner"))
    #expect(error.fix?.contains("--force") == true)
    #expect(try base.store.load().installations.count == 1)
  }

  /// A deployer that finds no programs.
  private func withoutPrograms() throws -> Deployer {
    Deployer(
      toolbox: Toolbox(
        runner: cluster,
        environment: ["PATH": "/nonexistent", "HOME": base.home, "DESKRUN_HOME": base.home + "/config"],
        target: .kind(cluster: "deskrun")), store: try base.store,
      credentials: CredentialResolver(environment: [:], readStandardInput: { [] }, ghToken: { _ in Secret("") }))
  }

  @Test func `what was never deployed needs no program to be removed`() async throws {
    let installation = try PlanTests.installation()
    try base.store.update { $0.set(installation) }
    let deployer = try withoutPrograms()
    let plan = try await deployer.planRemove(installation.name, policy: .finishJobs)
    #expect(plan.steps.map(\.id) == ["forget/web-ci"])
    #expect(plan.warnings.contains { $0.contains("never deployed") })
    try await base.run(plan, deployer)
    #expect(try base.store.load().installations.isEmpty)
  }

  /// Another installation is in the cluster, so the configuration names the cluster.
  @Test func `what never got to the cluster needs no program either`() async throws {
    try await base.add(PlanTests.installation("other"))
    let deployer = try withoutPrograms()
    let installation = try PlanTests.installation()
    let error = await base.failure { try await base.run(try await deployer.planAdd(installation), deployer) }
    #expect(error?.kind == .toolMissing)
    #expect(try base.store.load().installations.count == 2, "it is saved, so nothing has to be typed again")
    try await base.run(try await deployer.planRemove(installation.name, policy: .finishJobs), deployer)
    #expect(try base.store.load().installations.map(\.name.description) == ["other"])
  }

  @Test func `an entry that does not say so may be deployed`() async throws {
    let installation = try PlanTests.installation()
    try base.store.update { configuration in
      configuration.nameCluster()
      configuration.set(installation)
    }
    let deployer = try withoutPrograms()
    let plan = try await deployer.planRemove(installation.name, policy: .finishJobs)
    let error = try #require(await base.failure { try await base.run(plan, deployer) })
    #expect(error.kind == .toolMissing)
    #expect(try base.store.load().installations.count == 1)
  }

  @Test func `a removal without a controller says what it waits for`() async throws {
    try await base.add(PlanTests.installation())
    base.cluster.with { $0.objects["deployments/\(ARCCharts.controllerDeployment)"] = nil }
    let deployer = try base.deskrun()
    let plan = try await deployer.planRemove(InstallationName("web-ci"), policy: .finishJobs)
    #expect(plan.warnings.contains { $0.contains("`deskrun remove web-ci --force`") })
    let events = LockedEvents()
    let task = Task { try await deployer.run(plan) { events.append($0) } }
    try await base.wait {
      events.all.contains {
        $0.saysProgress("waiting for a controller, which is missing in the cluster")
          && $0.saysProgress("`deskrun remove web-ci --force`")
      }
    }
    task.cancel()
    _ = await task.result
    let forced = try await deployer.planRemove(InstallationName("web-ci"), policy: .finishJobs, force: true)
    #expect(forced.warnings == [])
    try await base.run(forced, deployer)
    #expect(left("web-ci") == [])
  }

  /// A job may take hours.
  @Test func `waiting for a job asks for runners and little else`() async throws {
    cluster.with { _ = $0.busy.insert("web-ci") }
    try await base.add(PlanTests.installation())
    let deployer = try base.deskrun()
    let plan = try await deployer.planRemove(InstallationName("web-ci"), policy: .finishJobs)
    let events = LockedEvents()
    let task = Task { try await deployer.run(plan) { events.append($0) } }
    try await base.wait { events.all.contains { $0.saysProgress("web-ci-runner (build)") } }
    let before = cluster.with { $0.log.count }
    func calls() -> [String] { cluster.with { Array($0.log.dropFirst(before)) } }
    func lists() -> Int { calls().count { $0.contains("/ephemeralrunners?") } }
    try await base.wait { lists() >= 50 }
    let (all, runners) = (calls().count, lists())
    #expect(all <= 3 * runners, "\(all) calls for \(runners) lists of runners")
    cluster.with { state in
      state.busy = []
      FakeCluster.takeAway("web-ci", &state)
    }
    try await task.value
    #expect(left("web-ci") == [])
  }

  @Test func `what may be deployed is not forgotten for want of programs`() async throws {
    let installation = try PlanTests.installation()
    try await base.add(installation)
    let deployer = try withoutPrograms()
    let plan = try await deployer.planRemove(installation.name, policy: .finishJobs)
    let error = try #require(await base.failure { try await base.run(plan, deployer) })
    #expect(error.what == "kubectl, helm, kind and docker are not installed")
    #expect(try base.store.load().installations.count == 1)
  }
}

extension JSONValue {
  fileprivate func renamed(_ name: String) -> JSONValue {
    guard var object = objectValue, var metadata = object["metadata"]?.objectValue else { return self }
    metadata["name"] = .string(name)
    object["metadata"] = .object(metadata)
    return .object(object)
  }
}
