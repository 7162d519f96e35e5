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

/// Several clusters on one screen.
@Suite struct SeveralClustersTests {
  static let kind = ClusterTarget.kind(cluster: "deskrun")
  static let prod = ClusterTarget.existing(context: "prod")

  /// The second cluster: its own installation, and a scale set without a configuration that has the same name as one on
  /// the first cluster, and also a runner of the same name.
  static func prodWorld() throws -> World {
    var world = try World()
    (world.sets, world.runners, world.pods) = ([], [], [])
    var installation = try Installation(
      name: InstallationName("api-ci"), target: GitHubTarget("https://github.com/acme/api"), mode: .kubernetes,
      runners: RunnerCounts(minimum: 1, maximum: 4),
      authentication: .token(.literal(Secret("ghp_neverShownAnywhere0000000000000000000"))))
    installation.place = ClusterPlace(context: "prod")
    world.installations = [installation]
    world.addSet("api-ci", url: "https://github.com/acme/api")
    world.addSet("web-ci", url: "https://github.com/acme/other")
    world.addRunner("api-ci-x-q8w2e", set: "api-ci", age: 65, job: ("release", "acme/api", "release.yml", "v2"))
    world.addRunner("web-ci-x-96cfc", set: "web-ci", age: 40, job: ("deploy", "acme/other", "cd.yml", "main"))
    return world
  }

  /// A dashboard with two clusters.
  static func watchingTwo(
    _ columns: Int = 80, _ rows: Int = 24, isProdKnown: Bool = true, settings: (inout Settings) -> Void = { _ in }
  ) throws -> Driver {
    let driver = Driver(
      columns, rows, settings: settings,
      clusters: [
        ClusterSeat(target: kind, invocation: Invocation()),
        ClusterSeat(target: prod, invocation: Invocation().on(prod)),
      ])
    let (first, second) = (try World(), try prodWorld())
    var configuration = first.configuration
    for installation in second.installations { configuration.set(installation) }
    driver.send(.configuration(.success(configuration)))
    driver.observe(first)
    if isProdKnown { driver.send(.of(cluster: 1, .observed(second.observation))) }
    driver.jobsBegan()
    return driver
  }

  static let away = ClusterObservation(
    cluster: .unreachable(
      EngineError(.unreachable, "The cluster prod does not answer", why: "dial tcp 10.0.0.9:6443: i/o timeout")),
    nextTry: World.now + 12)

  /// The observation of a cluster that has just stopped responding.
  static func lost() throws -> ClusterObservation {
    var observation = away
    (observation.snapshot, observation.heardAt) = (try prodWorld().snapshot, World.now - 45)
    return observation
  }

  private func frames(_ make: (Int, Int) throws -> Driver) rethrows -> String {
    try [(80, 24), (160, 50)].map { "=== \($0)x\($1)\n" + (try make($0, $1)).screen }.joined()
  }

  @Test func `two clusters are shown together`() throws {
    try GoldenFrames.expect(try frames { try Self.watchingTwo($0, $1) }, "clusters")
  }

  @Test func `one that does not answer is told with its reason beside one that does`() throws {
    try GoldenFrames.expect(
      try frames { columns, rows in
        let driver = try Self.watchingTwo(columns, rows)
        driver.send(.of(cluster: 1, .observed(try Self.lost())))
        driver.forgetToasts()
        return driver.press(.character("4"))
      }, "clusters-away")
  }

  @Test func `with one cluster nothing names it a second time`() throws {
    let driver = try Driver.watching(nil, 160, 50)
    for text in ["CLUSTER", "Clusters"] { driver.hides(text) }
    driver.press(.character("4"))
    driver.shows("there is only one")
  }

  // MARK: Equal names

  /// Selects the runner of this name on the second cluster.
  private func selectTwin(_ driver: Driver) {
    driver.press(.character("2"), .character("/"))
    driver.type("web-ci-x-96cfc prod")
    driver.press(.enter)
  }

