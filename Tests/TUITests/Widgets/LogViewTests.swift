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

/// The rows of a log, and moving in it.
@Suite struct LogViewTests {
  static func log(_ lines: [String]) -> LogState {
    var log = LogState()
    log.showsTime = false
    log.buffer.append(lines.map { LogLine(pod: "p", time: nil, text: $0) })
    return log
  }

  static func rows(_ text: String, _ cells: Int) -> [String] {
    LogView.cut([Span(text)], to: cells).map { $0.map(\.text).joined() }
  }

  @Test func `a line is broken between words`() {
    #expect(Self.rows("retry is not needed here", 12) == ["retry is not ", "needed here"])
    #expect(Self.rows("nowhereanyspace", 6) == ["nowher", "eanysp", "ace"])
    #expect(Self.rows("a verylongwordthatfollows", 10) == ["a verylong", "wordthatfo", "llows"])
    #expect(Self.rows("", 10) == [""])
    #expect(Self.rows("作者作者", 5) == ["作者", "作者"])
  }

  @Test func `a space behind a full row takes no row of its own`() {
    #expect(Self.rows("exact fits", 5) == ["exact ", "fits"])
    #expect(Self.rows("exact ", 5) == ["exact "])
  }

  @Test(arguments: 1...12) func `rows hold the whole line in the width there is`(cells: Int) {
    var dice = Dice(seed: UInt64(cells))
    for _ in 0..<200 {
      let text = (0..<Int.random(in: 0...40, using: &dice)).map { _ in
        ["a", " ", "b", "👍", "作", "e\u{301}"].randomElement(using: &dice) ?? ""
      }.joined()
      let rows = Self.rows(text, cells)
      #expect(rows.joined() == text)
      let log = Self.log([text])
      let view = LogView(log: log, width: cells + 2, height: 5)
      #expect(view.rows(of: 0) == rows.count)
      for row in rows where cells > 1 {
        let seen = row.hasSuffix(" ") ? String(row.dropLast()) : row
        #expect(CellText.width(seen) <= cells, "\(rows)")
      }
    }
  }

  @Test func `the runner's own diagnostics are folded until they are asked for`() {
    var log = Self.log([
      "[RUNNER 2026-11-25 15:17:19Z INFO Terminal] WRITE LINE: Listening for Jobs", "Listening for Jobs",
      "[WORKER 2026-11-25 15:17:20Z INFO Worker] Version: 2.335.1",
    ])
    #expect(LogView(log: log, width: 40, height: 9).visible.map(\.line) == [1])
    log.showsDiagnostics = true
    #expect(LogView(log: log, width: 100, height: 9).visible.map(\.line) == [0, 1, 2])
  }

  @Test func `what is filtered out is passed over`() {
    var log = Self.log(["one", "two", "one more", "three"])
    log.filter = "one"
    #expect(LogView(log: log, width: 40, height: 5).visible.map(\.line) == [0, 2])
    log.filter = "!one"
    #expect(LogView(log: log, width: 40, height: 5).visible.map(\.line) == [1, 3])
  }

  @Test func `a filter goes on with the lines that come, drops those that go, and is forgotten with the log`() {
    var log = Self.log([])
    log.filter = "even"
    func shown() -> [Int] { LogView(log: log, width: 40, height: 20_000).visible.map(\.line) }
    var number = 0
    func append(_ count: Int) {
      log.buffer.append(
        (0..<count).map { LogLine(pod: "p", time: nil, text: (number + $0).isMultiple(of: 2) ? "even" : "odd") })
      number += count
      log.chooseLines()
    }
    for count in [5, 1, 0, 3000, 9000] {
      append(count)
      #expect(shown() == (log.buffer.first..<log.buffer.end).filter { $0.isMultiple(of: 2) })
    }
    #expect(log.buffer.dropped > 0)
    log.filter = "odd"
    #expect(shown().first.map { $0 % 2 } == 1)
    log.chooseLines()
    log.filter = ""
    #expect(shown().count == log.buffer.count)
    log.filter = "even"
    log.buffer.clear()
    append(2)
    #expect(shown() == [12006])
    log.restart(request: 1)
    log.buffer.append([LogLine(pod: "p", time: nil, text: "even")])
    #expect(shown() == [0])
  }

  @Test func `a pause holds the lines that are seen while new ones come`() {
    var log = Self.log((0..<100).map { "line \($0)" })
    LogView(log: log, width: 40, height: 10).scroll(&log, by: -5)
    let held = LogView(log: log, width: 40, height: 10).visible
    #expect(held.first?.line == 85)
    log.buffer.append((0..<50).map { LogLine(pod: "p", time: nil, text: "new \($0)") })
    #expect(LogView(log: log, width: 40, height: 10).visible == held)
    #expect(log.unseen == 50)
    LogView(log: log, width: 40, height: 10).scroll(&log, by: 1_000_000)
    #expect(log.follows)
    #expect(LogView(log: log, width: 40, height: 10).visible.last?.line == 149)
  }

  @Test func `the search goes round and shows what it finds`() {
    var log = Self.log((0..<100).map { $0 % 40 == 7 ? "needle \($0)" : "hay" })
    var found: [Int?] = []
    for _ in 0..<4 {
      log.search = "NEEDLE"
      #expect(LogView(log: log, width: 40, height: 10).find(&log, forward: true))
      found.append(log.match)
      #expect(LogView(log: log, width: 40, height: 10).visible.contains { $0.line == log.match })
    }
    #expect(found == [7, 47, 87, 7] || found == [47, 87, 7, 47] || found == [87, 7, 47, 87])
    log.search = "nowhere"
    #expect(!LogView(log: log, width: 40, height: 10).find(&log, forward: true))
  }

  @Test func `no more than the limits is kept, and numbers stay`() {
    var buffer = LogBuffer()
    for start in stride(from: 0, to: 30_000, by: 100) {
      buffer.append((start..<start + 100).map { LogLine(pod: "p", time: nil, text: "\($0)") })
    }
    #expect(buffer.count == LogBuffer.lineLimit)
    #expect(buffer.dropped == 20_000)
    #expect(buffer[29_999].text == "29999")
    #expect(buffer[buffer.first].text == "20000")
    let long = String(repeating: "x", count: 1 << 20)
    for _ in 0..<20 { buffer.append([LogLine(pod: "p", time: nil, text: long)]) }
    #expect(buffer.bytes <= LogBuffer.byteLimit)
    #expect(buffer.count == 8)
  }
}

@Suite struct TableTests {
  @Test func `the selection follows its object, and stays near when that is gone`() {
    var table = TableState()
    let names = ["a", "b", "c", "d", "e"]
    table.select(2, count: 5) { names[$0] }
    let before = ["0", "1"] + names
    table.settle(count: 7, height: 3) { before[$0] }
    #expect(table.index == 4)
    #expect(table.key == "c")
    #expect((table.offset..<table.offset + 3).contains(4))
    let without = ["0", "1", "a", "b"]
    table.settle(count: 4, height: 3) { without[$0] }
    #expect(table.key == "b")
    table.settle(count: 0, height: 3) { _ in "" }
    #expect(table.index == 0)
  }

  @Test(arguments: [
    ("", "anything", true), ("web", "WEB-ci", true), ("web busy", "busy web", true), ("web busy", "web idle", false),
    ("!idle", "web idle", false), ("!idle web", "web busy", true), ("!", "x", true),
  ]) func `a filter wants all its words`(filter: String, text: String, passes: Bool) {
    #expect(RowFilter(filter).matches(text) == passes)
  }
}
