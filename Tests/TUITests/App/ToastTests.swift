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

/// Messages that disappear after a while.
@Suite struct ToastTests {
  private func lines(_ driver: Driver) -> [Substring] {
    driver.screen.split(separator: "\n", omittingEmptySubsequences: false)
  }

  @Test func `why a command is refused goes as soon as it is not refused any more`() throws {
    let driver = try Driver.watching(nil, 80, 24)
    driver.press(.down, .down, .character("+"))
    driver.settleScaling()
    driver.press(.character("e"))
    driver.shows("still scaling to 6")
    let activity = try #require(driver.model.activities.last)
    driver.send(.activityEnded(activity: activity.id, nil))
    driver.hides("still scaling")
    driver.shows("done")
  }

  @Test func `a long sentence is broken between words, above the footer`() throws {
    let driver = try Driver.watching(nil, 80, 24)
    let footer = lines(driver)[23]
    let words = (0..<24).map { "word\($0)" }
    driver.model(toast: words.joined(separator: " "))
    for word in words { #expect(driver.screen.split { " \n".contains($0) }.contains(Substring(word)), "\(word)") }
    #expect(lines(driver)[23] == footer)
    for line in lines(driver) { #expect(CellText.width(line) <= 80) }
  }

  @Test(arguments: [(80, 24), (80, 12), (60, 9), (50, 6)]) func `no line of Activity is covered`(
    columns: Int, rows: Int
  ) throws {
    let driver = try Driver.watching(nil, columns, rows)
    driver.press(.down, .down, .character("+"))
    driver.settleScaling()
    driver.press(.character("A"))
    let before = lines(driver).dropLast().filter { $0.contains("Scale web-ci") }
    driver.press(.character("Q"))
    driver.shows("Q has no meaning")
    let told = try #require(lines(driver).firstIndex { $0.contains("Q has no meaning") })
    // Above the footer if there is room, else in its place; the text of Activity remains visible.
    #expect(told >= rows - 2)
    #expect(lines(driver).filter { $0.contains("Scale web-ci") }.count == before.count)
  }

  @Test func `answers to keys replace each other and go within seconds, failures stay longer`() throws {
    let driver = try Driver.watching(nil, 80, 24)
    driver.press(.character("Q"), .character("p"))
    driver.hides("Q has no meaning")
    driver.shows("p has no meaning")
    driver.send(.saved(.failure(EngineError(.failed, "The file cannot be written"))))
    driver.now += 4
    driver.send(.tick)
    driver.hides("p has no meaning")
    driver.shows("The file cannot be written")
    driver.now += 4
    driver.send(.tick)
    driver.hides("The file cannot be written")
  }

  @Test func `where a key works is told whole at 80 columns`() throws {
    for pane in ["1", "2", "3"] {
      for key in "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ" {
        let driver = try Driver.watching(nil, 80, 24)
        driver.type(pane + String(key))
        for toast in driver.model.toasts {
          let lines = toast.lines(80, driver.model.settings.glyphs)
          #expect(!lines.joined().contains("…"), "\(pane) \(key): \(lines)")
        }
      }
    }
  }
}

extension Driver {
  /// Shows a message.
  fileprivate func model(toast text: String) {
    send(.opened(.success(text)))
  }
}
