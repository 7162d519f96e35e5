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

/// Plans run on a cluster in memory.
@Suite struct PlanTests {
  let cluster: FakeCluster
  private let place: TemporaryFolder
  /// How long a removal may make no progress.
  var removalPatience: Duration = .seconds(30)
  /// How long to wait for a further scale set when one is not ready.
  var furtherLook: Duration = .seconds(30)
  var home: String { place.path }

  init() throws { try self.init(on: FakeCluster()) }

  /// With its own home, on a cluster that another one may share.
  init(on cluster: FakeCluster) throws {
    self.cluster = cluster
    place = try TemporaryFolder()
    let home = place.path
    try FileManager.default.createDirectory(atPath: home + "/bin", withIntermediateDirectories: true)
    for tool in ["kubectl", "helm", "kind", "docker"] {
      let path = "\(home)/bin/\(tool)"
      try Data("#!/bin/sh\n".utf8).write(to: URL(fileURLWithPath: path))
      chmod(path, 0o755)
    }
  }

  var environment: [String: String] { ["PATH": home + "/bin", "HOME": home, "DESKRUN_HOME": home + "/config"] }
  var store: ConfigurationStore { get throws { ConfigurationStore(paths: try Paths(environment: environment)) } }

  func deskrun(_ target: ClusterTarget = .kind(cluster: "deskrun")) throws -> Deployer {
    let toolbox = Toolbox(runner: cluster, environment: environment, target: target)
    return Deployer(
      toolbox: toolbox, store: try store,
      credentials: CredentialResolver(
        environment: environment, readStandardInput: { [] }, ghToken: { _ in Secret("ghp_0123456789abcdef") }),
      pace: .init(
        interval: .milliseconds(1), registrationPatience: .milliseconds(20), cycle: .milliseconds(1),
        removalPatience: removalPatience, furtherLook: furtherLook))
  }

  static func installation(
    _ name: String = "web-ci", mode: ContainerMode = .kubernetes, caches: [String] = [], instances: Int = 1,
    token: String = "ghp_0123456789abcdef0123", labels: [String] = [], url: String = "https://github.com/acme/web"
  ) throws -> Installation {
    try Installation(
      name: InstallationName(name), target: GitHubTarget(url), mode: mode,
      runners: mode == .dind ? .one : .standard, caches: caches.map { text in try CachePath(text) },
      instances: instances, labels: labels, authentication: .token(.literal(Secret(token))))
  }

  @discardableResult
  func run(_ plan: Plan, _ deployer: Deployer) async throws -> [PlanEvent] {
    let events = LockedEvents()
    try await deployer.run(plan) { events.append($0) }
    return events.all
  }

  func add(_ installation: Installation) async throws {
    let deployer = try deskrun()
    try await run(try await deployer.planAdd(installation), deployer)
  }

  @Test(arguments: ContainerMode.allCases)
  func `add brings up everything from nothing`(mode: ContainerMode) async throws {
    try await add(Self.installation(mode: mode, caches: ["/root/.cache"]))
    let state = cluster.with { $0 }
    #expect(state.node == "running")
    #expect(state.releases[ARCCharts.controllerRelease]?.version == SupportedARC.newest.description)
    #expect(state.releases["web-ci"]?.version == SupportedARC.newest.description)
    #expect(state.objects["secrets/web-ci-credentials"] != nil)
    #expect((state.objects["configmaps/web-ci-hook-template"] != nil) == (mode != .dind))
    #expect(state.currentContext == "work", "the user's current context is as it was")
    #expect(state.mounts.contains { $0.1 == "/host-cache/deskrun" })
    #expect(try store.load().installations.map(\.name.description) == ["web-ci"])
  }

