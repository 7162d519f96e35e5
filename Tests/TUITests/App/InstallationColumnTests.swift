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

/// The installations at many widths: complete counts, and the last hour if it fits.
@Suite struct InstallationColumnTests {
  private func row(_ columns: Int, _ rows: Int) throws -> String {
    let driver = try Driver.watching(nil, columns, rows)
    driver.send(.history(TimelinePaneTests.history))
    driver.press(.down)
    let line = driver.screen.split(separator: "\n").first { $0.contains("web-ci") && $0.contains("busy") }
    return String(try #require(line))
  }

  @Test(arguments: [(80, 24), (100, 30), (130, 40), (160, 50), (220, 60)]) func `counts are never cut`(
    columns: Int, rows: Int
  ) throws {
    let row = try row(columns, rows)
    #expect(row.contains("2/5 busy") && row.contains("1 idle"), "\(row)")
    #expect(!row.prefix { $0 != "│" }.contains("…"), "\(row)")
  }

  @Test(arguments: [(80, 24), (100, 30), (160, 50), (220, 60)]) func `the last hour is shown, and said what it is`(
    columns: Int, rows: Int
  ) throws {
    #expect(try row(columns, rows).contains { "▂▃▄▅▆▇█".contains($0) })
    let driver = try Driver.watching(nil, columns, rows)
    driver.shows("busy in the last hour")
  }

  @Test func `where there is little room those go that tell least`() throws {
    let driver = try Driver.watching(nil, 52, 24)
    let line = try #require(driver.screen.split(separator: "\n").first { $0.contains("web-ci") })
    #expect(line.contains("2/5 busy") && !line.contains("…"), "\(line)")
  }
}
