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

/// Tables that are longer than the screen.
@Suite struct TablePlaceTests {
  @Test func `a table that is longer than the screen tells where the reader is`() throws {
    var world = try World()
    for number in 0..<20 { world.addRunner("web-ci-x-more\(number)", set: "web-ci", age: 300) }
    let driver = try Driver.watching(world, 80, 24)
    driver.send(.history(TimelinePaneTests.history))
    driver.press(.character("2"), .home)
    driver.shows("1 of 27")
    driver.press(.end)
    driver.shows("27 of 27")
    driver.press(.character("J"), .character("z"))
    driver.hides(" of 23")
    driver.press(.character("z"), .end)
    #expect(driver.model.countText(of: JobsPane.id, whenFailed: "failed").contains("23 of 23"))
  }

  @Test func `failing runners are in sight though another was first before`() throws {
    var world = try World()
    world.runners.removeAll { $0["metadata"]?["name"]?.stringValue?.hasPrefix("tools-dind") == true }
    for number in 0..<20 { world.addRunner("web-ci-x-more\(number)", set: "web-ci", age: 300) }
    let driver = try Driver.watching(world, 80, 24)
    // The first runner has ended its job and is now the last.
    let first = try #require(driver.model.selectedRunner?.name)
    world.runners.removeAll { $0["metadata"]?["name"]?.stringValue == first }
    world.pods.removeAll { $0["metadata"]?["name"]?.stringValue == first }
    world.addRunner(first, set: "web-ci", age: 300, phase: "Pending")
    world.addFailing("tools-dind-x-new00", set: "tools-dind", age: 10, image: "acme/runner:missing")
    driver.observe(world)
    driver.forgetToasts()
    driver.send(.tick)
    #expect(driver.model.selectedRunner?.name == first)
    driver.shows("failing   tools-dind-x-new00")
    // Focusing the pane shows the selection.
    driver.press(.character("2"))
    driver.shows(first)
    driver.press(.home, .character("1"))
    driver.shows("failing   tools-dind-x-new00")
  }

  @Test func `columns of events line up`() throws {
    let driver = try Driver.watching(nil, 100, 30)
    driver.send(
      .events(
        [("a", "Pulled", "one"), ("a-much-longer-name", "BackOff", "two")].map { object, reason, message in
          KubeEvent([
            "metadata": ["name": .string(object), "uid": .string(object)], "type": "Normal",
            "reason": .string(reason), "message": .string(message), "count": 1,
            "involvedObject": ["kind": "Pod", "name": .string(object)],
          ])
        }))
    driver.press(.character("v"))
    let lines = driver.screen.split(separator: "\n").filter { $0.hasSuffix("one") || $0.hasSuffix("two") }
    #expect(lines.count == 2)
    #expect(Set(lines.map { $0.count }).count == 1, "\(lines)")
  }

  @Test func `what to do about a cluster that does not answer is not cut`() throws {
    let driver = try Driver.watching(nil, 80, 24)
    var observation = try World().observation
    observation.cluster = .unreachable(
      EngineError(.unreachable, "The cluster does not answer", why: "dial tcp 127.0.0.1:6443: connection refused"))
    (observation.heardAt, observation.nextTry) = (World.now - 120, World.now + 12)
    driver.send(.observed(observation))
    driver.shows("r now")
  }
}
