import Foundation
import TestSupport
import Testing

@testable import ARC
@testable import Basics
@testable import Deployment
@testable import Installations
@testable import Knowledge
@testable import Tools

/// One configuration with installations on two clusters: each is only changed on its own cluster.
@Suite struct PlacesTests {
  let home: PlanTests
  let other: FakeCluster

  init() throws {
    home = try PlanTests()
    other = FakeCluster()
    for (cluster, context) in [(home.cluster, "lab-a"), (other, "lab-b")] {
      cluster.with { state in
        state.node = "running"
        state.contexts.insert(context)
      }
    }
  }

  private var a: Deployer { get throws { try home.deskrun(.existing(context: "lab-a")) } }
  private var b: Deployer { get throws { try deployer(on: other, .existing(context: "lab-b")) } }

  private func deployer(on cluster: FakeCluster, _ target: ClusterTarget) throws -> Deployer {
    let deployer = try home.deskrun(target)
    return Deployer(
      toolbox: Toolbox(runner: cluster, environment: home.environment, target: target), store: deployer.store,
      credentials: deployer.credentials, pace: deployer.pace)
  }

  private func addBoth() async throws {
    try await home.run(try await a.planAdd(PlanTests.installation("web-ci")), a)
    try await home.run(
      try await b.planAdd(PlanTests.installation("gpu-ci", url: "https://github.com/acme/gpu")), b)
  }

  private func place(_ name: String) throws -> ClusterPlace? {
    try home.store.load().installation(named: InstallationName(name))?.place
  }

  private func expectElsewhere(
    _ context: String, sourceLocation: SourceLocation = #_sourceLocation, _ body: () async throws -> Void
  ) async {
    let error = await #expect(throws: EngineError.self, sourceLocation: sourceLocation) { try await body() }
    #expect(error?.kind == .invalid, sourceLocation: sourceLocation)
    #expect(error?.what.contains(context) == true, "\(String(describing: error))", sourceLocation: sourceLocation)
  }

  @Test func `removing warns where the context means a cluster that has nothing of it`() async throws {
    try await addBoth()
    let name = try InstallationName("web-ci")
    #expect(try await a.planRemove(name, policy: .finishJobs).warnings == [])
    other.with { _ = $0.contexts.insert("lab-a") }
    let exchanged = try deployer(on: other, .existing(context: "lab-a"))
    let warnings = try await exchanged.planRemove(name, policy: .finishJobs).warnings
    #expect(warnings.contains { $0.contains("has no scale set of web-ci") && $0.contains("--context CONTEXT") })
  }

  @Test func `an installation keeps the cluster it was added on`() async throws {
    try await addBoth()
    #expect(try place("web-ci") == ClusterPlace(context: "lab-a"))
    #expect(try place("gpu-ci") == ClusterPlace(context: "lab-b"))
    let desk = try deployer(on: FakeCluster(), .kind(cluster: "deskrun"))
    try await home.run(
      try await desk.planAdd(PlanTests.installation("desk", url: "https://github.com/acme/desk")), desk)
    #expect(try place("desk") == nil, "deskrun's own kind cluster needs no word")
    #expect(home.cluster.with { $0.releases["gpu-ci"] } == nil)
    #expect(other.with { $0.releases["web-ci"] } == nil)
  }

  @Test func `a change on another cluster is refused and names the right one`() async throws {
    try await addBoth()
    let name = try InstallationName("web-ci")
    let before = try home.store.load()
    await expectElsewhere("lab-a") { _ = try await b.planRemove(name, policy: .interrupt) }
    await expectElsewhere("lab-a") { _ = try await b.planEdit(PlanTests.installation("web-ci", mode: .dind)) }
    await expectElsewhere("lab-a") { _ = try await b.planUp(only: [name]) }
    await expectElsewhere("lab-a") { _ = try await b.planScale("web-ci", Scaling("3")) }
    await expectElsewhere("lab-a") { _ = try await b.planAdopt(PlanTests.installation("web-ci")) }
    #expect(try home.store.load() == before)
    #expect(other.with { $0.releases["web-ci"] } == nil)
  }

