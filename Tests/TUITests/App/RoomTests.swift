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

/// What is important has the room it needs, and what belongs together is below each other.
@Suite struct RoomTests {
  private func lines(_ driver: Driver) -> [String] {
    driver.screen.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
  }

  @Test func `what a scale prompt says is not covered by a message`() throws {
    let driver = try Driver.watching(nil, 80, 24)
    driver.press(.down, .down, .character("Q"), .character("s"))
    driver.type("7")
    driver.shows("Q has no meaning")
    driver.shows("max 5 → 7: 2 more runners may start")
    let line = try #require(lines(driver).first { $0.contains("2 more runners may start") })
    #expect(!line.contains("Q has"), "\(line)")
  }

  @Test func `tabs keep their places, and only one that has no room moves the others`() throws {
    let driver = try SeveralClustersTests.watchingTwo(80, 24)
    func strip() throws -> String { try #require(lines(driver).first { $0.contains("─ 3 ") }) }
    driver.press(.character("3"))
    let before = try strip()
    #expect(before.hasPrefix("─ 3 Logs │ Events │ Jobs │ Timeline │ Findings"), "\(before)")
    driver.press(.character("4"))
    #expect(try strip() == before, "the tab that is shown is in sight, so nothing moves")
    driver.press(.character("]"), .character("]"))
    let last = try strip()
    #expect(last.contains("Clusters 2 │ Activity │ Details"), "\(last)")
    #expect(last.hasPrefix("─ 3 … ") && !last.contains("Logs"), "\(last)")
    driver.press(.character("J"))
    #expect(try strip() == before)
  }

  @Test func `whatever tab is shown and however narrow it is, it is among the drawn ones`() {
    let widths = [4, 6, 4, 8, 10, 10, 8, 7]
    for width in 1...90 {
      for selected in widths.indices {
        let shown = BottomPane.shownTabs(widths: widths, selected: selected, width: width)
        #expect(shown.contains(selected), "\(width) \(selected) \(shown)")
        let marks = (shown.lowerBound > 0 ? 2 : 0) + (shown.upperBound < widths.count ? 2 : 0)
        let used = shown.reduce(marks - 2) { $0 + widths[$1] + 3 }
        #expect(shown.count == 1 || used <= width, "\(width) \(selected) \(shown)")
      }
    }
  }

  @Test(arguments: [80, 120, 160]) func `requirements are in columns`(columns: Int) throws {
    let driver = Driver(columns, 40)
    driver.send(.configuration(.success(Configuration())))
    driver.send(
      .checked(
        ["kubectl", "helm", "kind", "docker", "engine"].enumerated().map { at, name in
          DoctorCheck(
            id: name, title: name, verdict: .good,
            finding: "v1.\(at) at /usr/bin/\(String(repeating: "x", count: at * 6))")
        }))
    let first = try #require(lines(driver).first { $0.contains("kubectl v1.0") })
    let second = try #require(lines(driver).first { $0.contains("● engine") || $0.contains("● kind") })
    let starts = [first, second].map { line in Array(line).enumerated().filter { $0.element == "●" }.map(\.offset) }
    #expect(starts[0].count > 1 && Set(starts[1]).isSubset(of: Set(starts[0])), "\(driver.screen)")
  }

  @Test func `titles of both columns of the help are told from keys`() throws {
    let driver = try Driver.watching(nil, 160, 50)
    driver.press(.character("?"))
    func isStrong(_ text: String) throws -> Bool {
      let y = try #require(lines(driver).firstIndex { $0.contains(text) })
      let line = lines(driver)[y]
      let x = line.distance(from: line.startIndex, to: try #require(line.firstRange(of: text)).lowerBound)
      return driver.rendered.frame[x, y].style.attributes.contains(.bold)
    }
    for title in ["Installations", "Leaving", "Marks", "Logs", "Events"] { #expect(try isStrong(title), "\(title)") }
    #expect(try !isStrong("Open the selection"))
  }

  @Test func `with two clusters a job keeps its name before its progress`() throws {
    let driver = try SeveralClustersTests.watchingTwo(80, 24)
    driver.send(.history(TimelinePaneTests.history))
    driver.press(.character("2"))
    driver.shows("build (x86_64-linux)")
  }

  @Test func `a log says how far its job is`() throws {
    let driver = try Driver.watching(nil, 100, 30)
    driver.send(.history(TimelinePaneTests.history))
    driver.press(.character("2"))
    while driver.model.selectedRunner?.name != "nix-builder-x-4klcg" { driver.press(.down) }
    driver.shows("build (x86_64-linux) · running · about 2m left")
    driver.now += 3600
    driver.send(.tick)
    driver.shows("build (x86_64-linux) · running · longer than usual")
  }

  @Test func `why an image cannot be used is said before its name`() throws {
    let driver = try Driver.watching(nil, 80, 24)
    driver.press(.character("2"))
    #expect(
      lines(driver).contains { $0.contains("failing") && $0.contains("image not found: acme/") }, "\(driver.screen)")
  }

  @Test func `figures that do not fit leave out the jobs an hour`() throws {
    for (columns, hasRate) in [(80, false), (120, true)] {
      let driver = try Driver.watching(nil, columns, 24)
      driver.send(.history(TimelinePaneTests.history))
      driver.press(.character("J"), .character("z"))
      driver.shows("succeeded, took")
      #expect(driver.screen.contains("an hour") == hasRate, "\(driver.screen)")
      let line = try #require(lines(driver).first { $0.contains("succeeded, took") })
      #expect(line.contains("waited") && !line.contains("…"), "\(line)")
    }
  }

  @Test func `jobs are in the order of what is shown, their start`() throws {
    let driver = try Driver.watching(nil, 100, 30)
    driver.send(
      .history([
        job("old-a", ago: 4000, took: 3000), job("old-b", ago: 2000, took: 60), job("old-c", ago: 3000, took: 2900),
      ]))
    driver.press(.character("J"), .character("z"))
    let shown = ["old-b", "old-c", "old-a"].map { name in lines(driver).firstIndex { $0.contains(name) } ?? 0 }
    #expect(shown == shown.sorted() && shown[0] > 0, "\(driver.screen)")
  }

  private func job(_ runner: String, ago: Int64, took: Int64) -> JobRecord {
    var about = Job()
    (about.name, about.repository, about.workflow, about.ref) = ("build", "acme/web", "ci.yml", "main")
    let start = World.now - ago
    return JobRecord(
      runner: runner, scaleSet: "web-ci", job: about, started: start, finished: start + took, result: .succeeded)
  }

  @Test func `a remark of one job does not take the room of the runners' names`() throws {
    let driver = try Driver.watching(nil, 160, 50)
    var odd = job("web-ci-x-a-long-name-odd00", ago: 3000, took: 60)
    (odd.result, odd.note) = (.lost, String(repeating: "the node went away ", count: 8))
    driver.send(.history([odd, job("web-ci-x-a-long-name-q8w2e", ago: 2000, took: 60)]))
    driver.press(.character("J"), .character("z"))
    driver.shows("web-ci-x-a-long-name-q8w2e")
  }

  @Test func `the timeline has a lane for each runner there may be, and the limit, where there is room`() throws {
    let driver = try Driver.watching(nil, 160, 50)
    driver.send(.history(TimelinePaneTests.history))
    driver.press(.down, .down, .character("H"), .character("z"))
    let rows = lines(driver)
    let last = try #require(rows.firstIndex { $0.contains("5/5") })
    #expect(rows[last + 1].contains(" max 5 "), "\(driver.screen)")
    // Where there is none, those that were used.
    let small = try Driver.watching(nil, 80, 24)
    small.send(.history(TimelinePaneTests.history))
    small.press(.down, .down, .character("H"))
    small.hides("5/5")
    small.hides(" max 5 ")
  }
}
