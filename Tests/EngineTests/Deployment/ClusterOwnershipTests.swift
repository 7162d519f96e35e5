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

/// A kind cluster that deskrun did not create is never recreated, started, stopped or deleted.
@Suite struct ClusterOwnershipTests {
  let base: PlanTests
  var cluster: FakeCluster { base.cluster }

  init() throws { base = try PlanTests() }

  private func deletions() -> Int { cluster.with { $0.log.filter { $0.hasPrefix("kind delete") }.count } }
  private func creations() -> Int { cluster.with { $0.log.filter { $0.hasPrefix("kind create") }.count } }

  /// As with podman beside docker: kind has the cluster, but docker does not show its node.
  @Test(arguments: [Int32(0), 1])
  func `up uses a live cluster whose node is not shown`(status: Int32) async throws {
    try await base.add(PlanTests.installation())
    cluster.with { $0.inspectShowsNothing = status }
    let deployer = try base.deskrun()
    let events = try await base.run(try await deployer.planUp(), deployer)
    #expect(cluster.with { $0.node } == "running")
    #expect(cluster.with { $0.releases["web-ci"] } != nil)
    #expect((creations(), deletions()) == (1, 0))
    #expect(
      events.contains {
        if case .warning("cluster", let text) = $0 { text.contains("kind lists the cluster deskrun") } else { false }
      })
  }

  @Test func `a cluster that is not shown and does not answer is not taken for absent`() async throws {
    try await base.add(PlanTests.installation())
    cluster.with { state in
      state.inspectShowsNothing = 0
      state.failOn = "get --raw"
    }
    let deployer = try base.deskrun()
    await #expect {
      try await base.run(try await deployer.planUp(), deployer)
    } throws: { error in (error as? EngineError)?.kind == .unreachable }
    #expect((creations(), deletions()) == (1, 0))
    // Its installation is not forgotten either, as if nothing were running.
    await #expect(throws: EngineError.self) {
      try await base.run(
        try await deployer.planRemove(InstallationName("web-ci"), policy: .finishJobs), deployer)
    }
    #expect(try base.store.load().installations.count == 1)
  }

  /// Another process creates a cluster of this name between the check and the creation.
  @Test(arguments: [
    "ERROR: failed to create cluster: node(s) already exist for a cluster with the name \"deskrun\"",
    "docker: Error response from daemon: Conflict. The container name \"/deskrun-control-plane\" is in use",
  ])
  func `a cluster created by another meanwhile stays`(text: String) async throws {
    cluster.with { $0.createFailure = (text, .foreign) }
    await #expect(throws: EngineError.self) { try await base.add(PlanTests.installation()) }
    #expect(cluster.with { $0.node } == "running")
    #expect(deletions() == 0)
    #expect(cluster.with { $0.log.contains { $0.contains("create cluster") && $0.contains("--retain") } })
    // The installation is saved, but this does not make the cluster deskrun's.
    let deployer = try base.deskrun()
    #expect(try base.store.load().installations.count == 1)
    await #expect(throws: EngineError.self) { _ = try await deployer.planDeleteCluster() }
  }

  @Test(arguments: ["ERROR: failed to create cluster: kubeadm init failed", "^C"])
  func `what a creation that failed or was stopped left is deleted`(text: String) async throws {
    cluster.with { $0.createFailure = (text, .own) }
    await #expect(throws: EngineError.self) { try await base.add(PlanTests.installation()) }
    #expect(cluster.with { $0.node } == nil)
    #expect(deletions() == 1)
  }

  @Test(arguments: ["ERROR: unknown flag", "^C"])
  func `a creation that never began deletes nothing`(text: String) async throws {
    cluster.with { $0.createFailure = (text, .nothing) }
    await #expect(throws: EngineError.self) { try await base.add(PlanTests.installation()) }
    #expect(deletions() == 0)
  }

  @Test(arguments: ["running", "exited"])
  func `a foreign cluster of the default name is left alone`(status: String) async throws {
    cluster.with { state in
      state.node = status
      state.contexts.insert("kind-deskrun")
    }
    let deployer = try base.deskrun()
    let installation = try PlanTests.installation()
    let plans: [@Sendable () async throws -> Plan] = [
      { try await deployer.planAdd(installation) }, { try await deployer.planUp() },
      { try await deployer.planDown(policy: .interrupt) }, { try await deployer.planDeleteCluster() },
      { try await deployer.planStopCluster() }, { try await deployer.planCreateCluster() },
    ]
    for plan in plans {
      await #expect {
        _ = try await plan()
      } throws: { error in
        (error as? EngineError)?.what == "A kind cluster named deskrun exists, and deskrun did not create it"
      }
    }
    #expect(cluster.with { $0.node } == status)
    #expect(!FileManager.default.fileExists(atPath: try base.store.paths.configuration))
  }

  /// The nodes of the earlier program do not always mount the cache folder, but its configuration names the cluster.
  @Test func `a cluster that the configuration names is deskruns`() async throws {
    try base.store.update { $0 = try Configuration(document: ["cluster_name": "deskrun", "installations": [:]]) }
    cluster.with { $0.node = "running" }
    let deployer = try base.deskrun()
    try await base.run(try await deployer.planDeleteCluster(), deployer)
    #expect(cluster.with { $0.node } == nil)
  }

  @Test func `a cluster that deskrun created is known without configuration`() async throws {
    try await base.add(PlanTests.installation())
    try FileManager.default.removeItem(atPath: base.store.paths.configuration)
    let deployer = try base.deskrun()
    try await base.run(try await deployer.planDeleteCluster(), deployer)
    #expect(cluster.with { $0.node } == nil)
  }

  @Test func `the configuration names the cluster once it is created`() async throws {
    try base.store.update { $0.use(context: "prod", kubeconfig: nil) }
    try base.store.update { $0.use(context: nil, kubeconfig: nil) }
    #expect(try base.store.load().namesCluster == false, "choosing another cluster says nothing about this one")
    try await base.add(PlanTests.installation())
    #expect(try base.store.load().namesCluster)
  }

  /// The state may have changed since the plan was made.
  @Test func `a foreign cluster that appears after the plan is not deleted`() async throws {
    try await base.add(PlanTests.installation())
    try FileManager.default.removeItem(atPath: base.store.paths.configuration)
    let deployer = try base.deskrun()
    let plan = try await deployer.planDeleteCluster()
    cluster.with { $0.mounts = [] }
    await #expect(throws: EngineError.self) { try await base.run(plan, deployer) }
    #expect(cluster.with { $0.node } == "running")
  }

  @Test func `caches of an entry that cannot be read are not left behind`() throws {
    let folder = try TemporaryFolder()
    for name in ["broken/cache-0", "broken-2/cache-0", "gone/cache-0"] {
      try FileManager.default.createDirectory(
        atPath: "\(folder.path)/\(name)", withIntermediateDirectories: true)
    }
    let configuration = try Configuration(document: ["installations": ["broken": ["Repository": 7]]])
    let inventory = CacheInventory(root: folder.path, configuration: configuration)
    #expect(inventory.list().filter { $0.installation == nil }.map(\.scaleSet) == ["gone"])
  }
}
