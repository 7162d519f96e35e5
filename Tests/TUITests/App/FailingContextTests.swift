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

/// Installations whose own context fails, or means another cluster, while a second one leads to their cluster.
@Suite struct FailingContextTests {
  private static let lab = ClusterTarget.existing(context: "lab")
  private static let second = ClusterTarget.existing(context: "second")

  /// Two contexts of one cluster: two installations are on the first, one is on the second.
  private func dashboard(_ columns: Int = 160, _ rows: Int = 50, isFirst: Bool = true) throws -> (Driver, World) {
    let targets = isFirst ? [Self.lab, Self.second] : [Self.second, Self.lab]
    let driver = Driver(
      columns, rows, clusters: targets.map { ClusterSeat(target: $0, invocation: Invocation().on($0)) })
    var world = try World()
    for at in world.installations.indices {
      let isOfSecond = world.installations[at].name.description == "tools-dind"
      world.installations[at].place = ClusterPlace(context: isOfSecond ? "second" : "lab")
    }
    var configuration = world.configuration
    for installation in world.installations {
      configuration.noteIdentity(of: installation.name, ClusterIdentity(uid: "one"))
    }
    driver.send(.configuration(.success(configuration)))
    return (driver, world)
  }

  private func answer(_ world: World, uid: String = "one") -> ClusterObservation {
    var observation = world.observation
    observation.uid = uid
    return observation
  }

  private static let failures: [ClusterState] = [
    .unreachable(EngineError(.unreachable, "The cluster lab does not answer", why: "refused", obstacle: .silent)),
    .unreachable(EngineError(.unauthorized, "Not allowed", why: "Forbidden", obstacle: .forbidden("listing pods"))),
    .unreachable(EngineError(.unreachable, "The kubeconfig /k cannot be used", why: "bad", obstacle: .kubeconfig)),
    .contextMissing(EngineError(.unreachable, "The kubeconfig has no context lab", obstacle: .context)),
    .contextMissing(
      EngineError(.unreachable, "The kubeconfig /k does not exist", obstacle: .noKubeconfig("/k"))),
  ]

  private func expectShownOnce(_ driver: Driver, by cluster: Int) throws {
    let model = driver.model
    #expect(model.statuses.map(\.value.name).sorted() == ["nix-builder", "tools-dind", "web-ci"])
    #expect(model.statuses.allSatisfy { $0.value.installation != nil && !$0.value.isForeign })
    #expect(model.statuses.first { $0.value.name == "web-ci" }?.cluster == cluster)
    #expect(Set(model.runners.map(\.name)).count == model.runners.count)
    let jobs = model.jobs.filter { $0.value.result == .running }
    #expect(Set(jobs.map(\.value.runner)).count == jobs.count)
  }

  private func select(_ name: String, _ driver: Driver) {
    driver.press(.character("1"), .home)
    for _ in driver.model.statuses where driver.model.selectedStatus?.value.name != name { driver.press(.down) }
    #expect(driver.model.selectedStatus?.value.name == name)
  }

  @Test(arguments: failures, [true, false])
  func `it is shown once, as the user's own, with the context that answers`(
    failure: ClusterState, isFirst: Bool
  ) throws {
    let (driver, world) = try dashboard(isFirst: isFirst)
    let (own, other) = isFirst ? (0, 1) : (1, 0)
    driver.send(.of(cluster: own, .observed(ClusterObservation(cluster: failure))))
    driver.send(.of(cluster: other, .observed(answer(world))))
    try expectShownOnce(driver, by: other)
    let finding = try #require(driver.model.findings.first { $0.installation == "web-ci" })
    #expect(finding.cluster == other && finding.value.severity == .warning)
    #expect(finding.title.contains("and second leads to the same cluster"), "\(finding.title)")
    #expect(finding.value.action?.command("web-ci") == "deskrun edit web-ci --context second")
    #expect(!driver.model.findings.contains { $0.severity == .bad && $0.cluster == own })
    driver.hides("not in the configuration")
    driver.press(.character("4"))
    driver.shows("second is used")
    driver.hides("the same cluster as lab")
  }

