import Testing

@testable import DashboardCore
@testable import DashboardPanes
@testable import TUI
@testable import TerminalKit

@Suite struct DashboardFuzzTests {
  @Test(arguments: DashboardFuzzCases.all.map(\.name))
  func `nothing that comes from outside traps`(name: String) throws {
    let reader = try #require(DashboardFuzzCases.all.first { $0.name == name })
    var seed: UInt64 = 7
    func next(_ count: Int) -> Int {
      seed = seed &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return Int((seed >> 33) % UInt64(max(1, count)))
    }
    let pieces = [
      "9223372036854775808", "-1", "\u{1B}[", "\u{9B}", ";", "m", "M", "\u{200D}", "\u{202E}", "{", "\"", "~",
    ]
    for sample in reader.samples {
      reader.read(Array(sample.utf8))
      for _ in 0..<500 {
        var bytes = Array(sample.utf8)
        for _ in 0...next(3) {
          let at = next(bytes.count + 1)
          switch next(3) {
          case 0: bytes.insert(contentsOf: pieces[next(pieces.count)].utf8, at: at)
          case 1: bytes = Array(bytes.prefix(at))
          default: if at < bytes.count { bytes[at] = UInt8(next(256)) }
          }
        }
        reader.read(bytes)
      }
    }
  }

  @Test func `no way of drawing makes a cell of what steers the terminal`() {
    let text = "a\u{1B}]52;c;aGk=\u{07}b\u{9B}2J\u{202E}c\u{200B}\u{AD}\u{3164}\u{115F}\u{E0041}d"
    var settings = Settings()
    settings.usesUnicode = true
    var painter = Painter(Size(columns: 40, rows: 3), settings: settings, now: 0)
    painter.put(text, .text, x: 0, y: 0, width: 40)
    painter.put([Span(text, .plain)], x: 0, y: 1, width: 40)
    painter.putRight(text, .text, right: 40, y: 2, width: 40)
    #expect(painter.frame.text == "abcd\nabcd\n" + String(repeating: " ", count: 36) + "abcd\n")
  }
}
