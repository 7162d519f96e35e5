import Testing

@testable import Basics

@Suite struct SafeTextTests {
  @Test(arguments: [
    ("plain", "plain"), ("grün 中文 🚀", "grün 中文 🚀"), ("\u{1B}[31mred\u{1B}[0m", "red"),
    ("\u{1B}]0;title\u{07}after", "after"), ("\u{1B}]8;;http://x\u{1B}\\link", "link"), ("a\u{9B}2Jb", "ab"),
    ("\u{1B}Pdcs\u{1B}\\x", "x"), ("a\rb\u{08}c\u{07}", "a bc"), ("a\tb", "a    b"), ("\u{1B}(Bx", "x"),
    ("\u{1B}cx", "x"),
    ("\u{1B}[", ""), ("\u{1B}", ""), ("\u{1B}]never ends", ""), ("a\u{202E}b", "ab"), ("a\u{7F}\u{85}b", "ab"),
    ("a\u{61C}\u{200B}\u{200C}\u{2060}\u{206A}\u{206F}\u{180E}\u{AD}\u{FFF9}\u{FFFB}\u{E0001}\u{E007F}b", "ab"),
    ("a\u{115F}\u{1160}\u{3164}\u{FFA0}b", "ab"), ("a\u{200D}b 1\u{200D}2", "ab 12"), ("👩‍👩‍👧 🏳️‍🌈 👩🏽‍💻", "👩‍👩‍👧 🏳️‍🌈 👩🏽‍💻"),
  ])
  func `nothing that steers a terminal gets through`(given: String, shown: String) {
    #expect(SafeText.line(given) == shown)
  }

  static let pieces: [Unicode.Scalar] = [
    "\u{1B}", "[", "]", "\u{9B}", "\u{07}", "3", "m", "\n", "A", "\u{202E}",
  ]

  @Test func `whatever comes no control character is left`() {
    var seed: UInt64 = 7
    for _ in 0..<2000 {
      var text = ""
      for _ in 0..<40 {
        seed = seed &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        text.unicodeScalars.append(Self.pieces[Int(seed >> 60) % Self.pieces.count])
      }
      #expect(SafeText.line(text).unicodeScalars.allSatisfy { $0.value >= 0x20 && !(0x7F..<0xA0).contains($0.value) })
    }
  }
}