  @Test func `what is done with it is done through the context that answers`() throws {
    let (driver, world) = try dashboard()
    driver.send(.observed(ClusterObservation(cluster: Self.failures[0])))
    driver.send(.of(cluster: 1, .observed(answer(world))))
    let standIn = StandIn(Self.second, for: Self.lab)
    #expect(driver.effects.contains(.on(cluster: 1, .use([standIn]))))
    select("web-ci", driver)
    driver.forget()
    driver.press(.character("+"))
    driver.settleScaling()
    #expect(driver.effects.contains { if case .on(1, .run(.scale("web-ci", _), _)) = $0 { true } else { false } })
    let id = try #require(driver.model.activities.last?.id)
    driver.send(.of(cluster: 1, .activityEnded(activity: id, nil)))
    driver.press(.character("1"), .character("e"))
    driver.shows("Change web-ci on second")
    driver.press(.escape)
    driver.press(.character("1"), .character("d"))
    driver.forget()
    driver.shows("Remove web-ci")
    driver.press(.tab, .enter)
    #expect(driver.effects.contains { if case .on(1, .run(.remove("web-ci", _, _), _)) = $0 { true } else { false } })
  }

  @Test func `the fix binds it to that context`() throws {
    let (driver, world) = try dashboard()
    driver.send(.observed(ClusterObservation(cluster: Self.failures[0])))
    driver.send(.of(cluster: 1, .observed(answer(world))))
    select("web-ci", driver)
    driver.press(.character("w"))
    driver.shows("Enter binds it to second")
    driver.press(.enter)
    driver.shows("Commands reach web-ci through second instead of lab from now on")
    driver.shows("nothing on the cluster")
    driver.forget()
    driver.press(.tab, .enter)
    #expect(driver.effects.contains { if case .on(1, .run(.rebind("web-ci"), _)) = $0 { true } else { false } })
  }

  @Test(arguments: [true, false])
  func `what is shown of an installation without a problem follows its context`(isOther: Bool) throws {
    let (driver, world) = try dashboard()
    driver.send(.observed(answer(world)))
    driver.send(.of(cluster: 1, .observed(answer(world))))
    select("web-ci", driver)
    driver.press(.character("w"))
    driver.shows("o problem found")
    if isOther {
      var stranger = try World()
      (stranger.sets, stranger.runners, stranger.pods) = ([], [], [])
      driver.send(.observed(answer(stranger, uid: "two")))
    } else {
      driver.send(.observed(ClusterObservation(cluster: Self.failures[0])))
    }
    driver.hides("o problem found")
    driver.shows(isOther ? "its context lab means another cluster now" : "its context lab does not answer")
    driver.shows("Enter binds it to second")
    driver.send(.observed(answer(world)))
    driver.hides("its context lab")
  }

  @Test func `an open dashboard falls back to the second context and comes back`() throws {
    let (driver, world) = try dashboard()
    driver.send(.observed(answer(world)))
    driver.send(.of(cluster: 1, .observed(answer(world))))
    try expectShownOnce(driver, by: 0)
    select("web-ci", driver)
    driver.press(.character("e"))
    driver.shows("Change web-ci on lab")
    // Its old data is still there.
    var lost = ClusterObservation(cluster: Self.failures[0])
    (lost.snapshot, lost.heardAt, lost.uid) = (world.snapshot, World.now - 3, "one")
    driver.send(.observed(lost))
    try expectShownOnce(driver, by: 1)
    // Its form and its row stay, through the other context.
    driver.shows("Change web-ci on second")
    driver.press(.escape)
    #expect(driver.model.selectedStatus?.value.name == "web-ci")
    driver.press(.character("4"))
    driver.hides("data from")
    let row = driver.screen.split(separator: "\n").first { $0.contains("● second ") && $0.contains(" running ") }
    let count = driver.model.findings.count { $0.cluster == 1 }
    #expect(count >= 3 && row?.contains("  \(count)  ") == true, "\(driver.screen)")
    driver.forget()
    driver.send(.observed(answer(world)))
    try expectShownOnce(driver, by: 0)
    #expect(driver.effects.contains(.on(cluster: 1, .use([]))))
    #expect(driver.model.selectedStatus?.value.name == "web-ci")
    #expect(!driver.model.findings.contains { $0.title.contains("its context") })
    driver.press(.character("4"))
    driver.shows("the same cluster as lab")
  }

