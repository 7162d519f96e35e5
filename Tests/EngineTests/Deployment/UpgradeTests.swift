import TestSupport
import Testing

@testable import ARC
@testable import Basics
@testable import Deployment
@testable import Installations
@testable import Knowledge
@testable import Kubernetes
@testable import Tools

/// Versions of ARC: a cluster keeps its minor version, and an upgrade can be interrupted at any time.
@Suite struct UpgradeTests {
  let base: PlanTests
  var cluster: FakeCluster { base.cluster }
  static let old = SupportedARC.releases[0]
  static let new = SupportedARC.newest

  init() throws { base = try PlanTests() }

  private func add(_ name: String, _ version: ARCRelease? = nil) async throws {
    let deployer = try base.deskrun()
    try await base.run(
      try await deployer.planAdd(PlanTests.installation(name), arc: ARCChoice(asked: version)), deployer)
  }

  private func upgrade(to release: ARCRelease? = nil, policy: RunnerPolicy = .finishJobs) async throws {
    let deployer = try base.deskrun()
    try await base.run(try await deployer.planUpgrade(to: release, policy: policy), deployer)
  }

  private func versions() -> [String: String] { cluster.with { $0.releases.mapValues(\.version) } }

  /// A version of the controller that another deskrun, or helm, installed.
  private func setController(_ version: String) {
    cluster.with { state in
      state.moreVersions.insert(version)
      let values = state.releases[ARCCharts.controllerRelease]?.values ?? [:]
      _ = FakeCluster.helm(
        [
          "upgrade", "--install", ARCCharts.controllerRelease, "oci://charts/gha-runner-scale-set-controller",
          "--version",
          version,
        ], values.encoded(), &state)
    }
  }

  @Test func `a new cluster gets the newest and an existing one keeps its minor version`() async throws {
    try await add("one", Self.old)
    #expect(versions() == [ARCCharts.controllerRelease: "0.14.2", "one": "0.14.2"])
    try await add("two")
    let deployer = try base.deskrun()
    try await base.run(try await deployer.planUp(), deployer)
    try await base.run(try await deployer.planEdit(PlanTests.installation("two", mode: .dind)), deployer)
    #expect(versions() == [ARCCharts.controllerRelease: "0.14.2", "one": "0.14.2", "two": "0.14.2"])
    let other = try UpgradeTests()
    try await other.add("one")
    #expect(other.versions() == [ARCCharts.controllerRelease: "0.15.0", "one": "0.15.0"])
  }

  @Test func `scale sets get the exact version of a supported controller`() async throws {
    try await add("one")
    setController("0.15.1")
    try await add("two")
    let deployer = try base.deskrun()
    try await base.run(try await deployer.planUp(), deployer)
    #expect(versions() == [ARCCharts.controllerRelease: "0.15.1", "one": "0.15.1", "two": "0.15.1"])
    #expect(try await deployer.planUpgrade(policy: .finishJobs).title == "Upgrade ARC 0.15.1 in place")
  }

