import Engine
import Testing

@testable import Basics
@testable import DashboardCore
@testable import DashboardPanes
@testable import Deployment
@testable import Installations
@testable import Knowledge
@testable import TUI
@testable import TerminalKit
@testable import Tools

/// Keys that change an installation whose cluster is not reached.
@Suite struct UnreachedClusterTests {
  private func select(_ name: String, _ driver: Driver) {
    driver.press(.character("1"), .home)
    for _ in driver.model.statuses where driver.model.selectedStatus?.value.name != name { driver.press(.down) }
    #expect(driver.model.selectedStatus?.value.name == name)
  }

  @Test(arguments: ["d", "s", "+", "-"] as [Character])
  func `nothing is asked that cannot be done`(key: Character) throws {
    let driver = try SeveralClustersTests.watchingTwo(120, 30)
    driver.send(.of(cluster: 1, .observed(SeveralClustersTests.away)))
    select("api-ci", driver)
    driver.forget()
    driver.press(.character(key))
    driver.shows("prod does not answer")
    if key == "d" { driver.shows("deskrun remove api-ci --skip-cluster") }
    #expect(driver.model.overlays.isEmpty, "\(driver.screen)")
    driver.settleScaling()
    #expect(!driver.effects.contains { if case .on(1, .run) = $0 { true } else { false } })
    // Once it answers, the key works.
    driver.send(.of(cluster: 1, .observed(try SeveralClustersTests.prodWorld().observation)))
    driver.press(.character(key))
    #expect(!driver.model.overlays.isEmpty == (key == "d" || key == "s"))
  }

  @Test func `a context that the kubeconfig lacks is named as that`() throws {
    let driver = try SeveralClustersTests.watchingTwo(120, 30)
    let error = EngineError(.unreachable, "The kubeconfig has no context prod", obstacle: .context)
    driver.send(.of(cluster: 1, .observed(ClusterObservation(cluster: .contextMissing(error)))))
    select("api-ci", driver)
    driver.press(.character("s"))
    driver.shows("prod: the kubeconfig has no such context")
    #expect(driver.model.overlays.isEmpty)
  }

  @Test(arguments: [ClusterState.stopped, .absent])
  func `on the kind cluster, which the plan starts, it is asked`(state: ClusterState) throws {
    let driver = try SeveralClustersTests.watchingTwo(120, 30)
    driver.send(.observed(ClusterObservation(cluster: state)))
    select("web-ci", driver)
    driver.press(.character("s"))
    #expect(!driver.model.overlays.isEmpty, "\(driver.screen)")
  }

  @Test func `what is shown of an installation without a problem is not kept when nothing is known of it`() throws {
    let driver = try SeveralClustersTests.watchingTwo(160, 50)
    select("api-ci", driver)
    driver.press(.character("w"))
    var silent = try SeveralClustersTests.prodWorld().observation
    (silent.isSilent, silent.heardAt, silent.staleSince) = (true, World.now - 13, World.now - 13)
    driver.send(.of(cluster: 1, .observed(silent)))
    driver.hides("api-ci: no problem found")
    driver.send(.of(cluster: 1, .observed(SeveralClustersTests.away)))
    driver.shows("The cluster prod does not answer")
    driver.hides("api-ci: no problem found")
  }
}