  @Test func `one that is still being asked does not fail`() throws {
    let (driver, world) = try dashboard()
    driver.send(.of(cluster: 1, .observed(answer(world))))
    #expect(!driver.model.findings.contains { $0.title.contains("its context") })
  }

  @Test func `where its context means another cluster, that is said, and what the other cluster has is shown`() throws {
    let (driver, world) = try dashboard()
    driver.send(.observed(answer(world)))
    driver.send(.of(cluster: 1, .observed(answer(world))))
    var stranger = try World()
    (stranger.sets, stranger.runners, stranger.pods) = ([], [], [])
    stranger.addForeign("models", in: "platform", annotations: [:], runner: "models-x-1")
    driver.send(.observed(answer(stranger, uid: "two")))
    let rows = driver.model.statuses
    #expect(rows.map(\.value.name).sorted() == ["nix-builder", "platform/models", "tools-dind", "web-ci"])
    #expect(rows.first { $0.value.name == "web-ci" }?.cluster == 1)
    let finding = try #require(driver.model.findings.first { $0.installation == "web-ci" })
    #expect(finding.value.rule == .clusterChanged && finding.value.severity == .warning)
    #expect(finding.title.contains("its context lab means another cluster now, and second leads to the one"))
    #expect(finding.value.action?.command("web-ci") == "deskrun edit web-ci --context second")
    driver.press(.character("4"))
    driver.shows("another cluster now; second is used")
    driver.hides("the same cluster as")
  }

  @Test func `jobs of its own context stay in its history`() throws {
    let (driver, world) = try dashboard()
    driver.send(.observed(ClusterObservation(cluster: Self.failures[0])))
    driver.send(.of(cluster: 1, .observed(answer(world))))
    var record = JobRecord(
      runner: "web-ci-x-old", scaleSet: "web-ci", job: Job(), started: World.now - 900, finished: World.now - 800,
      result: .succeeded)
    record.place = ClusterPlace(context: "lab")
    driver.send(.history([record]))
    #expect(driver.model.jobs.filter { $0.value.runner == "web-ci-x-old" }.map(\.cluster) == [1])
  }

  @Test(arguments: [(80, 24), (160, 50)])
  func `the screen says it`(columns: Int, rows: Int) throws {
    let (driver, world) = try dashboard(columns, rows)
    driver.send(.observed(ClusterObservation(cluster: Self.failures[0], nextTry: World.now + 9)))
    driver.send(.of(cluster: 1, .observed(answer(world))))
    driver.press(.character("4"))
    driver.shows("second is used")
    for name in ["web-ci", "nix-builder", "tools-dind"] {
      #expect(
        driver.screen.split(separator: "\n").filter { $0.contains(" \(name) ") && $0.contains("acme/") }.count == 1)
    }
  }

  @Test(arguments: [(80, 24), (110, 34), (160, 50)])
  func `what state its cluster is in can be read whole`(columns: Int, rows: Int) throws {
    let (driver, world) = try dashboard(columns, rows)
    driver.send(
      .observed(
        ClusterObservation(
          cluster: .contextMissing(
            EngineError(
              .unreachable, "The kubeconfig has no context lab", why: "It was deleted", obstacle: .context)),
          nextTry: World.now + 9)))
    driver.send(.of(cluster: 1, .observed(answer(world))))
    driver.press(.character("4"), .character("z"))
    driver.shows("the kubeconfig has no such context")
    driver.shows("It was deleted")
    driver.shows("second is used")
  }
}
