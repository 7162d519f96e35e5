import Foundation
import TestSupport
import Testing

@testable import ARC
@testable import Basics
@testable import Deployment
@testable import Installations
@testable import Knowledge
@testable import Kubernetes
@testable import Tools

/// Controllers and resource definitions that deskrun did not install are not changed, and neither are the scale sets
/// that need them.
@Suite struct ControllerOwnershipTests {
  let base: PlanTests
  var cluster: FakeCluster { base.cluster }

  init() throws {
    base = try PlanTests()
    cluster.with { state in
      state.contexts.insert("prod")
      state.node = "running"
    }
  }

  private func deployer() throws -> Deployer { try base.deskrun(.existing(context: "prod")) }

  private func addForeignController(version: String) {
    cluster.with { state in
      state.moreVersions.insert(version)
      state.objects["deployments/arc-gha-rs-controller"] = [
        "metadata": [
          "name": "arc-gha-rs-controller", "namespace": "arc",
          "labels": [
            "app.kubernetes.io/part-of": "gha-rs-controller", "app.kubernetes.io/instance": "arc",
            "app.kubernetes.io/version": .string(version),
          ],
        ], "status": ["readyReplicas": 1],
      ]
      for name in DeploymentNames.definitions {
        state.objects["customresourcedefinitions/\(name)"] = ["metadata": ["name": .string(name)]]
      }
    }
  }

  private func addForeignScaleSet() {
    cluster.with { state in
      state.objects["autoscalingrunnersets/team.ci"] = ["metadata": ["name": "ci", "namespace": "team"]]
    }
  }

  /// The state left by an earlier version of deskrun.
  private func setOwnVersion(_ version: String) {
    cluster.with { state in
      let key = "deployments/\(ARCCharts.controllerDeployment)"
      state.releases[ARCCharts.controllerRelease]?.version = version
      state.objects[key] = state.objects[key].flatMap { object in
        try? JSONValue(parsing: object.encoded().replacing(SupportedARC.newest.description, with: version))
      }
    }
  }

  private func everything() -> [String] { cluster.with { $0.objects.keys.sorted() + $0.releases.keys.sorted() } }

  @Test func `a foreign controller is used and never upgraded or removed`() async throws {
    let same = SupportedARC.newest.description.split(separator: ".").prefix(2).joined(separator: ".") + ".9"
    addForeignController(version: same)
    let deployer = try deployer()
    try await base.run(try await deployer.planAdd(PlanTests.installation()), deployer)
    #expect(cluster.with { $0.releases[ARCCharts.controllerRelease] } == nil)
    let upgrade = try await deployer.planUpgrade(policy: .interrupt)
    #expect(!upgrade.steps.contains { ["uncontroller", "definitions"].contains($0.id) })
    #expect(upgrade.warnings.contains { $0.contains("arc-gha-rs-controller") })
    try await base.run(try await deployer.planDown(policy: .interrupt), deployer)
    let left = cluster.with { $0.objects.keys }
    #expect(left.contains("deployments/arc-gha-rs-controller"))
    #expect(left.filter { $0.hasPrefix("customresourcedefinitions/") }.count == 4)
    let labels = cluster.with {
      $0.objects["customresourcedefinitions/\(DeploymentNames.definitions[0])"]?["metadata"]?["labels"]
    }
    #expect(labels == nil, "definitions that were there before get no mark")
  }

