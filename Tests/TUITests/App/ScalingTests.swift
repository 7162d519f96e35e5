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

/// Changing an installation's runner limits with keys and by typing.
@Suite struct ScalingTests {
  private func onWeb(_ columns: Int = 80, _ rows: Int = 24) throws -> Driver {
    let driver = try Driver.watching(nil, columns, rows)
    driver.press(.down, .down)
    driver.forget()
    return driver
  }

  private func scaling(_ minimum: Int, _ maximum: Int, from: (Int, Int) = (1, 5)) throws -> PlanRequest {
    .scale(
      "web-ci",
      Scaling(
        to: try RunnerCounts(minimum: minimum, maximum: maximum),
        from: try RunnerCounts(minimum: from.0, maximum: from.1)))
  }

  @Test func `several presses add up to one plan, and the row shows where they lead`() throws {
    let driver = try onWeb(120)
    driver.press(.character("+"), .character("+"), .character("-"), .character("+"))
    driver.shows("max 5 → 7")
    #expect(driver.requests.isEmpty)
    driver.settleScaling()
    #expect(driver.requests == [try scaling(1, 7)])
    driver.hides("max 5 → 7")
    driver.shows("scaling to 7")
  }

  @Test func `presses that take each other back do nothing`() throws {
    let driver = try onWeb()
    driver.press(.character("+"), .character("-"))
    driver.settleScaling()
    #expect(driver.requests.isEmpty)
    driver.hides("max 5")
  }

  @Test func `the limit does not go below the minimum`() throws {
    let driver = try onWeb(120)
    for _ in 1...6 { driver.press(.character("-")) }
    driver.shows("no job could ever run")
    driver.settleScaling()
    #expect(driver.requests == [try scaling(1, 1)])
  }

  @Test func `presses while a plan runs are carried out after it`() throws {
    let driver = try onWeb(120)
    driver.press(.character("+"))
    driver.settleScaling()
    let first = try #require(driver.model.activities.last?.id)
    driver.forget()
    driver.press(.character("1"), .character("+"), .character("+"))
    driver.shows("max 6 → 8")
    driver.settleScaling()
    #expect(driver.requests.isEmpty)
    driver.send(.activityEnded(activity: first, nil))
    #expect(driver.requests == [try scaling(1, 8, from: (1, 6))])
  }

  @Test func `what was pressed is not lost by leaving`() throws {
    let driver = try onWeb()
    driver.press(.character("+"), .character("q"))
    #expect(driver.requests == [try scaling(1, 6)])
    driver.shows("This still runs")
  }

  // MARK: The prompt

  @Test func `what is typed replaces the text, and what will happen is shown`() throws {
    let driver = try onWeb()
    driver.press(.character("s"))
    driver.shows("runners of web-ci, MAX or MIN-MAX: 1-5")
    driver.shows("no change")
    driver.type("7")
    driver.shows("MIN-MAX: 7")
    driver.shows("max 5 → 7: 2 more runners may start")
    driver.press(.enter)
    #expect(driver.requests == [try scaling(1, 7)])
  }

  @Test func `what cannot be is refused with the reason while it is typed`() throws {
    let driver = try onWeb()
    driver.press(.character("s"))
    driver.type("0")
    driver.shows("The maximum of")
    driver.press(.enter)
    #expect(driver.requests.isEmpty)
    driver.press(.control("u"))
    driver.type("4-x")
    driver.shows("is not a number of runners")
    driver.press(.control("u"))
    driver.type("9-3")
    driver.shows("is above the maximum (3)")
    driver.press(.enter, .escape)
    #expect(driver.requests.isEmpty)
  }

  @Test func `a maximum below the minimum does not lower it`() throws {
    var world = try World()
    let at = try #require(world.installations.firstIndex { $0.name.description == "web-ci" })
    world.installations[at] = try world.installations[at].with(runners: RunnerCounts(minimum: 3, maximum: 5))
    let driver = try Driver.watching(world)
    driver.press(.down, .down)
    driver.forget()
    driver.press(.character("s"))
    driver.type("2")
    driver.shows("The maximum of 2 is below the minimum (3)")
    driver.press(.enter)
    #expect(driver.requests.isEmpty)
    driver.press(.home)
    driver.type("1-")
    driver.press(.enter)
    #expect(driver.requests == [try scaling(1, 2, from: (3, 5))])
  }

  @Test func `the prompt goes on from what keys have asked for`() throws {
    let driver = try onWeb()
    driver.press(.character("+"), .character("+"), .character("s"))
    driver.shows("MIN-MAX: 1-7")
    driver.press(.enter)
    driver.settleScaling()
    #expect(driver.requests == [try scaling(1, 7)])
  }

  // MARK: Selected text

  @Test(arguments: [
    ([Key.character("9")], "9", 1), ([.backspace], "", 0), ([.delete], "", 0), ([.control("w")], "", 0),
    ([.left, .character("9")], "91-5", 1), ([.right, .character("9")], "1-59", 4),
    ([.home, .character("9")], "91-5", 1), ([.end, .backspace], "1-", 2), ([.control("u")], "", 0),
  ]) func `a selected text is replaced by typing, deleted at once and kept by moving`(
    keys: [Key], text: String, cursor: Int
  ) {
    var field = TextField("1-5", isSelected: true)
    #expect(field.isSelected)
    for key in keys {
      let isHandled = field.handle(key)
      #expect(isHandled)
    }
    #expect((field.text, field.cursor, field.isSelected) == (text, cursor, false))
    // Pasted text also replaces it; an empty paste does not.
    field = TextField("1-5", isSelected: true)
    field.insert("")
    #expect(field.text == "1-5")
    field.insert("2-8")
    #expect(field.text == "2-8")
    #expect(!TextField("", isSelected: true).isSelected)
  }
}
