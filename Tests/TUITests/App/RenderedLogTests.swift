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

/// Logs formatted like on GitHub: groups, errors and so on.
@Suite struct RenderedLogTests {
  static let job = [
    "2026-11-24 12:04:46Z: Running job: test",
    "##[group]Set up job", "Runner image: ubuntu", "##[endgroup]",
    "##[group]Run npm test", "##[command]/usr/bin/npm test", "##[endgroup]",
    "::warning file=app.js,line=3::unused variable", "::add-mask::hunter2", "the password is hunter2",
    "##[error]Process completed with exit code 1.",
    "##[group]Post checkout", "cleaning", "::error::second", "##[endgroup]",
    "2026-11-24 12:05:30Z: Job test completed with result: Failed",
  ]

  private func driver(_ lines: [String] = job, columns: Int = 100, rows: Int = 40, unicode: Bool = true) throws
    -> Driver
  {
    let driver = try Driver.watching(nil, columns, rows) { $0.usesUnicode = unicode }
    driver.press(.character("3"))
    driver.showLog(lines)
    return driver
  }

  @Test func `commands are drawn, not printed`() throws {
    let driver = try driver()
    for text in ["▼ Set up job", "  Runner image: ubuntu", "  $ /usr/bin/npm test"] { driver.shows(text) }
    driver.shows("! Warning: unused variable (app.js:3)")
    driver.shows("✗ Error: Process completed with exit code 1.")
    for text in ["##[", "::warning", "endgroup"] { driver.hides(text) }
    // There are nine seconds between two lines.
    driver.shows("▼ Set up job  18s")
    driver.shows("✗ 2 errors")
  }

  @Test func `errors are told from the rest without colors and in ASCII`() throws {
    let driver = try driver(unicode: false)
    driver.shows("x Error: Process completed with exit code 1.")
    driver.shows("[-] Set up job")
    #expect(driver.screen.allSatisfy { $0.isASCII })
  }