  @Test func `another minor version than the controllers is refused with the way`() async throws {
    try await add("one", Self.old)
    let before = cluster.with { $0.objects.keys.sorted() }
    let deployer = try base.deskrun()
    let attempts: [() async throws -> Plan] = [
      { try await deployer.planAdd(PlanTests.installation("two"), arc: ARCChoice(asked: Self.new)) },
      { try await deployer.planUp(arc: ARCChoice(asked: Self.new)) },
      { try await deployer.planUpgrade(to: Self.new, policy: .finishJobs, keepsMinor: true) },
    ]
    for attempt in attempts {
      await #expect {
        _ = try await attempt()
      } throws: { error in
        (error as? EngineError)?.fix?.contains("deskrun upgrade --to 0.15.0") == true
      }
    }
    #expect(cluster.with { $0.objects.keys.sorted() } == before)
    try await add("two", ARCRelease("0.14.1"))
    #expect(versions()["two"] == "0.14.2", "the controller's own patch release")
  }

  @Test func `a controller that is too new is named and not downgraded unasked`() async throws {
    try await add("one")
    setController("0.16.0")
    cluster.with { $0.objects["autoscalingrunnersets/one"] = nil }
    let deployer = try base.deskrun()
    let attempts: [() async throws -> Plan] = [
      { try await deployer.planUp() }, { try await deployer.planUpgrade(policy: .finishJobs) },
    ]
    for attempt in attempts {
      await #expect {
        _ = try await attempt()
      } throws: { error in
        let error = error as? EngineError
        return error?.what.contains("0.16.0, newer than this deskrun supports") == true
          && error?.fix?.contains("Install a newer deskrun") == true
      }
    }
    let asked = try await deployer.planUpgrade(to: Self.new, policy: .finishJobs)
    #expect(asked.title == "Bring ARC 0.16.0 back to 0.15.0")
    #expect(asked.steps.contains { $0.id == "uncontroller" })
  }

  @Test func `an upgrade to another minor version removes all together under the old controller`() async throws {
    try await add("one", Self.old)
    try await add("two")
    cluster.with { state in
      state.busy = ["one"]
      for name in ["one"] { FakeCluster.bringUp(name, state.releases[name]?.values ?? [:], &state) }
    }
    let deployer = try base.deskrun()
    let plan = try await deployer.planUpgrade(policy: .finishJobs)
    #expect(plan.title == "Upgrade ARC 0.14.2 to 0.15.0")
    #expect(plan.busyRunners.map(\.scaleSet) == ["one"])
    let task = Task { try await base.run(plan, deployer) }
    // Both are uninstalled while one is still busy, and the controller of their version remains.
    while cluster.with({ $0.releases["one"] != nil || $0.releases["two"] != nil }) { await Task.yield() }
    while cluster.with({ $0.objects["autoscalingrunnersets/two"] != nil }) { await Task.yield() }
    #expect(versions() == [ARCCharts.controllerRelease: "0.14.2"])
    #expect(cluster.with { $0.definitionsVersion } == "0.14.2")
    cluster.with { state in
      state.busy = []
      FakeCluster.takeAway("one", &state)
    }
    _ = try await task.value
    #expect(versions() == [ARCCharts.controllerRelease: "0.15.0", "one": "0.15.0", "two": "0.15.0"])
    let state = cluster.with { $0 }
    #expect(state.definitionsVersion == "0.15.0")
    #expect(state.killed == [])
    #expect(state.log.contains { $0.contains("apply --server-side --force-conflicts") })
    #expect(!state.log.contains { $0.contains("delete secrets") }, "credentials stay")
  }

  @Test func `within a minor version nothing is removed and foreign scale sets do not block`() async throws {
    try await add("one")
    cluster.with { state in
      state.moreVersions = ["0.15.1"]
      state.objects["autoscalingrunnersets/team.ci"] = [
        "metadata": ["name": "ci", "namespace": "team", "labels": ["app.kubernetes.io/version": "0.15.0"]]
      ]
      state.busy = ["one"]
    }
    let patch = try #require(ARCRelease("0.15.1"))
    let deployer = try base.deskrun()
    let plan = try await deployer.planUpgrade(to: patch, policy: .finishJobs)
    #expect(!plan.steps.contains { $0.id.hasPrefix("uninstall/") || $0.id == "uncontroller" })
    let order = plan.steps.map(\.id).filter { ["definitions", "controller", "scale-set/one"].contains($0) }
    #expect(order == ["definitions", "controller", "scale-set/one"])
    try await base.run(plan, deployer)
    #expect(versions() == [ARCCharts.controllerRelease: "0.15.1", "one": "0.15.1"])
    #expect(cluster.with { $0.definitionsVersion } == "0.15.1")
  }

  @Test func `only a version that is named goes back`() async throws {
    try await add("one")
    try await upgrade()
    #expect(versions()["one"] == "0.15.0")
    try await upgrade(to: Self.old)
    #expect(versions() == [ARCCharts.controllerRelease: "0.14.2", "one": "0.14.2"])
    #expect(cluster.with { $0.definitionsVersion } == "0.14.2")
  }

  /// Canceled or failed at any call of any program, the same command completes the upgrade when run again.
  @Test func `an upgrade that stops anywhere can be run again`() async throws {
    try await add("one", Self.old)
    try await add("two")
    let begin = cluster.with { $0 }
    try await upgrade()
    let calls = cluster.with { $0.calls } - begin.calls
    #expect(calls > 30)
    for stopping in 1...calls {
      // Alternately the program fails, and the waiting task is canceled after the program has done its work.
      cluster.with { state in
        state = begin
        if stopping % 2 == 0 { state.cancelAt = state.calls + stopping } else { state.failAt = state.calls + stopping }
      }
      do { try await upgrade() } catch { #expect(error is EngineError || error is CancellationError) }
      cluster.with { ($0.failAt, $0.cancelAt) = (nil, nil) }
      try await upgrade()
      #expect(
        versions() == [ARCCharts.controllerRelease: "0.15.0", "one": "0.15.0", "two": "0.15.0"],
        "after call \(stopping)")
      let state = cluster.with { $0 }
      #expect(state.definitionsVersion == "0.15.0" && state.killed == [], "after call \(stopping)")
      #expect(
        ["one", "two"].allSatisfy { state.objects["autoscalinglisteners/\($0)-listener"] != nil },
        "after call \(stopping)")
    }
  }

  @Test func `scale sets without their controller are removed by one of their version`() async throws {
    try await add("one", Self.old)
    cluster.with { state in
      state.objects["deployments/\(ARCCharts.controllerDeployment)"] = nil
      state.releases[ARCCharts.controllerRelease] = nil
    }
    let deployer = try base.deskrun()
    // `up` installs the controller they need, not the newest.
    #expect(try await deployer.planUp().steps.contains { $0.title == "controller ARC 0.14.2" })
    let plan = try await deployer.planUpgrade(policy: .finishJobs)
    #expect(plan.steps.contains { $0.id == "controller/before" && $0.title.contains("0.14.2") })
    try await base.run(plan, deployer)
    #expect(versions() == [ARCCharts.controllerRelease: "0.15.0", "one": "0.15.0"])
    #expect(cluster.with { $0.objects["autoscalingrunnersets/one"] } != nil)
  }

  @Test func `a scale set of another minor version under the new controller is replaced`() async throws {
    try await add("one", Self.old)
    let left = cluster.with { $0.objects["autoscalingrunnersets/one"] }
    try await upgrade()
    cluster.with { state in
      state.objects["autoscalingrunnersets/one"] = left
      state.releases["one"]?.version = "0.14.2"
    }
    let deployer = try base.deskrun()
    let plan = try await deployer.planUpgrade(policy: .finishJobs)
    #expect(plan.steps.contains { $0.id == "uninstall/one" } && !plan.steps.contains { $0.id == "uncontroller" })
    try await base.run(plan, deployer)
    #expect(versions()["one"] == "0.15.0")
  }

  @Test func `definitions older than the controller are refused and upgrade brings them`() async throws {
    try await add("one")
    cluster.with { state in
      state.definitionsVersion = "0.14.2"
      for name in DeploymentNames.definitions {
        state.objects["\(FakeCluster.definitions)/\(name)"] = FakeCluster.definition(name, "0.14.2")
      }
    }
    await #expect {
      try await add("two")
    } throws: { error in
      let error = error as? EngineError
      return error?.what.contains("definitions are older") == true && error?.fix?.contains("deskrun upgrade") == true
    }
    try await upgrade()
    #expect(cluster.with { $0.definitionsVersion } == "0.15.0")
    try await add("two")
  }

  /// A controller can be missing while its definitions remain: Helm would not upgrade them.
  @Test func `definitions that a controller left are brought to the new one`() async throws {
    try await add("one", Self.old)
    let deployer = try base.deskrun()
    try await base.run(try await deployer.planRemove(InstallationName("one"), policy: .interrupt), deployer)
    cluster.with { state in
      state.objects["deployments/\(ARCCharts.controllerDeployment)"] = nil
      state.releases[ARCCharts.controllerRelease] = nil
    }
    try await add("one")
    #expect(versions()["one"] == "0.15.0")
    #expect(cluster.with { $0.definitionsVersion } == "0.15.0")
  }

  @Test func `what the new chart refuses is named before anything is removed`() async throws {
    try await add("one", Self.old)
    cluster.with {
      $0.refusesValues =
        "Error: values don't meet the specifications of the schema(s) in the following chart(s):\n"
        + "gha-runner-scale-set:\n- at '/listenerConfig/scaler/qps': minimum: got 0, want 1\n"
    }
    let before = versions()
    await #expect {
      try await upgrade()
    } throws: { error in
      let error = error as? EngineError
      return error?.kind == .invalid && error?.what == "one: The chart refuses the value of listenerConfig.scaler.qps"
    }
    #expect(versions() == before)
    await #expect {
      try await upgrade(to: ARCRelease("0.15.9"))
    } throws: { ($0 as? EngineError)?.what.contains("No chart of ARC 0.15.9") == true }
    #expect(versions() == before)
    #expect(cluster.with { $0.objects["autoscalingrunnersets/one"] } != nil)
  }
}