  @Test func `runners of one name on two clusters are two`() throws {
    let driver = try Self.watchingTwo()
    driver.press(.character("2"), .character("/"))
    driver.type("96cfc")
    driver.press(.enter)
    driver.shows("test (3.12)")
    driver.shows("deploy")
    #expect(driver.model.job(of: "web-ci-x-96cfc", in: 0)?.job.name == "test (3.12)")
    #expect(driver.model.job(of: "web-ci-x-96cfc", in: 1)?.job.name == "deploy")
    // Each stays selected when both clusters are observed again.
    driver.press(.down, .down)
    #expect(driver.model.selectedRunner?.cluster == 1)
    driver.send(.of(cluster: 1, .observed(try Self.prodWorld().observation)))
    driver.observe(try World())
    #expect(driver.model.selectedRunner?.cluster == 1)
  }

  @Test func `an installation counts the runners of its own cluster alone`() throws {
    let driver = try Self.watchingTwo()
    let counts = driver.model.statuses.filter { $0.value.name == "web-ci" }.map { ($0.cluster, $0.value.counts.busy) }
    #expect(counts.map(\.0) == [0, 1] && counts.map(\.1) == [2, 1])
    // With one cluster selected, the other's runners are hidden.
    driver.press(.character("1"), .character("/"))
    driver.type("web-ci prod")
    driver.press(.enter, .enter)
    driver.shows("prod/web-ci")
    driver.shows("deploy")
    driver.hides("lint")
  }