  @Test func `errors are red`() throws {
    let driver = try driver()
    let line = try #require(
      driver.screen.split(separator: "\n", omittingEmptySubsequences: false).firstIndex {
        $0.contains("Error: Process")
      })
    let frame = driver.rendered.frame
    let red = driver.model.settings.shownTheme[.bad]
    #expect((0..<frame.columns).contains { frame[$0, line].style == red })
  }

  @Test func `one key shows the log raw, and back`() throws {
    let driver = try driver()
    driver.press(.character("#"))
    driver.shows("##[group]Set up job")
    driver.shows("##[endgroup]")
    driver.shows("::warning file=app.js,line=3::unused variable")
    driver.press(.character("#"))
    driver.hides("##[")
  }

  @Test func `a masked value is shown nowhere, and neither copied nor saved`() throws {
    let driver = try driver()
    driver.hides("hunter2")
    driver.shows("the password is ***")
    driver.press(.character("#"))
    driver.hides("hunter2")
    driver.forget()
    driver.press(.character("c"))
    let copied = driver.effects.compactMap { if case .copy(let text) = $0 { text } else { nil } }.first ?? ""
    #expect(!copied.contains("hunter2") && copied.contains("::add-mask::***"))
    #expect(copied.contains("##[group]Set up job"))
  }

  @Test func `a group is folded and unfolded, and all are`() throws {
    let driver = try driver()
    driver.press(.home, .character("}"), .enter)
    driver.shows("▶ Set up job")
    driver.hides("Runner image")
    driver.shows("▼ Run npm test")
    driver.shows("18s · 1 line")
    driver.press(.enter)
    driver.shows("Runner image")
    driver.press(.character("Z"))
    for text in ["Runner image", "npm test\n", "cleaning"] { driver.hides(text) }
    driver.shows("▶ Post checkout")
    // Lines outside of groups remain.
    driver.shows("Process completed")
    driver.press(.character("Z"))
    driver.shows("cleaning")
  }

  @Test func `keys go from error to error, also into what is folded`() throws {
    let driver = try driver()
    driver.press(.character("Z"), .character("E"))
    #expect(driver.model.log.match == 10)
    driver.press(.character("E"))
    #expect(driver.model.log.match == 13)
    driver.shows("✗ Error: second")
    driver.press(.character("E"))
    #expect(driver.model.log.match == 10)
    driver.press(.control("e"))
    #expect(driver.model.log.match == 13)
  }

  @Test func `a log without errors says so`() throws {
    let driver = try driver(["fine"])
    driver.press(.character("E"))
    driver.shows("no errors in this log")
    driver.press(.enter)
    driver.shows("no groups in this log")
  }

  @Test func `a search finds what is folded and unfolds it`() throws {
    let driver = try driver()
    driver.press(.character("Z"), .character("/"))
    driver.type("cleaning")
    driver.press(.enter)
    driver.shows("cleaning")
    driver.shows("▶ Set up job")
  }

  @Test func `the log of a job that failed opens at its first error`() throws {
    let driver = try Driver.watching(nil, 100, 30)
    driver.send(
      .jobMark(
        LogRecorder.Target(runner: "web-ci-x-j82pq", scaleSet: "web-ci"), .ended(result: "Failed", at: World.now - 2)))
    driver.press(.character("J"))
    let at = try #require(driver.model.rows(of: JobsPane.self).firstIndex { $0.runner == "web-ci-x-j82pq" })
    driver.press(.home)
    for _ in 0..<at { driver.press(.down) }
    driver.press(.enter)
    driver.showLog((0..<200).map { "line \($0)" })
    driver.showLog(["##[error]the first"] + (0..<200).map { "after \($0)" })
    driver.shows("✗ Error: the first")
    driver.showLog(["##[error]another"])
    driver.shows("✗ Error: the first")
    driver.press(.end)
    driver.shows("✗ Error: another")
    driver.hides("the first")
  }

  @Test func `the log of a job that runs follows its end`() throws {
    let driver = try driver(["##[error]early"] + (0..<200).map { "line \($0)" })
    driver.shows("line 199")
    driver.hides("early")
  }

  @Test func `lines of several runners are in the groups of their own`() {
    var buffer = LogBuffer()
    func line(_ pod: String, _ time: Int64, _ text: String) -> LogLine { LogLine(pod: pod, time: time, text: text) }
    buffer.append([
      line("a", 0, "##[group]one"), line("b", 1, "##[group]two"), line("a", 2, "of one"), line("b", 3, "of two"),
      line("a", 9, "##[endgroup]"), line("a", 10, "outside"),
    ])
    #expect((0...5).map { buffer.groupHead($0) } == [0, 1, 0, 1, 0, nil])
    #expect(buffer.group(0) == LogGroup(head: 0, started: 0, ended: 9, isOpen: false, count: 1))
    #expect(buffer.group(1)?.isOpen == true)
  }

  @Test func `what is kept of groups and errors goes with their lines`() {
    var buffer = LogBuffer()
    for _ in 0..<300 {
      buffer.append(
        (0..<100).map { LogLine(pod: "p", time: nil, text: $0.isMultiple(of: 2) ? "##[group]x" : "##[error]y") })
    }
    #expect(buffer.count == LogBuffer.lineLimit)
    #expect(buffer.errors.count == LogBuffer.lineLimit / 2)
    #expect(buffer.errors.first ?? 0 >= buffer.first)
    #expect(buffer.nextGroup(buffer.first, forward: false) == nil)
    let kept = Mirror(reflecting: buffer).children.first { $0.label == "groups" }
      .map { Mirror(reflecting: $0.value).children.first?.value as? [LogGroup] }
    #expect((kept??.count ?? .max) <= LogBuffer.lineLimit)
  }

  @Test func `folded groups that are followed show the lines after them`() throws {
    let driver = try driver(["##[group]long"] + (0..<100).map { "inside \($0)" })
    driver.press(.enter)
    driver.shows("▶ long")
    driver.shows("100 lines")
    driver.hides("inside")
    driver.showLog(["##[endgroup]", "outside"])
    driver.shows("outside")
    driver.hides("inside")
  }
}