  @Test func `an edit keeps the cluster`() async throws {
    try await addBoth()
    // Like an edit from a form or a command, without a cluster.
    try await home.run(
      try await b.planEdit(PlanTests.installation("gpu-ci", mode: .dind, url: "https://github.com/acme/gpu")), b)
    #expect(try place("gpu-ci") == ClusterPlace(context: "lab-b"))
    try await home.run(try await a.planScale("web-ci", Scaling("3")), a)
    #expect(try place("web-ci") == ClusterPlace(context: "lab-a"))
  }

  @Test func `up down and upgrade work on those of the cluster alone`() async throws {
    try await addBoth()
    let up = try await a.planUp()
    #expect(up.steps.contains { $0.id == "scale-set/web-ci" })
    #expect(!up.steps.contains { $0.id.hasSuffix("gpu-ci") })
    let down = try await a.planDown(policy: .interrupt)
    #expect(!down.steps.contains { $0.id.contains("gpu-ci") })
    try await home.run(down, a)
    #expect(other.with { $0.releases["gpu-ci"] } != nil)
    #expect(try home.store.load().installations.count == 2)
    let upgrade = try await b.planUpgrade(policy: .finishJobs)
    #expect(!upgrade.steps.contains { $0.id.contains("web-ci") })
  }

  @Test func `upgrade creates no kind cluster where everything is on others`() async throws {
    try await addBoth()
    let kind = FakeCluster()
    let deployer = try deployer(on: kind, .kind(cluster: "deskrun"))
    let refused = await #expect(throws: EngineError.self) { _ = try await deployer.planUpgrade(policy: .finishJobs) }
    #expect(refused?.kind == .notFound)
    #expect(refused?.why == "Configured on other clusters: gpu-ci on lab-b, web-ci on lab-a")
    #expect(refused?.fix?.contains("deskrun upgrade --context lab-b") == true)
  }

  @Test func `a chosen default moves no installation`() async throws {
    try await addBoth()
    try home.store.update { $0.use(context: "lab-b", kubeconfig: nil) }
    let configuration = try home.store.load()
    #expect(configuration.target == .existing(context: "lab-b"))
    #expect(configuration.target(named: "web-ci") == .existing(context: "lab-a"))
    #expect(configuration.targets == [.existing(context: "lab-b"), .existing(context: "lab-a")])
    #expect(try await !b.planUp().steps.contains { $0.id.contains("web-ci") })
  }

  @Test func `the same name on another cluster is refused with a way that works`() async throws {
    try await addBoth()
    let error = await #expect(throws: EngineError.self) { _ = try await b.planAdd(PlanTests.installation("web-ci")) }
    #expect(error?.kind == .invalid)
    #expect(error?.what.contains("lab-a") == true)
    #expect(error?.fix?.contains("another name") == true)
    #expect(try place("web-ci") == ClusterPlace(context: "lab-a"))
  }

  @Test func `a renamed context is bound once the scale set is seen there`() async throws {
    try await addBoth()
    home.cluster.with { state in
      state.contexts.remove("lab-a")
      state.contexts.insert("prod")
    }
    let name = try InstallationName("web-ci")
    let missing = await #expect(throws: EngineError.self) { _ = try await a.planRemove(name, policy: .interrupt) }
    #expect(missing?.kind == .unreachable)
    #expect(missing?.fix?.contains("deskrun edit web-ci --context") == true)
    // The other cluster does not have this scale set.
    await expectElsewhere("lab-a") { _ = try await b.planRebind(name) }
    let renamed = try home.deskrun(.existing(context: "prod"))
    let plan = try await renamed.planRebind(name)
    #expect(plan.rebinds == .existing(context: "lab-a"))
    let before = home.cluster.with { $0.releases.count }
    try await home.run(plan, renamed)
    #expect(try place("web-ci") == ClusterPlace(context: "prod"))
    #expect(home.cluster.with { $0.releases.count } == before)
    #expect(try await renamed.planRebind(name).steps.isEmpty)
    try await home.run(try await renamed.planRemove(name, policy: .interrupt), renamed)
    #expect(home.cluster.with { $0.releases["web-ci"] } == nil)
  }

