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

/// Releases that deskrun did not deploy are neither changed nor removed; its own are recognized.
@Suite struct OwnershipTests {
  let base: PlanTests
  var cluster: FakeCluster { base.cluster }
  static let scaleSetChart = "oci://charts/gha-runner-scale-set"

  init() throws { base = try PlanTests() }

  /// Installs a chart with Helm, without deskrun.
  func helm(
    _ name: String, chart: String = scaleSetChart, version: String = SupportedARC.newest.description,
    values: JSONValue = [
      "githubConfigUrl": "https://github.com/acme/web", "githubConfigSecret": "hand-made", "maxRunners": 9,
    ]
  ) {
    cluster.with { state in
      state.objects["secrets/hand-made"] = ["metadata": ["name": "hand-made"], "data": ["github_token": "eA=="]]
      _ = FakeCluster.helm(
        ["upgrade", "--install", name, chart, "--version", version], values.encoded(), &state)
    }
  }

  /// A running cluster with another installation, and a release named web-ci that deskrun did not deploy.
  func withForeignRelease() async throws {
    try await base.add(PlanTests.installation("other"))
    helm("web-ci")
  }

  /// The state left by version 0.1.0: no labels.
  func unmark(_ name: String) {
    cluster.with { state in
      if let values = state.releases[name]?.values { state.releases[name]?.values = OwnershipMark.unmarked(values) }
      for key in ["autoscalingrunnersets/\(name)", "deployments/\(ARCCharts.controllerDeployment)"] {
        let owner = (try? base.store.owner) ?? ""
        let bare = state.objects[key]?.encoded()
          .replacing(#","deskrun/owner":"\#(owner)""#, with: "")
          .replacing(#""deskrun/owner":"\#(owner)","#, with: "")
          .replacing(#""deskrun/installation":"\#(name)","#, with: "")
          .replacing(#","deskrun/installation":"\#(name)""#, with: "")
          .replacing(#","deskrun/managed":"true""#, with: "")
        state.objects[key] = bare.flatMap { try? JSONValue(parsing: $0) }
      }
    }
  }

  /// The labels of web-ci when this deskrun deployed it.
  private var marks: JSONValue {
    get throws { ["deskrun/installation": "web-ci", "deskrun/owner": .string(try base.store.owner)] }
  }

  private func expectRefusal(
    _ fix: String = "deskrun adopt web-ci", _ body: () async throws -> Void,
    sourceLocation: SourceLocation = #_sourceLocation
  ) async {
    await #expect(sourceLocation: sourceLocation) {
      try await body()
    } throws: { error in
      guard let error = error as? EngineError else { return false }
      return error.kind == .invalid && error.what.contains("web-ci") && error.fix?.contains(fix) == true
    }
  }

  @Test func `add does not take over a foreign release`() async throws {
    try await withForeignRelease()
    let before = cluster.with { $0.releases["web-ci"]?.values }
    await expectRefusal { try await base.add(PlanTests.installation()) }
    #expect(cluster.with { $0.releases["web-ci"]?.values } == before)
    #expect(try base.store.load().installations.map(\.name.description) == ["other"])
    #expect(cluster.with { $0.objects["secrets/web-ci-credentials"] } == nil)
  }

  @Test func `remove leaves a foreign release`() async throws {
    try await withForeignRelease()
    let deployer = try base.deskrun()
    await expectRefusal { _ = try await deployer.planRemove(InstallationName("web-ci"), policy: .interrupt) }
    // An entry in the configuration alone does not make it deskrun's either.
    try base.store.update { $0.set(try PlanTests.installation()) }
    let plan = try await deployer.planRemove(InstallationName("web-ci"), policy: .interrupt, force: true)
    #expect(plan.warnings.contains { $0.contains("web-ci") && $0.contains("left alone") })
    try await base.run(plan, deployer)
    #expect(cluster.with { $0.releases["web-ci"] } != nil)
    #expect(cluster.with { $0.objects["autoscalingrunnersets/web-ci"] } != nil)
    #expect(try base.store.load().installations.map(\.name.description) == ["other"])
  }

  @Test func `edit scale and the actions on runners refuse a foreign release`() async throws {
    try await withForeignRelease()
    try base.store.update { $0.set(try PlanTests.installation()) }
    let deployer = try base.deskrun()
    var scaled = try PlanTests.installation()
    scaled.runners = try RunnerCounts(minimum: 0, maximum: 2)
    let edited = scaled
    await expectRefusal { _ = try await deployer.planEdit(edited) }
    await expectRefusal { _ = try await deployer.planUp(only: [InstallationName("web-ci")]) }
    await expectRefusal { _ = try await deployer.planDeleteRunners(["web-ci-runner"], of: "web-ci") }
    await expectRefusal { _ = try await deployer.planRestartListener("web-ci-listener", scaleSet: "web-ci") }
    // Without a name, the others are still deployed.
    let plan = try await deployer.planUp()
    #expect(plan.warnings.contains { $0.contains("web-ci is skipped") })
    try await base.run(plan, deployer)
    #expect(cluster.with { $0.releases["web-ci"]?.values["maxRunners"] } == 9)
  }

  @Test func `what could not be read is not taken for free`() async throws {
    try await withForeignRelease()
    cluster.with { $0.failOn = "/autoscalingrunnersets" }
    let deployer = try base.deskrun()
    await #expect(throws: EngineError.self) { _ = try await deployer.planAdd(PlanTests.installation()) }
    await #expect(throws: EngineError.self) {
      _ = try await deployer.planRemove(InstallationName("other"), policy: .interrupt)
    }
  }

  @Test func `a release of another chart is foreign`() async throws {
    try await base.add(PlanTests.installation("other"))
    cluster.with { $0.releases["web-ci"] = ("postgresql", "1.2.3", "pending-install", [:]) }
    await expectRefusal { try await base.add(PlanTests.installation()) }
    #expect(cluster.with { $0.releases["web-ci"]?.status } == "pending-install", "not cleared away either")
  }

  @Test func `what is deployed is marked`() async throws {
    try await base.add(PlanTests.installation())
    let state = cluster.with { $0 }
    #expect(state.releases["web-ci"]?.values["labels"] == (try marks))
    #expect(
      state.objects["deployments/\(ARCCharts.controllerDeployment)"]?["metadata"]?["labels"]?["deskrun/managed"]
        == "true")
    for name in DeploymentNames.definitions {
      #expect(
        state.objects["customresourcedefinitions/\(name)"]?["metadata"]?["labels"]?["deskrun/managed"] == "true")
    }
  }

  /// Version 0.1.0 set no labels: configuration, names, URL and labeled Secret match, so it is deskrun's.
  @Test func `what version 0.1.0 deployed is marked with the next change`() async throws {
    try await base.add(PlanTests.installation())
    unmark("web-ci")
    let deployer = try base.deskrun()
    let events = try await base.run(try await deployer.planUp(), deployer)
    #expect(
      events.contains {
        if case .finished("scale-set/web-ci", .unchanged, _) = $0 { true } else { false }
      }, "the missing mark alone is no reason to upgrade a release")
    var changed = try PlanTests.installation()
    changed.runners = try RunnerCounts(minimum: 0, maximum: 2)
    try await base.run(try await deployer.planEdit(changed), deployer)
    #expect(cluster.with { $0.releases["web-ci"]?.values["labels"] } == (try marks))
    unmark("web-ci")
    try await base.run(try await deployer.planRemove(changed.name, policy: .finishJobs), deployer)
    #expect(cluster.with { $0.releases["web-ci"] } == nil)
  }