  @Test func `no secret is in any argument or value`() async throws {
    try await add(Self.installation(token: "ghp_verysecretverysecret"))
    let state = cluster.with { $0 }
    for line in state.log { #expect(!line.contains("verysecret")) }
    let values = try #require(state.releases["web-ci"]?.values.encoded())
    #expect(!values.contains("verysecret"))
  }

  @Test func `the same plan again changes nothing`() async throws {
    try await add(Self.installation())
    let deployer = try deskrun()
    let events = try await run(try await deployer.planAdd(Self.installation()), deployer)
    for case .finished(let step, let outcome, _) in events {
      if case .changed = outcome { #expect(step.hasPrefix("listener/"), "\(step) changed something") }
    }
  }

  @Test func `a plan says that a scale set is updated where something of it is another`() async throws {
    func forecast(_ plan: Plan) -> String? { plan.steps.first { $0.id == "scale-set/web-ci" }?.forecast }
    let deployer = try deskrun()
    #expect(try await forecast(deployer.planAdd(Self.installation())) == "new")
    try await add(Self.installation())
    #expect(try await forecast(deployer.planUp()) == "exists")
    var changed = try Self.installation()
    changed.runners = try RunnerCounts(minimum: 1, maximum: 9)
    #expect(try await forecast(deployer.planEdit(changed)) == "exists, updated")
  }

  /// Whichever call fails, nothing is lost, and the same command then succeeds.
  @Test(arguments: [ContainerMode.cachedPrivilegedKubernetes])
  func `a failure anywhere can be run again`(mode: ContainerMode) async throws {
    let installation = try Self.installation(mode: mode, caches: ["/root/.cache"])
    let deployer = try deskrun()
    try await run(try await deployer.planAdd(installation), deployer)
    let calls = cluster.with { $0.calls }
    #expect(calls > 15)
    for failing in stride(from: 1, through: calls, by: Rounds.count(2, soak: 1)) {
      let attempt = try PlanTests()
      attempt.cluster.with { $0.failAt = failing }
      do {
        let deployer = try attempt.deskrun()
        try await attempt.run(try await deployer.planAdd(installation), deployer)
      } catch let error as EngineError {
        #expect(!error.what.isEmpty)
        #expect(error.kind != .interrupted)
      }
      attempt.cluster.with { $0.failAt = nil }
      try await attempt.add(installation)
      let state = attempt.cluster.with { $0 }
      #expect(state.releases["web-ci"]?.status == "deployed", "after a failure of call \(failing)")
      #expect(state.currentContext == "work", "after a failure of call \(failing)")
    }
  }

  @Test func `a failed removal forgets nothing`() async throws {
    let installation = try Self.installation(mode: .cachedPrivilegedKubernetes)
    try await add(installation)
    let before = cluster.with { $0 }
    let deployer = try deskrun()
    try await run(try await deployer.planRemove(installation.name, policy: .finishJobs), deployer)
    let calls = cluster.with { $0.calls } - before.calls
    #expect(try store.load().installations.isEmpty)
    for failing in stride(from: 1, through: calls, by: Rounds.count(2, soak: 1)) {
      let attempt = try PlanTests()
      try await attempt.add(installation)
      attempt.cluster.with { $0.failAt = $0.calls + failing }
      let deployer = try attempt.deskrun()
      do {
        try await attempt.run(try await deployer.planRemove(installation.name, policy: .finishJobs), deployer)
      } catch is EngineError {
        #expect(try attempt.store.load().installations.count == 1, "forgotten after a failure of call \(failing)")
      }
      attempt.cluster.with { $0.failAt = nil }
      if try !attempt.store.load().installations.isEmpty {
        try await attempt.run(try await deployer.planRemove(installation.name, policy: .finishJobs), deployer)
      }
      let state = attempt.cluster.with { $0 }
      #expect(state.objects.keys.filter { $0.contains("web-ci") } == [], "after a failure of call \(failing)")
      #expect(try attempt.store.load().installations.isEmpty)
    }
  }

  @Test func `removal waits for busy runners before it takes the secret`() async throws {
    cluster.with { _ = $0.busy.insert("web-ci") }
    try await add(Self.installation())
    let deployer = try deskrun()
    let name = try InstallationName("web-ci")
    let plan = try await deployer.planRemove(name, policy: .finishJobs)
    let task = Task { try await run(plan, deployer) }
    while cluster.with({ $0.releases["web-ci"] != nil }) { await Task.yield() }
    for _ in 0..<50 { try await Task.sleep(for: .milliseconds(1)) }
    #expect(cluster.with { $0.objects["secrets/web-ci-credentials"] } != nil)
    cluster.with { state in
      state.busy = []
      FakeCluster.takeAway("web-ci", &state)
    }
    let events = try await task.value
    #expect(cluster.with { $0.objects["secrets/web-ci-credentials"] } == nil)
    #expect(
      events.contains { event in
        event.saysProgress("web-ci-runner (build)")
      })
  }

  @Test func `removal can interrupt busy runners`() async throws {
    cluster.with { _ = $0.busy.insert("web-ci") }
    try await add(Self.installation())
    let deployer = try deskrun()
    try await run(try await deployer.planRemove(InstallationName("web-ci"), policy: .interrupt), deployer)
    #expect(cluster.with { $0.objects.keys.filter { $0.contains("web-ci") } } == [])
  }

  @Test func `a scale set that never goes can be forced`() async throws {
    try await add(Self.installation())
    cluster.with { state in
      // The controller was removed first, so nothing removes the finalizers.
      state.objects["deployments/\(ARCCharts.controllerDeployment)"] = nil
    }
    let deployer = try deskrun()
    try await run(
      try await deployer.planRemove(InstallationName("web-ci"), policy: .interrupt, force: true), deployer)
    #expect(cluster.with { $0.objects.keys.filter { $0.contains("web-ci") } } == [])
  }

  @Test func `a refused token is explained and the same command with another succeeds`() async throws {
    cluster.with { $0.refusesToken = true }
    await #expect {
      try await add(Self.installation(token: "ghp_badbadbadbadbadbad"))
    } throws: { error in
      guard let error = error as? EngineError else { return false }
      return error.kind == .unauthorized && error.why?.contains("401") == true && error.fix?.contains("repo") == true
    }
    #expect(try store.load().installations.count == 1, "it is saved, so nothing has to be typed again")
    cluster.with { $0.refusesToken = false }
    try await add(Self.installation(token: "ghp_goodgoodgoodgoodgood"))
    #expect(cluster.with { $0.objects["autoscalinglisteners/web-ci-listener"] } != nil)
  }