  @Test func `an installation whose cluster no longer exists can be removed from the configuration`() async throws {
    try await addBoth()
    try await home.run(try a.planForget(InstallationName("gpu-ci")), a)
    #expect(try home.store.load().installations.map(\.name.description) == ["web-ci"])
    #expect(other.with { $0.releases["gpu-ci"] } != nil)
  }

  @Test func `uninstall leaves no other cluster behind`() async throws {
    try await addBoth()
    var scope = UninstallScope(services: false)
    let error = await #expect(throws: EngineError.self) {
      _ = try await a.planUninstall(scope, policy: .interrupt)
    }
    #expect(error?.what.contains("lab-b") == true)
    scope.others = [.existing(context: "lab-b")]
    #expect(try await a.planUninstall(scope, policy: .interrupt).steps.contains { $0.id == "delete-configuration" })
  }

  // MARK: Configurations of earlier versions

  /// As stored by a version with one cluster for all installations.
  private func keepAsBefore(_ context: String) throws {
    try home.store.update { configuration in
      for installation in configuration.installations { configuration.notePlace(of: installation.name, nil) }
    }
    var document = try #require(try home.store.load().json.objectValue)
    document["context"] = .string(context)
    try FileIO.replace(home.store.paths.configuration, with: Array(JSONValue.object(document).encoded().utf8))
  }

  @Test func `one that was deployed on the chosen cluster gets its context`() async throws {
    try await home.run(try await a.planAdd(PlanTests.installation("web-ci")), a)
    try keepAsBefore("lab-a")
    let name = try InstallationName("web-ci")
    #expect(try home.store.load().target == .existing(context: "lab-a"))
    #expect(try home.store.load().isPlaceAssumed(name))
    #expect(try place("web-ci") == ClusterPlace(context: "lab-a"))
    try await home.run(try await a.planUp(), a)
    #expect(try !home.store.load().isPlaceAssumed(name))
    #expect(try place("web-ci") == ClusterPlace(context: "lab-a"))
  }

  @Test func `one that was added with a context that nobody kept is not deployed on the kind cluster`() async throws {
    try await home.run(try await a.planAdd(PlanTests.installation("web-ci")), a)
    let name = try InstallationName("web-ci")
    try home.store.update { $0.notePlace(of: name, nil) }
    let kind = FakeCluster()
    let desk = try deployer(on: kind, .kind(cluster: "deskrun"))
    #expect(try await desk.planUp().warnings.contains { $0.contains("web-ci is skipped") })
    await #expect(throws: EngineError.self) { _ = try await desk.planUp(only: [name]) }
    await #expect(throws: EngineError.self) { _ = try await desk.planRemove(name, policy: .interrupt) }
    try await home.run(try await a.planRebind(name), a)
    #expect(try place("web-ci") == ClusterPlace(context: "lab-a"))
  }

  @Test func `one that the chosen cluster does not have is not deployed there a second time`() async throws {
    try await home.run(try await a.planAdd(PlanTests.installation("web-ci")), a)
    try keepAsBefore("lab-b")
    let name = try InstallationName("web-ci")
    // Findings do not suggest what is refused.
    var known = Circumstances(now: 0)
    known.configuration = try home.store.load().on(b.target)
    let status = try #require(InstallationStatus.joined(known.configuration.installations, nil).first)
    let finding = try #require(Diagnosis.deployment(status, known).first)
    #expect(finding.action == .rebind && finding.remedy.contains("deskrun remove web-ci --skip-cluster"))
    _ = try await a.planRebind(name)
    _ = try await b.planForget(name)
    let up = try await b.planUp()
    #expect(up.warnings.contains { $0.contains("web-ci is skipped") })
    try await home.run(up, b)
    await #expect(throws: EngineError.self) { _ = try await b.planUp(only: [name]) }
    await #expect(throws: EngineError.self) { _ = try await b.planEdit(PlanTests.installation("web-ci", mode: .dind)) }
    await #expect(throws: EngineError.self) { _ = try await b.planRemove(name, policy: .interrupt) }
    #expect(other.with { $0.releases["web-ci"] } == nil)
    try await home.run(try await a.planRebind(name), a)
    #expect(try place("web-ci") == ClusterPlace(context: "lab-a"))
    #expect(try !home.store.load().isPlaceAssumed(name))
  }

  @Test func `while it is not known where one is, nothing upgrades it here or forgets it`() async throws {
    try await home.run(try await a.planAdd(PlanTests.installation("web-ci")), a)
    try keepAsBefore("lab-b")
    try await home.run(try await b.planAdd(PlanTests.installation("other")), b)
    let upgrade = await #expect(throws: EngineError.self) { _ = try await b.planUpgrade(policy: .interrupt) }
    #expect(upgrade?.what == "It is not known which cluster web-ci is on")
    let uninstall = await #expect(throws: EngineError.self) {
      _ = try await b.planUninstall(UninstallScope(services: false), policy: .interrupt)
    }
    #expect(uninstall?.what == "It is not known which cluster web-ci is on")
    // Taking down one of several clusters before deleting the configuration is rejected too.
    await #expect(throws: EngineError.self) { _ = try await b.planDown(policy: .interrupt, forgets: true) }
    _ = try await b.planDown(policy: .interrupt)
    // Operations that keep the entry, or skip clusters on purpose, continue.
    _ = try await b.planUninstall(UninstallScope(configuration: false, services: false), policy: .interrupt)
    try await home.run(try await a.planRebind(try InstallationName("web-ci")), a)
    _ = try await b.planUpgrade(policy: .interrupt)
  }

  @Test func `a kind cluster that deskrun creates later does not become the place of what was deployed before`()
    async throws
  {
    try await home.run(try await a.planAdd(PlanTests.installation("web-ci")), a)
    let name = try InstallationName("web-ci")
    try home.store.update { $0.notePlace(of: name, nil) }
    let desk = try deployer(on: FakeCluster(), .kind(cluster: "deskrun"))
    try home.store.update { $0.nameCluster() }
    #expect(try home.store.load().namesCluster)
    #expect(try await desk.planUp().warnings.contains { $0.contains("web-ci is skipped") })
    await #expect(throws: EngineError.self) { _ = try await desk.planUp(only: [name]) }
    await #expect(throws: EngineError.self) {
      _ = try await desk.planEdit(PlanTests.installation("web-ci", mode: .dind))
    }
    await #expect(throws: EngineError.self) { _ = try await desk.planRemove(name, policy: .interrupt) }
    // An installation that is deployed there later has a known cluster.
    try await home.run(try await desk.planAdd(PlanTests.installation("desk")), desk)
    #expect(try !home.store.load().isPlaceAssumed(try InstallationName("desk")))
  }

  @Test func `an entry of another cluster that cannot be read is not forgotten by an uninstallation`() async throws {
    try await home.run(try await a.planAdd(PlanTests.installation("web-ci")), a)
    var document = try #require(try home.store.load().json.objectValue)
    var entries = try #require(document["installations"]?.objectValue)
    entries["broken"] = ["Name": "broken", "ContainerMode": "dinx", "Context": "lab-b"]
    document["installations"] = .object(entries)
    try FileIO.replace(home.store.paths.configuration, with: Array(JSONValue.object(document).encoded().utf8))
    let error = await #expect(throws: EngineError.self) {
      _ = try await a.planUninstall(UninstallScope(services: false), policy: .interrupt)
    }
    #expect(error?.what.contains("broken") == true && error?.what.contains("lab-b") == true)
    _ = try await a.planUninstall(UninstallScope(configuration: false, services: false), policy: .interrupt)
  }

  @Test func `an entry whose cluster cannot be read is not taken for one of the kind cluster`() async throws {
    try await home.run(try await a.planAdd(PlanTests.installation("web-ci")), a)
    var document = try #require(try home.store.load().json.objectValue)
    var entries = try #require(document["installations"]?.objectValue)
    var entry = try #require(entries["web-ci"]?.objectValue)
    entry["Context"] = 7
    entries["web-ci"] = .object(entry)
    document["installations"] = .object(entries)
    try FileIO.replace(home.store.paths.configuration, with: Array(JSONValue.object(document).encoded().utf8))
    let name = try InstallationName("web-ci")
    let kind = FakeCluster()
    let desk = try deployer(on: kind, .kind(cluster: "deskrun"))
    let error = await #expect(throws: EngineError.self) { _ = try await desk.planRemove(name, policy: .finishJobs) }
    #expect(error?.why?.contains("Context") == true && error?.fix?.contains("--skip-cluster") == true)
    await #expect(throws: EngineError.self) {
      _ = try await desk.planUninstall(UninstallScope(services: false), policy: .finishJobs)
    }
    #expect(try home.store.load().unreadable.count == 1)
    try await home.run(try desk.planForget(name), desk)
    #expect(try home.store.load().unreadable.isEmpty && home.cluster.with { $0.releases["web-ci"] } != nil)
  }

  @Test func `a kubeconfig is the same file under each of its paths`() throws {
    let folder = try TemporaryFolder()
    func write(_ name: String, _ contexts: [String]) throws {
      let list = contexts.map { "- name: \($0)\n  context: {cluster: c, user: u}" }.joined(separator: "\n")
      try FileIO.replace("\(folder.path)/\(name)", with: Array("kind: Config\ncontexts:\n\(list)\n".utf8))
    }
    try write("first", ["prod", "kind-deskrun"])
    try write("second", ["prod", "lab"])
    #expect(symlink("\(folder.path)/first", "\(folder.path)/link") == 0)
    let environment = ["HOME": folder.path, "KUBECONFIG": "\(folder.path)/first:\(folder.path)/second"]
    var configuration = Configuration()
    func add(_ name: String, _ place: ClusterPlace) throws {
      var installation = try PlanTests.installation(name)
      installation.place = place
      configuration.set(installation)
    }
    try add("a", ClusterPlace(context: "prod"))
    try add("b", ClusterPlace(context: "lab", kubeconfig: "\(folder.path)/second"))
    func target(_ context: String, _ file: String?) -> ClusterTarget {
      configuration.target(
        given: ClusterPlace(context: context, kubeconfig: file.map { "\(folder.path)/\($0)" }), environment)
    }
    #expect(target("prod", "first") == .existing(context: "prod"))
    #expect(target("prod", "link") == .existing(context: "prod"))
    #expect(target("kind-deskrun", "link") == .kind(cluster: "deskrun"))
    #expect(target("lab", nil) == .existing(context: "lab", kubeconfig: "\(folder.path)/second"))
    // kubectl uses the first file's context, so that of the second file is a different one.
    #expect(target("prod", "second") == .existing(context: "prod", kubeconfig: "\(folder.path)/second"))
  }

  @Test func `only the kubeconfig in the home folder need not be kept`() throws {
    let standard = "/home/me/.kube/config"
    #expect(Kubeconfig.isStandard(standard, ["HOME": "/home/me"]))
    #expect(!Kubeconfig.isStandard("/k3s/one.yaml", ["HOME": "/home/me", "KUBECONFIG": "/k3s/one.yaml"]))
    #expect(!Kubeconfig.isStandard(standard, ["HOME": "/home/me", "KUBECONFIG": "/k3s/one.yaml"]))
    #expect(!Kubeconfig.isStandard("/k3s/one.yaml", ["HOME": "/home/me"]))
  }
}
