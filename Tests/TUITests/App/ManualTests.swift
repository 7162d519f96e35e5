import Foundation
import Testing

@testable import DashboardCore
@testable import DashboardPanes
@testable import TUI
@testable import TerminalKit

@Suite struct ManualTests {
  /// `RECORD_SNAPSHOTS=1` writes the page after a change of the bindings.
  @Test func `the manual lists the keys there are`() throws {
    let page = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent().deletingLastPathComponent().appendingPathComponent("docs/keys.md")
    if ProcessInfo.processInfo.environment["RECORD_SNAPSHOTS"] == "1" {
      try Data(HelpText.manual(Panes.all).utf8).write(to: page)
    }
    #expect(try String(decoding: Data(contentsOf: page), as: UTF8.self) == HelpText.manual(Panes.all))
  }
}