  @Test func `a stopped node is started not recreated`() async throws {
    try await add(Self.installation())
    cluster.with { $0.node = "exited" }
    let deployer = try deskrun()
    try await run(try await deployer.planUp(), deployer)
    let state = cluster.with { $0 }
    #expect(state.node == "running")
    #expect(state.log.filter { $0.contains("create cluster") }.count == 1)
  }

  @Test func `Docker down says so`() async throws {
    cluster.with { $0.dockerRuns = false }
    await #expect {
      try await add(Self.installation())
    } throws: { error in
      (error as? EngineError)?.kind == .unreachable && (error as? EngineError)?.what == "Docker is not running"
    }
  }

  @Test func `down and up bring the same back`() async throws {
    try await add(Self.installation(caches: ["/root/.cache"]))
    let values = cluster.with { $0.releases["web-ci"]?.values }
    let deployer = try deskrun()
    try await run(try await deployer.planDown(policy: .interrupt), deployer)
    #expect(cluster.with { $0.node } == nil)
    #expect(try store.load().installations.count == 1)
    try await run(try await deployer.planUp(), deployer)
    #expect(cluster.with { $0.releases["web-ci"]?.values } == values)
  }

  @Test func `an interrupted installation is cleared and done`() async throws {
    try await add(Self.installation())
    cluster.with { $0.releases["web-ci"]?.status = "pending-install" }
    try await add(Self.installation())
    #expect(cluster.with { $0.releases["web-ci"]?.status } == "deployed")
  }

  @Test func `skew is refused and upgrade mends it`() async throws {
    try await add(Self.installation())
    cluster.with { state in
      let key = "deployments/\(ARCCharts.controllerDeployment)"
      state.releases[ARCCharts.controllerRelease]?.version = "0.13.0"
      state.objects[key] = state.objects[key].flatMap { object in
        try? JSONValue(parsing: object.encoded().replacing(SupportedARC.newest.description, with: "0.13.0"))
      }
    }
    await #expect {
      try await add(Self.installation("other"))
    } throws: { error in
      (error as? EngineError)?.fix?.contains("deskrun upgrade") == true
    }
    #expect(cluster.with { $0.releases["other"] } == nil)
    #expect(try store.load().installations.count == 1, "what is refused before anything happens is not saved")
    let deployer = try deskrun()
    try await run(try await deployer.planUpgrade(policy: .finishJobs), deployer)
    let state = cluster.with { $0 }
    #expect(state.releases[ARCCharts.controllerRelease]?.version == SupportedARC.newest.description)
    #expect(state.releases["web-ci"] != nil)
    try await add(Self.installation("other"))
  }

  @Test func `instances are scale sets of their own`() async throws {
    try await add(Self.installation("ci", mode: .kubernetes, caches: ["/root/.cache"], instances: 3))
    let state = cluster.with { $0 }
    #expect(Set(state.releases.keys) == [ARCCharts.controllerRelease, "ci-1", "ci-2", "ci-3"])
    #expect(state.releases["ci-2"]?.values["maxRunners"] == 1)
    #expect(state.releases["ci-2"]?.values["githubConfigSecret"] == "ci-credentials")
    #expect(state.releases["ci-2"]?.values.encoded().contains("/host-cache/deskrun/ci-2/cache-0") == true)
    let deployer = try deskrun()
    try await run(
      try await deployer.planEdit(Self.installation("ci", caches: ["/root/.cache"], instances: 2)), deployer)
    #expect(Set(cluster.with { $0.releases.keys }) == [ARCCharts.controllerRelease, "ci-1", "ci-2"])
  }

  @Test func `new labels need a new scale set`() async throws {
    try await add(Self.installation(labels: ["linux"]))
    let deployer = try deskrun()
    let plan = try await deployer.planEdit(Self.installation(labels: ["linux", "gpu"]))
    #expect(plan.steps.contains { $0.id == "uninstall/web-ci" })
    try await run(plan, deployer)
    #expect(cluster.with { $0.releases["web-ci"]?.values["scaleSetLabels"] } == ["linux", "gpu"])
  }

  @Test func `cancellation says that the command can be run again`() async throws {
    let deployer = try deskrun()
    let plan = try await deployer.planAdd(Self.installation())
    let task = Task {
      withUnsafeCurrentTask { $0?.cancel() }
      return try await run(plan, deployer)
    }
    await #expect {
      try await task.value
    } throws: { error in
      (error as? EngineError)?.kind == .interrupted
    }
    try await add(Self.installation())
  }

  @Test func `another cluster needs no kind and is not deleted`() async throws {
    cluster.with { state in
      state.contexts.insert("prod")
      state.node = "running"
    }
    let deployer = try deskrun(.existing(context: "prod"))
    let installation = try Self.installation(caches: ["/root/.cache"])
    let plan = try await deployer.planAdd(installation)
    #expect(!plan.steps.contains { $0.id == "docker" || $0.id == "cluster" })
    #expect(plan.warnings.contains { $0.contains("/tmp/github-runner-cache/web-ci/cache-0") })
    try await run(plan, deployer)
    let log = cluster.with { $0.log }
    #expect(!log.contains { $0.hasPrefix("kind") || $0.hasPrefix("docker") })
    try await run(try await deployer.planDown(policy: .interrupt), deployer)
    #expect(cluster.with { $0.node } == "running")
    #expect(cluster.with { $0.releases.isEmpty })
  }
}
