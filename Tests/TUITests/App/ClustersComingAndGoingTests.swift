import Engine
import Testing

@testable import ARC
@testable import Basics
@testable import DashboardCore
@testable import DashboardPanes
@testable import Deployment
@testable import Installations
@testable import Knowledge
@testable import Kubernetes
@testable import TUI
@testable import TerminalKit
@testable import Tools

/// Clusters that an open dashboard gets or loses.
extension SeveralClustersTests {
  @Test func `a cluster that the configuration has something on is shown as soon as it does`() throws {
    for follows in [true, false] {
      let driver = try Driver.watching(settings: { $0.followsConfiguration = follows })
      driver.forget()
      var configuration = try World().configuration
      for installation in try Self.prodWorld().installations { configuration.set(installation) }
      driver.send(.configuration(.success(configuration)))
      #expect(driver.effects.contains(.watch(Self.prod, cluster: 1)) == follows)
      #expect(driver.model.clusters.count == (follows ? 2 : 1))
      driver.shows("api-ci")
      if follows { driver.hides("lives on prod") } else { driver.shows("lives on prod") }
    }
  }

  @Test(arguments: [true, false])
  func `a cluster that nothing lives on any more goes with its watches, unless it was named`(follows: Bool) throws {
    let driver = try Self.watchingTwo(160, 50, settings: { $0.followsConfiguration = follows })
    driver.shows("api-ci-x-q8w2e")
    driver.forget()
    driver.send(.configuration(.success(try World().configuration)))
    #expect(driver.effects.contains(.unwatch(cluster: 1)) == follows)
    #expect(driver.model.hasSeveralClusters != follows)
    guard follows else { return driver.shows("api-ci-x-q8w2e") }
    driver.hides("api-ci")
    driver.hides("prod")
    driver.press(.character("4"))
    driver.shows("there is only one")
    // What it still says is not shown either.
    driver.send(.of(cluster: 1, .observed(try Self.prodWorld().observation)))
    driver.hides("api-ci")
    // It returns in its place.
    var configuration = try World().configuration
    for installation in try Self.prodWorld().installations { configuration.set(installation) }
    driver.send(.configuration(.success(configuration)))
    #expect(driver.effects.contains(.watch(Self.prod, cluster: 1)))
    driver.send(.of(cluster: 1, .observed(try Self.prodWorld().observation)))
    driver.shows("api-ci-x-q8w2e")
  }

  @Test func `with one cluster left, the tab of clusters gives way to another`() throws {
    let driver = try Self.watchingTwo(160, 50, settings: { $0.followsConfiguration = true })
    driver.press(.character("4"))
    driver.shows("KUBERNETES")
    driver.send(.configuration(.success(try World().configuration)))
    driver.hides("KUBERNETES")
    driver.hides("narrow")
  }

  @Test func `the first cluster can go too`() throws {
    let driver = try Self.watchingTwo(160, 50, settings: { $0.followsConfiguration = true })
    driver.forget()
    var configuration = Configuration()
    for installation in try Self.prodWorld().installations { configuration.set(installation) }
    driver.send(.configuration(.success(configuration)))
    #expect(driver.effects.contains(.unwatch(cluster: 0)))
    #expect(driver.model.shownClusters == [1] && driver.model.meantCluster == 1)
    driver.shows("api-ci-x-q8w2e")
    driver.shows("prod")
    driver.hides("kind-deskrun")
  }

  @Test func `a cluster that a plan still changes stays until the plan is over`() throws {
    let driver = try Self.watchingTwo(160, 50, settings: { $0.followsConfiguration = true })
    driver.press(.character("/"))
    driver.type("api-ci")
    driver.press(.enter, .character("d"), .tab, .enter)
    let activity = try #require(driver.model.activities.last, "\(driver.screen)")
    #expect(activity.cluster == 1)
    driver.send(.configuration(.success(try World().configuration)))
    #expect(driver.model.hasSeveralClusters)
    driver.send(.activityEnded(activity: activity.id, nil))
    #expect(!driver.model.hasSeveralClusters)
  }

  @Test(arguments: [(80, 24), (160, 50)])
  func `the runners of a cluster that is not known are missing for its reason`(columns: Int, rows: Int) throws {
    let driver = try Self.watchingTwo(columns, rows, isProdKnown: false)
    let refusal = EngineError(.unauthorized, "Not allowed", obstacle: .forbidden("listing pods in ci"))
    driver.send(.of(cluster: 1, .observed(ClusterObservation(cluster: .unreachable(refusal), snapshot: nil))))
    driver.press(.character("4"), .down, .enter)
    #expect(driver.model.clusterScope == 1)
    driver.shows("The cluster prod does not allow listing pods")
    driver.hides("Nothing is known")
    driver.hides("does not answer")
  }

  @Test func `what was known under a context that was renamed is no longer shown`() throws {
    let driver = try Self.watchingTwo(160, 50, settings: { $0.followsConfiguration = true })
    driver.send(.of(cluster: 1, .observed(try Self.lost())))
    driver.shows("api-ci-x-q8w2e")
    var configuration = try World().configuration
    for var installation in try Self.prodWorld().installations {
      installation.place = ClusterPlace(context: "renamed")
      configuration.set(installation)
    }
    driver.send(.configuration(.success(configuration)))
    driver.hides("api-ci-x-q8w2e")
    #expect(driver.model.statuses.filter { $0.name == "api-ci" }.map(\.cluster) == [2])
    driver.send(.of(cluster: 2, .observed(try Self.prodWorld().observation)))
    driver.shows("api-ci-x-q8w2e")
    #expect(driver.model.statuses.filter { $0.name == "api-ci" }.map(\.cluster) == [2])
    #expect(!driver.model.findings.contains { $0.cluster == 1 })
  }

  @Test func `a job of which nobody noted the cluster is that of its installation`() throws {
    let driver = try Self.watchingTwo()
    func record(_ runner: String, _ set: String) -> JobRecord {
      JobRecord(
        runner: runner, scaleSet: set, job: Job(), started: World.now - 900, finished: World.now - 800,
        result: .succeeded)
    }
    driver.send(.history([record("api-ci-x-old", "api-ci"), record("nix-x-old", "nix-builder")]))
    let jobs = driver.model.jobs.filter { $0.value.runner.hasSuffix("-old") }
    #expect(jobs.count == 2)
    #expect(jobs.first { $0.value.scaleSet == "api-ci" }?.cluster == 1)
    #expect(jobs.first { $0.value.scaleSet == "nix-builder" }?.cluster == 0)
  }

  // MARK: One scale set for GitHub

  @Test func `one scale set name for one URL on two clusters is a finding that names the other`() throws {
    let driver = try Self.watchingTwo(120, 40)
    #expect(!driver.model.findings.contains { $0.value.rule == .listenerConflict })
    var world = try Self.prodWorld()
    world.addSet("nix-builder", url: "https://github.com/acme/infra/")
    driver.send(.of(cluster: 1, .observed(world.observation)))
    let found = driver.model.findings.filter { $0.value.rule == .listenerConflict }
    #expect(found.map(\.cluster) == [0, 1])
    let first = try #require(found.first?.value)
    #expect(first.title == "nix-builder: the cluster prod has a scale set nix-builder for the same GitHub URL")
    #expect(first.remedy.contains("another name") && !first.remedy.contains("--runner-group"))
    #expect(driver.model.statuses.first { $0.value.name == "nix-builder" }?.value.problem?.severity == .bad)
  }
}
