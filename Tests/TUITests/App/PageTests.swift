import Engine
import Testing

@testable import Basics
@testable import DashboardCore
@testable import DashboardPanes
@testable import Knowledge
@testable import TUI
@testable import TerminalKit

/// Pages over the dashboard: they fit the width, show that there is more, and allow copying their commands.
@Suite struct PageTests {
  private static let checks = [
    DoctorCheck(id: "kubectl", title: "kubectl", verdict: .good, finding: "v1.32.4"),
    DoctorCheck(
      id: "disk", title: "disk", verdict: .warning, finding: (1...40).map { "word\($0)" }.joined(separator: " "),
      fix: "Free space: `deskrun cache list` shows what caches take, `deskrun cache prune` deletes what nobody uses"),
    DoctorCheck(id: "helm", title: "helm", verdict: .bad, finding: "helm is not installed", fix: "apt install helm"),
  ]

  private func doctor(_ columns: Int = 80) throws -> Driver {
    let driver = try Driver.watching(nil, columns, 24)
    driver.press(.character("D"))
    driver.send(.checked(Self.checks))
    return driver
  }

  @Test(arguments: [40, 80, 160]) func `the doctor is read whole at any width`(columns: Int) throws {
    let driver = try doctor(columns)
    driver.send(.resized(Size(columns: columns - 5, rows: 24)))
    driver.shows("word40")
    driver.hides("…")
    driver.shows("apt install helm")
  }

  @Test func `the doctor's commands are copied by one key`() throws {
    let driver = try doctor()
    func copied() -> [String] { driver.effects.compactMap { if case .copy(let text) = $0 { text } else { nil } } }
    driver.forget()
    driver.press(.enter)
    #expect(copied() == ["deskrun cache list"])
    driver.press(.tab, .enter, .tab, .enter, .tab, .enter)
    #expect(copied() == ["deskrun cache list", "deskrun cache prune", "apt install helm", "deskrun cache list"])
    driver.shows("Enter copy command")
  }

  @Test func `a page without commands says so`() throws {
    let driver = try Driver.watching(nil, 80, 24)
    driver.press(.character("?"))
    driver.hides("copy command")
    driver.press(.enter)
    driver.shows("no command to copy on this page")
  }

  @Test func `help begins with the pane that has the focus, then how to leave and the marks`() throws {
    let driver = try Driver.watching(nil, 80, 60)
    driver.press(.character("2"), .character("?"))
    guard case .page(let page)? = driver.model.overlays.last else {
      Issue.record("no page is open")
      return
    }
    let heads = page.lines.filter { $0.first?.isUppercase == true }
    #expect(Array(heads.prefix(4)) == ["Runners", "Leaving", "Marks", "Everywhere"])
    driver.shows("more below")
    driver.shows("↓ scroll")
  }

  @Test(arguments: [80, 100, 110, 160], [true, false]) func `keys and what they do do not touch in the help`(
    columns: Int, usesUnicode: Bool
  ) throws {
    for pane in ["1", "2", "3"] {
      let driver = try Driver.watching(nil, columns, 40) { $0.usesUnicode = usesUnicode }
      driver.type(pane + "?")
      guard case .page(let page)? = driver.model.overlays.last else {
        Issue.record("no help")
        return
      }
      let cells = columns < 110 ? columns - 2 : (columns - 4) / 2
      for line in page.lines {
        #expect(CellText.width(line) <= columns - 2)
        for part in [CellText.prefix(line, cells: cells), String(line.dropFirst(cells + 2))] where part.hasPrefix("  ")
        {
          // A continuation line starts at the same column as the first line.
          let text = part.dropFirst(2)
          guard let first = text.first, first != " " else { continue }
          #expect(text.contains("  "), "\(line)")
        }
      }
    }
  }

  @Test func `help has two columns where there is room`() throws {
    let driver = try Driver.watching(nil, 160, 50)
    driver.press(.character("?"))
    guard case .page(let page)? = driver.model.overlays.last else {
      Issue.record("no page is open")
      return
    }
    #expect(page.lines.allSatisfy { CellText.width($0) <= 158 })
    let wide = page.lines.count
    driver.send(.resized(Size(columns: 80, rows: 50)))
    guard case .page(let narrow)? = driver.model.overlays.last else { return }
    #expect(narrow.lines.count > wide * 3 / 2)
    #expect(narrow.lines.allSatisfy { CellText.width($0) <= 78 })
  }
}