  @Test func `the log, the shell and a deletion go to the cluster of the runner`() throws {
    let driver = try Self.watchingTwo()
    selectTwin(driver)
    driver.forget()
    driver.press(.enter)
    #expect(
      driver.effects.contains { effect in
        guard case .on(1, .followLog(.runner(name: "web-ci-x-96cfc", _, _)?, _, let sources)) = effect else {
          return false
        }
        return sources.map(\.isLive) == [true]
      })
    driver.press(.character("2"), .character("x"))
    #expect(
      driver.effects.contains(
        .on(cluster: 1, .shell(pod: "web-ci-x-96cfc", container: "runner", namespace: ClusterTarget.namespace))))
    driver.press(.character("y"))
    #expect(
      driver.effects.contains { effect in
        if case .on(1, .fetchYAML("ephemeralrunners", "web-ci-x-96cfc", _, _, _)) = effect { true } else { false }
      })
  }

  @Test func `jobs of both are in one list, each with its cluster`() throws {
    let driver = try Self.watchingTwo(120, 40)
    driver.press(.character("J"))
    for text in ["release", "deploy", "lint", "CLUSTER"] { driver.shows(text) }
    driver.press(.character("/"))
    driver.type("prod")
    driver.press(.enter)
    let rows = driver.model.rows(of: JobsPane.self)
    #expect(Set(rows.map(\.value.job.name)) == ["release", "deploy"] && rows.allSatisfy { $0.cluster == 1 })
  }

  // MARK: Commands

  private func selectInstallation(_ name: String, _ driver: Driver) {
    driver.press(.character("1"), .home)
    for _ in driver.model.statuses where driver.model.selectedStatus?.value.name != name { driver.press(.down) }
  }

  @Test func `what is done with an installation is done on its cluster`() throws {
    let driver = try Self.watchingTwo()
    selectInstallation("api-ci", driver)
    driver.forget()
    driver.press(.character("U"))
    #expect(driver.effects.contains { if case .on(1, .run(.up("api-ci", arc: _), _)) = $0 { true } else { false } })
    driver.shows("on prod")
    let id = try #require(driver.model.activities.last?.id)
    driver.send(.of(cluster: 1, .activityEnded(activity: id, nil)))
    driver.forget()
    driver.press(.character("1"), .character("+"))
    driver.settleScaling()
    #expect(driver.effects.contains { if case .on(1, .run(.scale("api-ci", _), _)) = $0 { true } else { false } })
    selectInstallation("nix-builder", driver)
    driver.forget()
    driver.press(.character("U"))
    #expect(driver.effects.contains { if case .run(.up("nix-builder", arc: _), _) = $0 { true } else { false } })
  }

  @Test func `a form is about the cluster of its installation`() throws {
    let driver = try Self.watchingTwo()
    selectInstallation("api-ci", driver)
    driver.forget()
    driver.press(.character("e"))
    driver.shows("Change api-ci on prod")
    #expect(driver.effects.contains { if case .on(1, .preview) = $0 { true } else { false } })
  }

  @Test func `a name that another cluster has can be added, one that this cluster has cannot`() throws {
    let driver = try Self.watchingTwo()
    selectInstallation("api-ci", driver)
    driver.press(.character("a"))
    driver.shows("Add an installation on prod")
    driver.type("api-ci")
    driver.press(.tab)
    driver.shows("Installation api-ci already exists")
    driver.press(.backTab, .control("u"))
    driver.type("nix-builder")
    driver.press(.tab)
    driver.forget()
    driver.type("https://github.com/acme/api")
    driver.hides("already exists")
    driver.shows("runs-on: nix-builder")
    let names = driver.effects.compactMap { effect -> String? in
      if case .on(1, .preview(let request, _)) = effect { request.installation } else { nil }
    }
    #expect(names.last == "nix-builder@prod")
  }

  @Test func `the whole configuration is brought up on every cluster`() throws {
    let driver = try Self.watchingTwo()
    driver.forget()
    driver.press(.character(":"))
    driver.type("apply the whole")
    driver.press(.enter)
    #expect(driver.effects.contains { if case .run(.up(nil, arc: _), _) = $0 { true } else { false } })
    #expect(driver.effects.contains { if case .on(1, .run(.up(nil, arc: _), _)) = $0 { true } else { false } })
  }

  // MARK: Scope

  @Test func `Enter on a cluster narrows everything to it, and Esc goes back`() throws {
    let driver = try Self.watchingTwo()
    driver.press(.character("4"), .down, .enter)
    driver.shows("1 Installations ─ prod ─ 2 of 5")
    driver.shows("2 Runners ─ prod ─ 2")
    driver.hides("nix-builder")
    #expect(driver.model.rows(of: InstallationsPane.self).allSatisfy { driver.model.statuses[$0].cluster == 1 })
    #expect(driver.model.findings.allSatisfy { $0.cluster == 1 })
    driver.press(.escape)
    driver.shows("nix-builder")
    #expect(driver.model.clusterScope == nil)
    // Also from the pane above.
    driver.press(.enter, .character("1"), .escape)
    #expect(driver.model.clusterScope == nil)
  }

  @Test(arguments: [(80, 24), (160, 50)])
  func `a namespace that has nothing is named, with how to see all`(columns: Int, rows: Int) throws {
    var nothing = try World()
    (nothing.sets, nothing.runners, nothing.pods) = ([], [], [])
    var observation = nothing.observation
    observation.snapshot?.narrowedTo = "nope"
    let driver = Driver(columns, rows)
    driver.send(.configuration(.success(try World().configuration)))
    driver.send(.observed(observation))
    driver.shows("Nothing found in the namespace nope. Start deskrun without -n")
    // Beside the runners it has half of the width.
    if columns == 80 { driver.shows("without -n to see all.") }
    driver.shows("No runners in the namespace nope.")
    driver.hides("Press a to add one")
    // Where nothing is installed at all, too.
    let empty = Driver(columns, rows)
    empty.send(.configuration(.success(Configuration())))
    empty.send(.observed(observation))
    empty.shows("Nothing found in the namespace nope.")
    // Of several clusters the namespace is in the header.
    let two = try Self.watchingTwo(columns, rows)
    two.send(.observed(observation))
    two.send(.of(cluster: 1, .observed(observation)))
    two.shows("Nothing found in the namespace nope.")
    #expect(two.screen.split(separator: "\n").first?.contains("nope") == true)
    // One that cannot be read may have it.
    let one = try Self.watchingTwo(columns, rows, isProdKnown: false)
    one.send(.observed(observation))
    one.send(.of(cluster: 1, .observed(Self.away)))
    one.shows("No runners in the namespace nope; prod does not answer.")
    one.hides("None yet")
    one.hides("No runners now")
  }

  // MARK: One by two contexts

  @Test func `two contexts of one cluster show what is in it once`() throws {
    let alone = Driver(120, 40)
    let world = try World()
    alone.send(.configuration(.success(world.configuration)))
    alone.observe(world)
    let driver = Driver(
      120, 40,
      clusters: [
        ClusterSeat(target: Self.kind, invocation: Invocation()),
        ClusterSeat(target: Self.prod, invocation: Invocation().on(Self.prod)),
      ])
    var configuration = world.configuration
    // One of the installations is configured on the other context.
    var moved = try #require(configuration.all.first { $0.name.description == "web-ci" })
    moved.place = ClusterPlace(context: "prod")
    configuration.set(moved)
    driver.send(.configuration(.success(configuration)))
    driver.observe(world)
    driver.send(.of(cluster: 1, .observed(world.observation)))
    #expect(driver.model.shownTotals.current.all == alone.model.shownTotals.current.all)
    #expect(driver.model.joined.runners.count == alone.model.joined.runners.count)
    #expect(driver.model.statuses.count == 3)
    let own = driver.model.statuses.first { $0.value.name == "web-ci" }
    #expect(own?.cluster == 1 && own?.value.installation != nil)
    driver.press(.character("4"))
    driver.shows("the same cluster as kind-deskrun")
  }

  @Test func `two kubeconfig files with a context of one name are told apart`() throws {
    let targets = ["a", "b"].map { ClusterTarget.existing(context: "lab", kubeconfig: "/home/me/\($0).yaml") }
    let driver = Driver(
      120, 40, clusters: targets.map { ClusterSeat(target: $0, invocation: Invocation().on($0)) })
    driver.send(.configuration(.success(Configuration())))
    driver.observe(try World())
    driver.send(.of(cluster: 1, .observed(try Self.prodWorld().observation)))
    #expect(driver.screen.split(separator: "\n").first?.contains("lab (a.yaml)") == true)
    driver.press(.character("4"))
    driver.shows("lab (b.yaml)")
    // Each has its own jobs.
    let records = targets.enumerated().map { number, target in
      var record = JobRecord(
        runner: "old-\(number)", scaleSet: "web-ci", job: Job(), started: World.now - 900, finished: World.now - 800,
        result: .succeeded)
      record.place = target.place
      return record
    }
    driver.send(.history(records))
    let jobs = driver.model.jobs.filter { $0.value.runner.hasPrefix("old-") }
    #expect(Set(jobs.map { "\($0.value.runner) \($0.cluster)" }) == ["old-0 0", "old-1 1"])
    #expect(Set(driver.model.statuses.map { driver.model.key($0.value.name, in: $0.cluster) }).count == 5)
  }

  // MARK: One that is away

  @Test func `one that never answers keeps nothing of the other from the screen`() throws {
    let driver = try Self.watchingTwo(isProdKnown: false)
    driver.shows("web-ci-x-96cfc")
    driver.shows("asking")
    driver.send(.of(cluster: 1, .observed(Self.away)))
    driver.shows("does not answer")
    var world = try World()
    world.addRunner("web-ci-x-new01", set: "web-ci", age: 2, job: ("fresh", "acme/web", "ci.yml", "main"))
    driver.observe(world)
    driver.shows("fresh")
  }

  @Test func `one that is lost and back leaves the other as it is`() throws {
    let driver = try Self.watchingTwo(160, 50)
    let before = driver.model.statuses.filter { $0.cluster == 0 }
    driver.send(.of(cluster: 1, .observed(try Self.lost())))
    driver.shows("The cluster prod does not answer")
    // Its data is still shown, and its jobs have not ended.
    driver.shows("api-ci-x-q8w2e")
    #expect(driver.model.job(of: "api-ci-x-q8w2e", in: 1)?.result == .running)
    #expect(driver.model.statuses.filter { $0.cluster == 0 } == before)
    driver.press(.character("2"), .character("/"))
    driver.type("q8w2e")
    driver.press(.enter, .character("d"))
    driver.shows("prod does not answer")
    #expect(driver.model.overlays.isEmpty)
    driver.send(.of(cluster: 1, .observed(try Self.prodWorld().observation)))
    driver.press(.character("d"))
    driver.shows("Delete the runner api-ci-x-q8w2e?")
    driver.forget()
    driver.press(.tab, .enter)
    #expect(driver.effects.contains { if case .on(1, .run(.deleteRunners, _)) = $0 { true } else { false } })
  }
}
