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

/// Reboots, interrupted creations and mounts, as observed with real kind.
@Suite(.timeLimit(.minutes(20))) struct ClusterLifecycleTests {
  let base: PlanTests
  var cluster: FakeCluster { base.cluster }

  init() throws { base = try PlanTests() }

  private func count(_ call: String) -> Int { cluster.with { $0.log.filter { $0.hasPrefix(call) }.count } }
  private func inspector() throws -> ClusterInspector { ClusterInspector(toolbox: try base.deskrun().toolbox) }
  private func ago(_ seconds: Int64) -> Int64 { SystemTime.secondsSince1970() - seconds }

  // MARK: Reboot

  /// In the order in which they occur with real kind.
  private static let refusals = [
    "Unable to connect to the server: EOF",
    "Unable to connect to the server: read tcp 127.0.0.1:53810->127.0.0.1:44181: read: connection reset by peer",
    "Error from server (Forbidden): forbidden: User \"kubernetes-admin\" cannot get path \"/version\"",
    "Error from server (ServiceUnavailable): the server is currently unable to handle the request",
  ]

  @Test func `after a reboot the API is waited for whatever it answers`() async throws {
    try await base.add(PlanTests.installation())
    cluster.with { state in
      state.node = "exited"
      state.apiRefusals = Self.refusals
    }
    let deployer = try base.deskrun()
    let events = try await base.run(try await deployer.planUp(), deployer)
    #expect(cluster.with { $0.apiRefusals } == [])
    #expect(events.contains { $0.saysProgress("waiting for the API to start") })
    #expect(count("kind create") == 1)
  }

  /// Docker started the node when the computer started.
  @Test func `a removal while the cluster starts waits for it`() async throws {
    try await base.add(PlanTests.installation())
    cluster.with { state in
      state.startedAt = ago(5)
      state.apiRefusals = Self.refusals
    }
    let deployer = try base.deskrun()
    let name = try InstallationName("web-ci")
    try await base.run(try await deployer.planRemove(name, policy: .finishJobs), deployer)
    #expect(cluster.with { $0.releases["web-ci"] } == nil)
    #expect(try base.store.load().installations.isEmpty)
  }

  @Test(arguments: refusals)
  func `a cluster whose node was just started is starting`(refusal: String) async throws {
    try await base.add(PlanTests.installation())
    for (age, isStarting) in [(Int64(5), true), (600, false)] {
      cluster.with { state in
        state.startedAt = ago(age)
        state.apiRefusals = [refusal]
      }
      let state = try await inspector().state()
      if case .starting = state {
        #expect(isStarting, "started \(age) s ago")
      } else {
        #expect(!isStarting, "started \(age) s ago, \(state)")
      }
    }
  }

  /// The API server returns its version before authorization works.
  @Test func `a version alone is not ready`() async throws {
    try await base.add(PlanTests.installation())
    cluster.with { state in
      state.startedAt = ago(5)
      state.failOn = "/storageclasses"
    }
    let deployer = try base.deskrun()
    let plan = try await deployer.planUp()
    cluster.with { state in
      state.failOn = nil
      // Requested in turn: the version, which is always returned, and something that needs a permission.
      state.forbidden = 3
      state.startedAt = ago(5)
    }
    let events = try await base.run(plan, deployer)
    #expect(cluster.with { $0.forbidden } == 0)
    #expect(events.contains { $0.saysProgress("waiting for the API to start") })
  }

  @Test func `a refusal by an old node is an error`() async throws {
    try await base.add(PlanTests.installation())
    let deployer = try base.deskrun()
    let plan = try await deployer.planUp()
    cluster.with { state in
      state.startedAt = ago(600)
      state.apiRefusals = [Self.refusals[2]]
    }
    let error = try #require(await base.failure { try await base.run(plan, deployer) })
    #expect(error.kind == .unauthorized)
  }

  // MARK: Interrupted creations

  /// Docker completes `docker run` after kind has deleted everything.
  @Test func `a node that appears after the interruption is deleted too`() async throws {
    cluster.with { state in
      state.createFailure = ("^C", .nothing)
      state.lateNode = (4, .own)
    }
    await #expect(throws: EngineError.self) { try await base.add(PlanTests.installation()) }
    #expect(cluster.with { $0.node } == nil)
    #expect(cluster.with { $0.lateNode } == nil)
    #expect(count("kind delete") == 1)
  }

  @Test func `another's node that appears after the interruption stays`() async throws {
    cluster.with { state in
      state.createFailure = ("^C", .own)
      state.lateNode = (4, .foreign)
    }
    await #expect(throws: EngineError.self) { try await base.add(PlanTests.installation()) }
    #expect(cluster.with { $0.node } == "running")
    #expect(count("kind delete") == 1)
  }

  @Test(arguments: ["running", "exited"])
  func `a node without an API is created again`(status: String) async throws {
    try await base.add(PlanTests.installation())
    cluster.with { state in
      state.node = status
      state.hasNoAdminConfiguration = true
      state.contexts.remove("kind-deskrun")
      state.startedAt = ago(600)
    }
    if status == "running" {
      let state = try await inspector().state()
      guard case .halfCreated(let error) = state else {
        Issue.record("\(state)")
        return
      }
      #expect(error.fix?.contains("`deskrun up`") == true)
    }
    let deployer = try base.deskrun()
    let plan = try await deployer.planUp()
    #expect(plan.lostPods.isEmpty, "nothing can run on it, so nothing is asked")
    try await base.run(plan, deployer)
    #expect(count("kind delete") == 1)
    #expect(count("kind create") == 2)
    #expect(cluster.with { $0.releases["web-ci"] } != nil)
  }

  /// It may be in creation.
  @Test func `a node that was just made is not called half created by those who only look`() async throws {
    try await base.add(PlanTests.installation())
    cluster.with { state in
      state.hasNoAdminConfiguration = true
      state.startedAt = ago(5)
    }
    let state = try await inspector().state()
    guard case .starting = state else {
      Issue.record("\(state)")
      return
    }
  }

  @Test func `a half created cluster of another stays`() async throws {
    try await base.add(PlanTests.installation())
    cluster.with { state in
      state.hasNoAdminConfiguration = true
      state.startedAt = ago(600)
      state.mounts = []
    }
    let deployer = try base.deskrun()
    // The configuration names the cluster, which does not prove who created this node.
    let error = try #require(await base.failure { try await base.run(try await deployer.planUp(), deployer) })
    #expect(error.what.contains("deskrun did not create it"))
    #expect(count("kind delete") == 0)
  }

  @Test func `a cluster without a storage class is created again and what runs on it is named`() async throws {
    try await base.add(PlanTests.installation())
    cluster.with { state in
      state.hasNoStorageClass = true
      state.startedAt = ago(600)
      for (name, namespace) in [("coredns", "kube-system"), ("database", "default")] {
        state.objects["pods/\(name)"] = [
          "metadata": ["name": .string(name), "namespace": .string(namespace)], "status": ["phase": "Running"],
        ]
      }
    }
    let deployer = try base.deskrun()
    let check = try #require(try await Doctor.storageClass(deployer.toolbox))
    #expect(check.verdict == .bad)
    let plan = try await deployer.planUp()
    #expect(plan.lostPods.contains("default/database"))
    #expect(!plan.lostPods.contains { $0.hasPrefix("kube-system/") })
    try await base.run(plan, deployer)
    #expect(count("kind create") == 2)
    #expect(try await Doctor.storageClass(deployer.toolbox) == nil)
  }

  @Test func `what was not asked about is not deleted`() async throws {
    try await base.add(PlanTests.installation())
    cluster.with { state in
      state.hasNoStorageClass = true
      state.startedAt = ago(600)
    }
    let deployer = try base.deskrun()
    let plan = try await deployer.planUp()
    cluster.with {
      $0.objects["pods/late"] = [
        "metadata": ["name": "late", "namespace": "default"], "status": ["phase": "Running"],
      ]
    }
    let error = try #require(await base.failure { try await base.run(plan, deployer) })
    #expect(error.why?.contains("default/late") == true)
    #expect(count("kind delete") == 0)
  }

  /// Its API responds, but that is not sufficient for a deployment.
  @Test(arguments: [true, false])
  func `a half created cluster that answers can be taken down`(hasController: Bool) async throws {
    try await base.add(PlanTests.installation())
    cluster.with { state in
      state.hasNoStorageClass = true
      state.startedAt = ago(600)
      if !hasController { state.objects["deployments/\(ARCCharts.controllerDeployment)"] = nil }
    }
    let deployer = try base.deskrun()
    try await base.run(try await deployer.planDown(policy: .finishJobs), deployer)
    #expect(cluster.with { $0.node } == nil)
  }

  @Test func `an installation on a half created cluster can be removed`() async throws {
    try await base.add(PlanTests.installation())
    cluster.with { state in
      state.hasNoStorageClass = true
      state.startedAt = ago(600)
    }
    let deployer = try base.deskrun()
    try await base.run(try await deployer.planRemove(InstallationName("web-ci"), policy: .finishJobs), deployer)
    #expect(cluster.with { $0.releases["web-ci"] } == nil)
    #expect(try base.store.load().installations.isEmpty)
    #expect(cluster.with { $0.node } == "running")
  }

  /// A node that another deskrun is creating has no API yet either.
  @Test func `a cluster that is being created is not half created`() async throws {
    try await base.add(PlanTests.installation())
    cluster.with { state in
      state.hasNoAdminConfiguration = true
      state.startedAt = ago(5)
    }
    let deployer = try base.deskrun()
    let locks = OperationLock(directory: try base.store.paths.locks)
    let whileCreated = try await locks.withLock(
      PlanExecutor.clusterLock(deployer.target), holder: .current("create the cluster")
    ) { try await deployer.observe() }
    #expect(!whileCreated.isHalfCreated)
    #expect(try await deployer.observe().isHalfCreated)
  }

  // MARK: Mounts

  @Test func `a mount of another installation blocks nothing`() async throws {
    try await base.add(PlanTests.installation("first"))
    try await base.add(PlanTests.installation("second"))
    try base.store.update { $0.set(try mounting("/srv/data:/data", name: "first")) }
    cluster.with { $0.node = "exited" }
    let deployer = try base.deskrun()
    let (first, second) = (try InstallationName("first"), try InstallationName("second"))
    await #expect(throws: EngineError.self) {
      try await base.run(try await deployer.planUp(only: [first]), deployer)
    }
    let plans: [() async throws -> Plan] = [
      { try await deployer.planUp(only: [second]) }, { try await deployer.planCreateCluster() },
      { try await deployer.planRemove(second, policy: .finishJobs) },
    ]
    for plan in plans {
      cluster.with { $0.node = "exited" }
      try await base.run(try await plan(), deployer)
    }
    #expect(cluster.with { $0.releases["second"] } == nil)
  }

  @Test func `a folder of another installation that cannot be made is left out`() async throws {
    try base.store.update { configuration in
      configuration.set(try mounting("/proc/nowhere:/data", name: "first"))
      configuration.set(try mounting("\(base.home)/nowhere.sock:/run/x.sock:Socket", name: "other"))
    }
    let deployer = try base.deskrun()
    let events = try await base.run(try await deployer.planAdd(PlanTests.installation("second")), deployer)
    let warnings = events.compactMap { if case .warning(_, let words) = $0 { words } else { nil } }
    #expect(warnings.contains { $0.contains("without /proc/nowhere, which another installation uses") })
    #expect(warnings.contains { $0.contains("nowhere.sock, which another installation uses") })
    #expect(cluster.with { $0.mounts.map(\.1) } == ["/host-cache/deskrun"])
    #expect(cluster.with { $0.releases["second"] } != nil)
  }

  private func mounting(_ text: String, name: String = "web-ci") throws -> Installation {
    var installation = try PlanTests.installation(name)
    installation.mounts = [try Mount(text)]
    return installation
  }

  @Test(arguments: ["/srv/data:/data", "/srv/data:/data:Directory", "/srv/data:/data:Socket"])
  func `a mount that the node was created without is refused before anything is saved`(mount: String) async throws {
    try await base.add(PlanTests.installation("first"))
    let error = try #require(await base.failure { try await base.add(mounting(mount)) })
    #expect(error.what.contains("/srv/data"))
    #expect(error.fix?.contains("`deskrun down`") == true)
    #expect(try base.store.load().installations.map(\.name.description) == ["first"])
    // A mount that only the other installation lacks does not prevent changing this one.
    try base.store.update { $0.set(try mounting(mount, name: "first")) }
    try await base.add(PlanTests.installation("second"))
  }

  @Test func `only deskruns own caches are opened`() throws {
    var installation = try PlanTests.installation(
      caches: ["/cargo", "/home/me/npm:/npm"])
    installation.mounts = [try Mount("/home/me/src:/src")]
    let volumes = CacheLocation.volumes(of: installation, scaleSet: "web-ci", isKind: true, cacheRoot: "/c")
    #expect(volumes.filter(\.isOwn).map(\.target) == ["/cargo"])
    let values = ScaleSetValues(
      .init(
        scaleSet: "web-ci", githubURL: "https://github.com/acme/web", secretName: "s", mode: .kubernetes, minimum: 0,
        maximum: 1, volumes: volumes))
    let preparation = values.json["template"]?["spec"]?["initContainers"]?[0]
    let text = preparation?.encoded() ?? ""
    #expect(text.contains("/cargo"))
    #expect(!text.contains("/npm") && !text.contains("/src"))
  }

  // MARK: Removal and credentials

  @Test func `a removal that waits for a dead runners job says so`() async throws {
    cluster.with { _ = $0.busy.insert("web-ci") }
    try await base.add(PlanTests.installation())
    cluster.with { $0.objects["pods/web-ci-runner"] = nil }
    let deployer = try base.deskrun()
    let plan = try await deployer.planRemove(InstallationName("web-ci"), policy: .finishJobs)
    let events = LockedEvents()
    let task = Task { try await deployer.run(plan) { events.append($0) } }
    try await base.wait {
      events.all.contains {
        $0.saysProgress("waiting for GitHub to release the job of web-ci-runner")
          && $0.saysProgress("`deskrun remove web-ci --force`")
      }
    }
    cluster.with { state in
      state.busy = []
      FakeCluster.takeAway("web-ci", &state)
    }
    try await task.value
  }

  @Test(arguments: [
    (
      #"failed to create session: failed(status="401 Unauthorized", activity_id="x"): VssUnauthorizedException"#,
      "rejects the credentials"
    ),
    (
      #"failed to get access token: 404 Not Found: POST https://api.github.com/app/installations/7/access_tokens"#,
      "no such installation of the GitHub App"
    ),
  ])
  func `an edit with credentials that GitHub refuses says so`(words: String, sentence: String) async throws {
    try await base.add(PlanTests.installation())
    cluster.with { $0.listenersEnd = "2026/11/25 14:09:02 Application returned an error: \(words)" }
    let deployer = try base.deskrun()
    let changed = try PlanTests.installation(token: "ghp_expiredexpiredexpired0123")
    let plan = try await deployer.planEdit(changed)
    let error = try #require(await base.failure { try await base.run(plan, deployer) })
    #expect(error.kind == .unauthorized)
    #expect(error.what.contains(sentence), "\(error.what)")
    #expect(error.fix?.contains("`deskrun edit web-ci") == true)
  }
}
