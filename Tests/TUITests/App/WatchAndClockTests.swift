import Engine
import Foundation
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

/// A cluster that responds but does not report changes, and a changed system clock.
@Suite struct WatchAndClockTests {
  private func header(_ driver: Driver) -> String {
    String(render(driver.model).frame.text.split(separator: "\n", omittingEmptySubsequences: false)[0])
  }

  private func observe(_ driver: Driver, _ change: (inout ClusterObservation) -> Void) throws {
    var observation = try World().observation
    change(&observation)
    driver.send(.observed(observation))
  }

  @Test func `a watch that fails is told with its reason, the age of the data and the next try`() throws {
    let driver = try Driver.watching(nil, 120, 30)
    #expect(header(driver).contains("Kubernetes 1.36.1"))
    try observe(driver) {
      $0.trouble = WatchTrouble(resource: "pods", cause: .endsEarly, wait: 8)
      ($0.staleSince, $0.nextTry) = (World.now - 70, World.now + 8)
    }
    let text = header(driver)
    #expect(text.contains("The watch of pods ends as soon as it starts"))
    #expect(text.contains("showing data from 1m10s ago"))
    #expect(text.contains("next try in 8s"))
  }

  @Test func `data of which nobody knows whether it is current shows its age`() throws {
    let driver = try Driver.watching(nil, 120, 30)
    try observe(driver) { $0.staleSince = World.now - 200 }
    #expect(header(driver).contains("its watches do not · showing data from 3m20s"))
  }

  @Test func `what a server says in place of JSON is shown, cut, with what matters after it`() throws {
    let driver = try Driver.watching(nil, 100, 30)
    try observe(driver) {
      $0.trouble = WatchTrouble(
        resource: "pods", cause: .notJSON(line: "<html>" + String(repeating: "x", count: 300)), wait: 4)
      ($0.staleSince, $0.nextTry) = (World.now - 9, World.now + 4)
    }
    #expect(header(driver).contains("sends no JSON: <html>"))
    #expect(header(driver).contains("next try in 4s"))
  }

  @Test func `lists in place of watches leave the header as it is but for a word`() throws {
    let driver = try Driver.watching(nil, 120, 30)
    try observe(driver) { $0.trouble = WatchTrouble(resource: "pods", cause: .refused("503")) }
    #expect(header(driver).contains("Kubernetes 1.36.1 polling"))
    #expect(header(driver).contains("busy"))
  }

  @Test func `a full disk is told with its reason and what helps, and the dashboard goes on`() throws {
    let driver = try Driver.watching(nil, 120, 30)
    let full = FileIO.Failure(operation: "write", code: ENOSPC)
    driver.send(.notKept(LogArchive.problem("/home/you/.deskrun/logs/web-ci/web-ci-x-96cfc.log", full)))
    driver.shows("A runner's log cannot be kept: /home/you/.deskrun/logs/web-ci/web-ci-x-96cfc.log: No space left")
    driver.shows("Free some space on the disk")
    driver.press(.character("?"))
    #expect(driver.model.overlays.isEmpty == false)
    driver.press(.escape)
    driver.now += 21
    driver.send(.tick)
    driver.hides("Free some space")
    driver.shows("web-ci")
  }

  @Test(arguments: [-3600, 7200]) func `waits and notices do not change when the clock is set`(shift: Int) throws {
    let driver = try Driver.watching(nil, 120, 30)
    var observation = try World().observation
    observation.cluster = .unreachable(EngineError(.unreachable, "The cluster does not answer", why: "refused"))
    (observation.heardAt, observation.nextTry) = (World.now - 30, World.now + 12)
    driver.send(.observed(observation))
    let before = header(driver)
    #expect(before.contains("30s ago") && before.contains("next try in 12s"))
    #expect(!driver.model.toasts.isEmpty)
    driver.now += Int64(shift)
    driver.send(.clockSet(by: Int64(shift)))
    #expect(header(driver) == before)
    driver.now += 5
    driver.send(.tick)
    #expect(!driver.model.toasts.isEmpty)
    driver.now += 3
    driver.send(.tick)
    #expect(driver.model.toasts.isEmpty)
  }
}