  @Test func `without a mark another URL or secret is foreign`() async throws {
    try await base.add(PlanTests.installation())
    unmark("web-ci")
    cluster.with { $0.objects["secrets/web-ci-credentials"] = ["metadata": ["name": "web-ci-credentials"]] }
    let deployer = try base.deskrun()
    await expectRefusal { _ = try await deployer.planUp(only: [InstallationName("web-ci")]) }
  }

  /// The earlier program put the token into the values, and the chart created the Secret.
  @Test func `what the earlier program deployed is deskruns`() async throws {
    try await base.add(PlanTests.installation("other"))
    let token = "ghp_0123456789abcdef0123"
    let values: JSONValue = [
      "githubConfigUrl": "https://github.com/acme/web", "githubConfigSecret": ["github_token": .string(token)],
    ]
    helm("web-ci", values: values)
    try base.store.update { $0.set(try PlanTests.installation(token: "ghp_another0another0ano")) }
    let deployer = try base.deskrun()
    await expectRefusal { _ = try await deployer.planUp(only: [InstallationName("web-ci")]) }
    try base.store.update { $0.set(try PlanTests.installation(token: token)) }
    try await base.run(try await deployer.planUp(), deployer)
    let deployed = cluster.with { $0.releases["web-ci"]?.values }
    #expect(deployed?["labels"] == (try marks))
    #expect(deployed?["githubConfigSecret"] == "web-ci-credentials")
  }

  @Test func `a mark without configuration is enough to remove and not to serve another URL`() async throws {
    try await base.add(PlanTests.installation())
    try base.store.update { _ = $0.remove(try InstallationName("web-ci")) }
    let deployer = try base.deskrun()
    var elsewhere = try PlanTests.installation()
    elsewhere.target = try GitHubTarget("https://github.com/acme/elsewhere")
    let wanted = elsewhere
    await expectRefusal { _ = try await deployer.planAdd(wanted) }
    try await base.run(
      try await deployer.planRemove(InstallationName("web-ci"), policy: .finishJobs), deployer)
    #expect(cluster.with { $0.releases["web-ci"] } == nil)
  }

