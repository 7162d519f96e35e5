import TestSupport
import Testing

@testable import ARC
@testable import Basics
@testable import Deployment
@testable import Installations
@testable import Knowledge
@testable import Kubernetes
@testable import Tools

/// A scale set that was changed with Helm or kubectl.
@Suite struct ChangedClusterTests {
  let base: PlanTests
  var cluster: FakeCluster { base.cluster }

  init() throws { base = try PlanTests() }

  /// Like `kubectl edit`.
  private func change(_ key: String, _ value: JSONValue, of name: String = "web-ci") {
    cluster.with { state in
      guard var object = state.objects["autoscalingrunnersets/\(name)"]?.objectValue,
        var spec = object["spec"]?.objectValue
      else { return }
      spec[key] = value
      object["spec"] = .object(spec)
      state.objects["autoscalingrunnersets/\(name)"] = .object(object)
    }
  }

  private func spec(_ name: String = "web-ci") -> JSONValue? {
    cluster.with { $0.objects["autoscalingrunnersets/\(name)"]?["spec"] }
  }

  private func changeImage(to image: String) {
    guard let template = spec()?["template"]?.encoded() else { return }
    let text = template.replacing(ARCCharts.defaultRunnerImage, with: image)
    if let changed = try? JSONValue(parsing: text) { change("template", changed) }
  }

  private var image: String? { ScaleSetSettings(spec: spec(), scaleSet: "web-ci").image }

  @Test func `up puts back what was changed without Helm`() async throws {
    try await base.add(PlanTests.installation())
    change("maxRunners", 9)
    change("minRunners", 4)
    changeImage(to: "example.com/runner:1")
    #expect(image == "example.com/runner:1")
    let deployer = try base.deskrun()
    try await base.run(try await deployer.planUp(), deployer)
    #expect(spec()?["maxRunners"] == 5)
    #expect(spec()?["minRunners"] == 1)
    #expect(image == ARCCharts.defaultRunnerImage)
    let again = try await base.run(try await deployer.planUp(), deployer)
    #expect(again.contains { if case .finished("scale-set/web-ci", .unchanged, _) = $0 { true } else { false } })
  }

  @Test func `what the cluster has can be taken over`() async throws {
    let configured = try PlanTests.installation(url: "https://github.com/acme")
    try await base.add(configured)
    change("maxRunners", 9)
    change("runnerGroup", "builders")
    change("runnerScaleSetLabels", ["gpu"])
    changeImage(to: "example.com/runner:1")
    let deployer = try base.deskrun()
    let found = try await deployer.clusterSettings(of: configured)
    #expect(found.left == [])
    #expect(found.taken.map(\.setting) == [.maxRunners, .runnerGroup, .labels, .image])
    #expect(found.installation.runners.maximum == 9)
    #expect(found.installation.settings.runnerGroup == "builders")
    #expect(found.installation.labels == ["gpu"])
    #expect(found.installation.image == "example.com/runner:1")
    let plan = try await deployer.planEdit(found.installation, base: configured)
    #expect(plan.recreations == [], "the cluster has it already")
    try await base.run(plan, deployer)
    #expect(try base.store.load().installations.first?.runners.maximum == 9)
    #expect(try await deployer.clusterSettings(of: found.installation).taken == [])
  }