  @Test func `upgrade with a foreign controller of another version changes nothing`() async throws {
    addForeignController(version: "0.9.3")
    addForeignScaleSet()
    try base.store.update { $0.set(try PlanTests.installation()) }
    let before = everything()
    let deployer = try deployer()
    await #expect {
      try await base.run(try await deployer.planUpgrade(policy: .interrupt), deployer)
    } throws: { ($0 as? EngineError)?.fix?.contains("Helm release arc in namespace arc") == true }
    #expect(everything() == before)
  }

  @Test func `upgrade is refused while a scale set of another needs the controller`() async throws {
    let deployer = try deployer()
    try await base.run(try await deployer.planAdd(PlanTests.installation()), deployer)
    setOwnVersion("0.9.3")
    addForeignScaleSet()
    let before = everything()
    await #expect {
      try await base.run(try await deployer.planUpgrade(policy: .interrupt), deployer)
    } throws: { ($0 as? EngineError)?.what.contains("team/ci") == true }
    #expect(everything() == before)
    let down = try await deployer.planDown(policy: .interrupt)
    #expect(down.warnings.contains { $0.contains("team/ci") })
    try await base.run(down, deployer)
    #expect(cluster.with { $0.releases.keys.sorted() } == [ARCCharts.controllerRelease])
  }

  @Test func `a scale set that appears during an upgrade keeps controller and definitions`() async throws {
    let deployer = try deployer()
    try await base.run(try await deployer.planAdd(PlanTests.installation()), deployer)
    setOwnVersion("0.9.3")
    let plan = try await deployer.planUpgrade(policy: .interrupt)
    addForeignScaleSet()
    await #expect {
      try await base.run(plan, deployer)
    } throws: { ($0 as? EngineError)?.what.contains("team/ci") == true }
    #expect(cluster.with { $0.releases[ARCCharts.controllerRelease] } != nil)
    #expect(cluster.with { $0.objects.keys.filter { $0.hasPrefix("customresourcedefinitions/") }.count } == 4)
  }

  @Test func `definitions that were there before are not replaced`() async throws {
    for name in DeploymentNames.definitions {
      cluster.with { $0.objects["customresourcedefinitions/\(name)"] = ["metadata": ["name": .string(name)]] }
    }
    let deployer = try deployer()
    try await base.run(try await deployer.planAdd(PlanTests.installation()), deployer)
    setOwnVersion("0.9.3")
    let before = everything()
    await #expect {
      _ = try await deployer.planUpgrade(policy: .interrupt)
    } throws: { ($0 as? EngineError)?.fix?.contains("kubectl label customresourcedefinitions") == true }
    #expect(everything() == before)
  }

  @Test func `own controller and definitions are upgraded`() async throws {
    let deployer = try deployer()
    try await base.run(try await deployer.planAdd(PlanTests.installation()), deployer)
    setOwnVersion("0.9.3")
    try await base.run(try await deployer.planUpgrade(policy: .interrupt), deployer)
    #expect(cluster.with { $0.releases[ARCCharts.controllerRelease]?.version } == SupportedARC.newest.description)
    #expect(cluster.with { $0.definitionsVersion } == SupportedARC.newest.description)
    #expect(cluster.with { $0.log.filter { $0.contains("delete customresourcedefinitions") } } == [])
    #expect(cluster.with { $0.releases["web-ci"] } != nil)
  }

  /// On a cluster that is not deskrun's own, name and namespace alone prove nothing.
  @Test func `a foreign controller under deskruns name stays`() async throws {
    cluster.with { state in
      _ = FakeCluster.helm(
        [
          "upgrade", "--install", ARCCharts.controllerRelease, "oci://charts/gha-runner-scale-set-controller",
          "--version",
          "0.9.3",
        ], #"{"replicaCount": 3}"#, &state)
    }
    let deployer = try deployer()
    await #expect(throws: EngineError.self) { _ = try await deployer.planUpgrade(policy: .interrupt) }
    try await base.run(try await deployer.planDown(policy: .interrupt), deployer)
    #expect(cluster.with { $0.releases[ARCCharts.controllerRelease]?.version } == "0.9.3")
  }

  @Test func `the controller of version 0.1.0 is deskrun's`() async throws {
    let deployer = try deployer()
    try await base.run(try await deployer.planAdd(PlanTests.installation()), deployer)
    cluster.with { state in
      state.releases[ARCCharts.controllerRelease]?.values = ControllerValues.earlier
      let key = "deployments/\(ARCCharts.controllerDeployment)"
      state.objects[key] = state.objects[key].flatMap {
        try? JSONValue(parsing: $0.encoded().replacing(#","deskrun/managed":"true""#, with: ""))
      }
    }
    try await base.run(try await deployer.planDown(policy: .interrupt), deployer)
    #expect(cluster.with { $0.releases.isEmpty })
  }
}