  @Test func `a foreign secret is not overwritten`() async throws {
    try await base.add(PlanTests.installation("other"))
    let secret: JSONValue = ["metadata": ["name": "web-ci-credentials"], "data": ["key": "eA=="]]
    cluster.with { $0.objects["secrets/web-ci-credentials"] = secret }
    await #expect {
      try await base.add(PlanTests.installation())
    } throws: { error in
      (error as? EngineError)?.what.contains("Secret web-ci-credentials") == true
    }
    #expect(cluster.with { $0.objects["secrets/web-ci-credentials"] } == secret)
    #expect(cluster.with { $0.releases["web-ci"] } == nil)
  }

  @Test func `a release that became foreign since the plan is left`() async throws {
    try await base.add(PlanTests.installation())
    let deployer = try base.deskrun()
    let plan = try await deployer.planRemove(InstallationName("web-ci"), policy: .interrupt)
    helm("web-ci")
    await #expect {
      try await base.run(plan, deployer)
    } throws: { error in
      (error as? EngineError)?.kind == .failed && (error as? EngineError)?.what.contains("web-ci") == true
    }
    #expect(cluster.with { $0.releases["web-ci"] } != nil)
    #expect(try base.store.load().installations.count == 1)
  }

  // MARK: Adopting

  @Test func `adopt shows the changes and makes it deskruns`() async throws {
    try await withForeignRelease()
    let deployer = try base.deskrun()
    let found = try await deployer.adoptable("web-ci")
    #expect(found.runners.maximum == 9)
    let plan = try #require(try await deployer.planAdopt(PlanTests.installation()))
    #expect(plan.valueChanges.contains { $0.text == "maxRunners: 9 -> 5" })
    #expect(plan.valueChanges.contains { $0.path == "githubConfigSecret" })
    try await base.run(plan, deployer)
    #expect(cluster.with { $0.releases["web-ci"]?.values["labels"] } == (try marks))
    #expect(cluster.with { $0.objects["secrets/hand-made"] } != nil, "the Secret it had is not deskrun's")
    #expect(try await deployer.planAdopt(PlanTests.installation()) == nil, "there is nothing left to adopt")
    // If the configuration is lost, its labels are sufficient to restore the entry.
    try base.store.update { _ = $0.remove(try InstallationName("web-ci")) }
    try await base.run(try #require(try await deployer.planAdopt(PlanTests.installation())), deployer)
    #expect(try base.store.load().installations.map(\.name.description) == ["other", "web-ci"])
    try await base.run(
      try await deployer.planRemove(InstallationName("web-ci"), policy: .finishJobs), deployer)
    #expect(cluster.with { $0.releases["web-ci"] } == nil)
    try base.store.update { $0.set(try PlanTests.installation()) }
    await #expect {
      _ = try await deployer.planAdopt(PlanTests.installation())
    } throws: { ($0 as? EngineError)?.kind == .notFound }
  }

  @Test func `adopt names the release of a scale set with another name`() async throws {
    try await base.add(PlanTests.installation("other"))
    helm(
      "team-runners",
      values: [
        "githubConfigUrl": "https://github.com/acme/web", "githubConfigSecret": "hand-made",
        "runnerScaleSetName": "arc-x64",
      ])
    let deployer = try base.deskrun()
    let bySet = await #expect(throws: EngineError.self) { _ = try await deployer.adoptable("arc-x64") }
    #expect(bySet?.why?.contains("the Helm release team-runners in namespace arc-systems deployed it") == true)
    #expect(bySet?.fix?.contains("helm uninstall team-runners -n arc-systems") == true)
    let byRelease = await #expect(throws: EngineError.self) { _ = try await deployer.adoptable("team-runners") }
    #expect(byRelease?.why?.contains("its scale set has another name, arc-x64") == true)
  }

  @Test func `adopt shows no secret`() {
    let changes = ValueChange.list(
      scaleSet: "web-ci",
      from: [
        "githubConfigSecret": ["github_token": "ghp_verysecret"],
        "template": ["spec": ["containers": [["env": [["name": "PASS", "value": "verysecret"]]]]]],
      ], to: [:])
    #expect(changes.count == 4)
    #expect(!changes.contains { $0.text.contains("verysecret") })
  }

  @Test func `adopt refuses what it cannot take`() async throws {
    try await withForeignRelease()
    let deployer = try base.deskrun()
    var elsewhere = try PlanTests.installation()
    elsewhere.target = try GitHubTarget("https://github.com/acme/elsewhere")
    let wanted = elsewhere
    await #expect(throws: EngineError.self) { _ = try await deployer.planAdopt(wanted) }
    await #expect {
      _ = try await deployer.adoptable("absent")
    } throws: { ($0 as? EngineError)?.kind == .notFound }
    for (chart, status) in [("postgresql", "deployed"), ("gha-runner-scale-set", "pending-upgrade")] {
      cluster.with { $0.releases["web-ci"] = (chart, "1.0.0", status, [:]) }
      await #expect {
        _ = try await deployer.adoptable("web-ci")
      } throws: { ($0 as? EngineError)?.what == "The scale set web-ci cannot be adopted" }
    }
    // Deployed without Helm: there is no release to upgrade.
    cluster.with { state in
      state.releases["web-ci"] = nil
      state.objects["autoscalingrunnersets/web-ci"] = ["metadata": ["name": "web-ci", "namespace": "arc-systems"]]
    }
    await #expect(throws: EngineError.self) { _ = try await deployer.adoptable("web-ci") }
    await #expect(throws: EngineError.self) { _ = try await deployer.planAdopt(PlanTests.installation()) }
  }
}
