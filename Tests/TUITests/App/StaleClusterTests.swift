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

/// How a cluster that has stopped responding is shown, and what stays visible on small screens.
@Suite struct StaleClusterTests {
  private func header(_ driver: Driver) -> String { line(driver, 0) }

  private func line(_ driver: Driver, _ number: Int) -> String {
    String(driver.screen.split(separator: "\n", omittingEmptySubsequences: false)[number])
  }

  /// The second cluster has not responded for some seconds.
  private func silent() throws -> ClusterObservation {
    var observation = try SeveralClustersTests.prodWorld().observation
    (observation.isSilent, observation.heardAt, observation.staleSince) = (true, World.now - 13, World.now - 13)
    return observation
  }

  private func rows(_ driver: Driver, _ text: String) -> [String] {
    driver.screen.split(separator: "\n").filter { $0.contains(text) }.map(String.init)
  }

  @Test(arguments: [(80, 24), (160, 50)]) func `what it had is marked, without a color too, and not counted as running`(
    columns: Int, rows: Int
  ) throws {
    let driver = try SeveralClustersTests.watchingTwo(columns, rows)
    #expect(header(driver).contains("busy 5"))
    driver.send(.of(cluster: 1, .observed(try silent())))
    #expect(header(driver).contains("busy 3") && header(driver).contains("✗ prod"))
    if columns > 80 { #expect(header(driver).contains("not current 2")) }
    #expect(self.rows(driver, "api-ci").allSatisfy { $0.contains("? api-ci") || $0.contains("? busy") })
    // It may only be slow: nothing is refused yet, and there is no warning.
    #expect(driver.model.toasts.isEmpty && driver.model.clusters[1].isFresh)
    driver.press(.character("4"))
    driver.shows("no answer yet")
    driver.shows("data from 13s ago")
    driver.send(.of(cluster: 1, .observed(try SeveralClustersTests.prodWorld().observation)))
    driver.hides("? api-ci")
    #expect(header(driver).contains("busy 5"))
  }

  @Test func `of the only cluster the header says so`() throws {
    let driver = try Driver.watching(nil, 120, 30)
    var observation = try World().observation
    (observation.isSilent, observation.heardAt, observation.staleSince) = (true, World.now - 13, World.now - 13)
    driver.send(.observed(observation))
    #expect(header(driver).contains("No answer from kind-deskrun yet · showing data from 13s ago"))
  }

  @Test func `counts are those of the cluster that everything is narrowed to`() throws {
    for size in [(80, 24), (160, 50)] {
      let driver = try SeveralClustersTests.watchingTwo(size.0, size.1)
      driver.press(.character("4"), .down, .enter)
      #expect(header(driver).contains("prod  1 of 2 clusters"))
      #expect(header(driver).contains("busy 2  idle 0"))
      driver.press(.escape)
      #expect(header(driver).contains("kind-deskrun") && header(driver).contains("busy 5"))
    }
  }

  @Test(arguments: [(80, 24), (100, 30), (160, 50)]) func `why a cluster does not answer is whole`(
    columns: Int, rows: Int
  ) throws {
    let driver = try SeveralClustersTests.watchingTwo(columns, rows)
    var observation = try silent()
    observation.cluster = .unreachable(
      EngineError(.unreachable, "The cluster prod does not answer", why: "dial tcp 10.0.0.9:6443: i/o timeout"))
    (observation.isSilent, observation.staleSince, observation.nextTry) = (false, nil, World.now + 12)
    driver.send(.of(cluster: 1, .observed(observation)))
    driver.forgetToasts()
    driver.press(.character("4"))
    for text in ["dial tcp 10.0.0.9:6443: i/o timeout", "data from 13s ago", "next try in 12s"] { driver.shows(text) }
  }

  @Test func `what an installation serves is shown beside long names`() throws {
    for size in [(80, 24), (160, 50)] {
      let driver = try SeveralClustersTests.watchingTwo(size.0, size.1)
      var world = try SeveralClustersTests.prodWorld()
      world.addSet("continuous-integration-of-all", url: "https://github.com/acme/all")
      driver.send(.of(cluster: 1, .observed(world.observation)))
      driver.press(.character("/"))
      driver.type("continuous")
      driver.press(.enter)
      driver.shows("acme/all")
    }
  }

  @Test func `the fix of a finding is on the smallest screen, whatever was seen`() throws {
    let driver = try SeveralClustersTests.watchingTwo()
    let finding = try #require(driver.model.findings.first)
    driver.press(.character("F"))
    driver.shows("Fix ")
    let last = try #require(finding.remedy.split(separator: " ").last)
    driver.shows(String(last))
  }

  // MARK: Small screens

  @Test(arguments: [false, true]) func `a filter is told where tabs take all of the row`(isZoomed: Bool) throws {
    let driver = try SeveralClustersTests.watchingTwo()
    driver.press(.character("J"))
    if isZoomed { driver.press(.character("z")) }
    driver.press(.character("/"))
    driver.type("lint")
    driver.press(.enter)
    #expect(rows(driver, "Jobs").contains { $0.contains("/lint") })
  }

  @Test func `what is shown before anything was done is not cut`() throws {
    let driver = try Driver.watching(nil, 80, 24)
    driver.press(.character("A"))
    driver.shows("show their steps here.")
  }

  @Test func `failures of two hours do not become one number`() throws {
    let driver = try Driver.watching(nil, 80, 24)
    func failed(_ number: Int, _ ago: Int64) -> JobRecord {
      JobRecord(
        runner: "web-ci-x-f\(number)-\(ago)", scaleSet: "web-ci", job: Job(), started: World.now - ago - 60,
        finished: World.now - ago, result: .failed)
    }
    driver.send(.history((0..<12).map { failed($0, 3 * 3600) } + (0..<3).map { failed($0, 2 * 3600) }))
    driver.press(.character("J"), .character("z"))
    let counts = try #require(rows(driver, "failed").last { $0.hasPrefix(" failed") })
    #expect(counts.contains("+ 3") && !counts.contains("12"))
  }
}