  @Test func `what cannot be taken over is said`() async throws {
    let folder = try TemporaryFolder()
    let file = try folder.write(
      "template: {spec: {containers: [{name: runner, image: \"example.com/own:1\"}]}}\n", to: "v.yaml")
    var configured = try PlanTests.installation()
    configured.valuesFiles = [file]
    try await base.add(configured)
    change("maxRunners", .null)
    guard let text = spec()?["template"]?.encoded().replacing("example.com/own:1", with: "example.com/own:2") else {
      return #expect(Bool(false), "it has no template")
    }
    change("template", try JSONValue(parsing: text))
    let found = try await base.deskrun().clusterSettings(of: configured)
    #expect(found.taken == [])
    #expect(found.installation == configured)
    #expect(found.left.count == 2)
    #expect(
      found.left.contains { $0.contains("no limit in the cluster: deskrun deploys every scale set with a limit") })
    #expect(found.left.contains { $0.contains("\(file):1 sets it") })
  }

  @Test func `a runner group that changes recreates the scale set, and one of the same name does not`() async throws {
    var installation = try PlanTests.installation(url: "https://github.com/acme")
    installation.settings.runnerGroup = "builders"
    try await base.add(installation)
    let deployer = try base.deskrun()
    #expect(try await deployer.planUp().recreations == [])
    var other = installation
    other.settings.runnerGroup = "release"
    let plan = try await deployer.planEdit(other, base: installation)
    #expect(
      plan.recreations.first?.changes == [.group(from: "builders", to: "release")])
    try await base.run(plan, deployer)
    #expect(spec()?["runnerGroup"] == "release")
  }

  @Test(arguments: ["Default", "default", "DEFAULT"])
  func `GitHub's default runner group, however it is written, recreates nothing`(group: String) async throws {
    var installation = try PlanTests.installation(url: "https://github.com/acme")
    installation.settings.runnerGroup = group
    try await base.add(installation)
    let deployer = try base.deskrun()
    #expect(try await deployer.planUp().recreations == [])
    #expect(AdoptableRelease(values: ["runnerGroup": .string(group)]).settings.runnerGroup == nil)
  }

  @Test func `what is put back is in no argument of a program`() async throws {
    try await base.add(PlanTests.installation())
    change("maxRunners", 9)
    let before = cluster.with { $0.log.count }
    let deployer = try base.deskrun()
    try await base.run(try await deployer.planUp(), deployer)
    let patches = cluster.with { $0.log.dropFirst(before).filter { $0.hasPrefix("kubectl patch") } }
    #expect(patches.count == 1)
    #expect(patches.allSatisfy { !$0.contains("maxRunners") && !$0.contains("{") })
    #expect(spec()?["maxRunners"] == 5)
  }

  private func puttingBack(_ plan: Plan) async throws -> [String] {
    let before = cluster.with { $0.log.count }
    try await base.run(plan, base.deskrun())
    return cluster.with { $0.log.dropFirst(before).filter { $0.contains("kubectl patch autoscalingrunnersets") } }
  }

  @Test func `what was taken over is not put back`() async throws {
    let configured = try PlanTests.installation()
    try await base.add(configured)
    change("maxRunners", 9)
    let deployer = try base.deskrun()
    let found = try await deployer.clusterSettings(of: configured)
    #expect(try await puttingBack(deployer.planEdit(found.installation, base: configured)) == [])
    #expect(spec()?["maxRunners"] == 9)
  }

  @Test func `what the release does not set was changed by nobody`() async throws {
    try await base.add(PlanTests.installation())
    // Its image is the chart's default.
    cluster.with { state in
      guard var values = state.releases["web-ci"]?.values.objectValue else { return }
      values["template"] = nil
      state.releases["web-ci"]?.values = .object(values)
    }
    changeImage(to: "example.com/runner:1")
    #expect(try await puttingBack(base.deskrun().planUp()) == [])
  }

  @Test func `a hook template that is no longer needed goes after the scale set changed`() async throws {
    let cached = try PlanTests.installation(caches: ["/root/.cache"])
    try await base.add(cached)
    let hook = "configmaps/web-ci-hook-template"
    #expect(cluster.with { $0.objects[hook] != nil })
    var plain = cached
    plain.caches = []
    let deployer = try base.deskrun()
    let plan = try await deployer.planEdit(plain, base: cached)
    let ids = plan.steps.map(\.id)
    let (set, unhook) = (ids.firstIndex(of: "scale-set/web-ci"), ids.firstIndex(of: "unhook/web-ci"))
    #expect(try #require(set) < #require(unhook))
    try await base.run(plan, deployer)
    #expect(cluster.with { $0.objects[hook] == nil })
    #expect(try await deployer.planUp().steps.contains { $0.id == "unhook/web-ci" } == false)
  }

  @Test func `a removal is not done while a scale set has the mark of the installation`() async throws {
    try await base.add(PlanTests.installation())
    // The same values, deployed again as another release.
    cluster.with { state in
      guard let values = state.releases["web-ci"]?.values, var object = values.objectValue else { return }
      object["runnerScaleSetName"] = "copy"
      _ = FakeCluster.helm(
        ["upgrade", "--install", "copy", OwnershipTests.scaleSetChart, "--version", SupportedARC.newest.description],
        JSONValue.object(object).encoded(), &state)
    }
    let deployer = try base.deskrun()
    let name = try InstallationName("web-ci")
    let plan = try await deployer.planRemove(name, policy: .finishJobs)
    let error = await #expect(throws: EngineError.self) { try await base.run(plan, deployer) }
    #expect(error?.what == "web-ci is not completely removed: scale set copy remains")
    #expect(error?.fix?.contains("helm uninstall copy") == true)
    #expect(try base.store.load().installations.count == 1, "the same command can be run again")
    cluster.with { state in
      state.releases["copy"] = nil
      FakeCluster.takeAway("copy", &state)
    }
    try await base.run(try await deployer.planRemove(name, policy: .finishJobs), deployer)
    #expect(try base.store.load().installations.isEmpty)
  }
}
