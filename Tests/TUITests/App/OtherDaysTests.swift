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

/// Times of other days are distinguishable from those of today.
@Suite struct OtherDaysTests {
  /// A job of another day, at the same time of day as one of today.
  private func job(_ runner: String, daysAgo: Int64, ago: Int64 = 3600) -> JobRecord {
    var about = Job()
    (about.name, about.repository, about.workflow, about.ref) = ("build", "acme/web", "ci.yml", "main")
    let start = World.now - daysAgo * 86_400 - ago
    return JobRecord(
      runner: runner, scaleSet: "web-ci", job: about, started: start, finished: start + 72, result: .succeeded)
  }

  @Test(arguments: [(80, 24), (160, 50)]) func `jobs say on which day they started`(columns: Int, rows: Int) throws {
    let driver = try Driver.watching(nil, columns, rows)
    driver.send(.history([job("web-a", daysAgo: 0), job("web-b", daysAgo: 1), job("web-c", daysAgo: 20)]))
    driver.press(.character("J"), .character("z"))
    driver.shows("11:08:58")
    driver.shows("Mon 11:08")
    driver.shows("Nov 4 11:08")
  }

  @Test func `a job of another day is told with it on the timeline`() throws {
    let driver = try Driver.watching(nil, 80, 24)
    driver.send(.history([job("web-b", daysAgo: 1)]))
    driver.press(.down, .down, .character("H"))
    for _ in 0..<12 { driver.press(.character("-")) }
    driver.press(.home)
    driver.shows("Mon 11:08 to 11:10  ran 1m12s")
    driver.press(.character("("))
    driver.shows("7d")
  }

  @Test func `a log of another day says which`() throws {
    let driver = try Driver.watching(nil, 80, 24)
    driver.press(.character("3"))
    let pod = driver.model.selectedRunner?.name ?? ""
    func write(_ time: Int64, _ text: String) {
      driver.send(.log(request: driver.model.log.request, .lines([LogLine(pod: pod, time: time, text: text)])))
    }
    write(World.now - 86_400, "yesterday's line")
    driver.shows("Mon Nov 23")
    driver.press(.control("k"))
    write(World.now, "today's line")
    driver.shows("today's line")
    driver.hides("Nov 2")
  }

  @Test func `details tell the day of a runner that was created on another`() throws {
    var world = try World()
    world.addRunner("web-ci-x-old00", set: "web-ci", age: 86_400)
    let driver = try Driver.watching(world, 120, 60)
    driver.press(.down, .down, .enter)
    while driver.model.selectedRunner?.name != "web-ci-x-old00", driver.model[table: RunnersPane.id].index < 5 {
      driver.press(.down)
    }
    driver.press(.character("i"))
    driver.shows("Mon 12:08")
    driver.hides("2026-11-23T12:08:58Z")
  }
}
