import Engine
import Testing

@testable import ARC
@testable import Basics
@testable import DashboardCore
@testable import DashboardPanes
@testable import Knowledge
@testable import Kubernetes
@testable import TUI
@testable import TerminalKit

/// The panes share the height according to their contents.
@Suite struct SharedHeightTests {
  private func heights(_ driver: Driver) -> [Place: Int] { driver.model.layout.panes.mapValues(\.height) }

  private func runners(_ count: Int) throws -> World {
    var world = try World()
    world.runners = []
    world.pods.removeAll { $0["metadata"]?["labels"]?["actions-ephemeral-runner"] != nil }
    for number in 0..<count { world.addRunner("web-ci-x-\(number)", set: "web-ci", age: 60) }
    return world
  }

  @Test func `with few runners the log has the rest`() throws {
    let driver = try Driver.watching(try runners(10), 160, 50)
    #expect(heights(driver)[.bottom] ?? 0 >= 30)
    #expect(driver.screen.contains("web-ci-x-9"))
  }

  @Test(arguments: [(80, 24), (100, 30), (160, 50), (220, 60)]) func `many runners get more, and the log keeps a third`(
    columns: Int, rows: Int
  ) throws {
    let few = try Driver.watching(try runners(2), columns, rows)
    let many = try Driver.watching(try runners(300), columns, rows)
    let body = many.model.layout.body.height
    #expect(heights(many)[.second] ?? 0 > heights(few)[.second] ?? 0)
    #expect(heights(many)[.bottom] ?? 0 >= body / 3)
    #expect(heights(few)[.bottom] ?? 0 > body / 3)
  }

  @Test func `runners that come and go do not move the panes`() throws {
    let driver = try Driver.watching(try runners(9), 160, 50)
    let before = heights(driver)
    for count in [8, 9, 7, 9, 4, 9] {
      driver.now += 1
      driver.observe(try runners(count))
      #expect(heights(driver) == before)
    }
    driver.observe(try runners(10))
    #expect(heights(driver)[.bottom] ?? 0 < before[.bottom] ?? 0)
    // If there are fewer for a while, their rows are released.
    driver.observe(try runners(3))
    driver.now += RowNeed.delay
    driver.observe(try runners(3))
    #expect(heights(driver)[.bottom] ?? 0 > before[.bottom] ?? 0)
  }

  @Test func `going through the installations moves nothing`() throws {
    let driver = try Driver.watching(nil, 160, 50)
    let before = heights(driver)
    for _ in 0..<3 {
      driver.press(.down)
      #expect(heights(driver) == before)
    }
  }

  @Test func `keys change the height from what is shown, and it can be shared again`() throws {
    let driver = try Driver.watching(nil, 160, 50)
    let before = heights(driver)
    driver.press(.character("<"))
    let smaller = heights(driver)
    #expect(smaller[.bottom] ?? 0 < before[.bottom] ?? 0)
    driver.press(.character(">"), .character(">"))
    #expect(heights(driver)[.bottom] ?? 0 > smaller[.bottom] ?? 0)
    driver.press(.character(":"))
    driver.type("share the height")
    driver.press(.enter)
    #expect(heights(driver) == before)
  }

  @Test func `toasts cover nothing`() throws {
    let driver = try Driver.watching(nil, 80, 24)
    driver.press(.character("3"))
    driver.showLog((0..<50).map { "line \($0)" })
    let above = heights(driver)
    driver.press(.character("Q"), .character("p"))
    // Only the newest response to a key is shown.
    driver.hides("Q has no meaning")
    driver.shows("p has no meaning")
    driver.shows("line 49")
    #expect(heights(driver)[.first] == above[.first] && heights(driver)[.second] == above[.second])
    driver.press(.character("?"), .end)
    let page = try #require(driver.model.overlays.last)
    guard case .page(let help) = page else { return }
    driver.shows(help.lines.last?.split(separator: "  ").last.map(String.init) ?? "?")
  }
}
