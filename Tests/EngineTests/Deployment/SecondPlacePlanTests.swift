import TestSupport
import Testing

@testable import ARC
@testable import Basics
@testable import Deployment
@testable import Installations
@testable import Tools

/// Plans for installations of one name on two clusters.
@Suite struct SecondPlacePlanTests {
  let home: PlanTests
  let other = FakeCluster()

  init() throws {
    home = try PlanTests()
    for (cluster, context) in [(home.cluster, "lab-a"), (other, "lab-b")] {
      cluster.with { state in
        state.node = "running"
        state.uid = context
        state.contexts.insert(context)
      }
    }
  }

  private var a: Deployer { get throws { try home.deskrun(.existing(context: "lab-a")) } }
  private var b: Deployer { get throws { try deployer(.existing(context: "lab-b")) } }

  private func deployer(_ target: ClusterTarget) throws -> Deployer {
    let deployer = try home.deskrun(target)
    return Deployer(
      toolbox: Toolbox(runner: other, environment: home.environment, target: target), store: deployer.store,
      credentials: deployer.credentials, pace: deployer.pace)
  }

  private func installation(_ group: String? = nil) throws -> Installation {
    var installation = try PlanTests.installation("web-ci", url: "https://github.com/acme")
    installation.settings.runnerGroup = group
    return installation
  }

  private func addBoth() async throws {
    try await home.run(try await a.planAdd(installation()), a)
    try await home.run(try await b.planAdd(installation("second")), b)
  }

  private let second = "web-ci@lab-b"

  @Test func `the second is the same release on the other cluster, in its own runner group`() async throws {
    try await addBoth()
    #expect(try home.store.load().installations.map(\.name.description) == ["web-ci", second])
    for cluster in [home.cluster, other] {
      #expect(cluster.with { $0.releases["web-ci"] } != nil)
      #expect(cluster.with { $0.objects["secrets/web-ci-credentials"] } != nil)
    }
    // What is there is the installation's own.
    #expect(try await b.planUp().steps.contains { $0.id == "scale-set/web-ci" })
    let again = try await b.planAdd(installation("second"))
    #expect(again.title == "Add \(second)" && !again.steps.contains { $0.title.contains("configuration") })
    try await home.run(try await b.plan(for: .scale(second, Scaling("3"))), b)
    let runners = try home.store.load().installations.map(\.runners.maximum)
    #expect(runners == [RunnerCounts.standard.maximum, 3])
  }

  @Test func `each is removed from its own cluster`() async throws {
    try await addBoth()
    let elsewhere = await #expect(throws: EngineError.self) {
      _ = try await a.plan(for: .remove(second, .interrupt, force: false))
    }
    #expect(elsewhere?.what.contains("lab-b") == true)
    let plan = try await a.plan(for: .remove("web-ci", .interrupt, force: false))
    #expect(plan.notes == ["\(second) is called web-ci from then on"])
    try await home.run(plan, a)
    #expect(home.cluster.with { $0.releases["web-ci"] } == nil && other.with { $0.releases["web-ci"] } != nil)
    #expect(home.cluster.with { $0.objects["secrets/web-ci-credentials"] } == nil)
    let left = try home.store.load()
    #expect(left.installations.map(\.name.description) == ["web-ci"])
    #expect(left.identity(of: try InstallationName("web-ci"))?.uid == "lab-b")
    try await home.run(try await b.plan(for: .remove("web-ci", .interrupt, force: false)), b)
    #expect(
      other.with { $0.releases["web-ci"] } == nil && other.with { $0.objects["secrets/web-ci-credentials"] } == nil)
  }

  @Test func `the same runner group is refused with both ways out`() async throws {
    try await home.run(try await a.planAdd(installation()), a)
    let error = await #expect(throws: EngineError.self) { _ = try await b.planAdd(installation()) }
    #expect(error?.what.contains("lab-a") == true)
    #expect(error?.fix?.contains("another name") == true && error?.fix?.contains("--runner-group") == true)
    #expect(other.with { $0.releases["web-ci"] } == nil)
    try await home.run(try await b.planAdd(installation("second")), b)
    var wanted = try #require(try home.store.load().all.named(second))
    wanted.settings.runnerGroup = nil
    await #expect(throws: EngineError.self) { _ = try await b.planEdit(wanted) }
  }

  @Test func `another context of the same cluster gets no second one`() async throws {
    try await home.run(try await a.planAdd(installation()), a)
    other.with { $0.uid = "lab-a" }
    let same = await #expect(throws: EngineError.self) { _ = try await b.planAdd(installation("second")) }
    #expect(same?.what.contains("on this cluster") == true, "\(String(describing: same))")
    // Nor does one of which it is not known: both would be the same release.
    other.with { $0.uid = nil }
    let unknown = await #expect(throws: EngineError.self) { _ = try await b.planAdd(installation("second")) }
    #expect(unknown?.why?.contains("not known whether lab-b is another cluster") == true)
    #expect(try home.store.load().installations.count == 1)
  }

  @Test func `none is bound to the cluster of the other`() async throws {
    try await addBoth()
    other.with { _ = $0.contexts.insert("lab-c") }
    let c = try deployer(.existing(context: "lab-c"))
    for deployer in [try b, c] {
      let error = await #expect(throws: EngineError.self) { _ = try await deployer.plan(for: .rebind("web-ci")) }
      #expect(error?.what.contains("another installation of that name, \(second)") == true)
    }
    // The context of the first means the cluster of the second now: it cannot be removed there.
    other.with { _ = $0.contexts.insert("lab-a") }
    let astray = try deployer(.existing(context: "lab-a"))
    let error = await #expect(throws: EngineError.self) { _ = try await astray.plan(for: .rebind("web-ci")) }
    #expect(error?.fix?.contains("deskrun remove web-ci --skip-cluster") == true, "\(String(describing: error))")
    // The second one's own context was renamed.
    #expect(try await !c.plan(for: .rebind(second)).steps.isEmpty)
  }
}
