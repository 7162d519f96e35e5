import Testing

@testable import Basics

@Suite struct LineAssemblerTests {
  @Test func `lines are the same however the stream is cut`() {
    let text = Array("one\ntwo\r\n\nfour äöü\nrest".utf8)
    for size in 1...text.count {
      var assembler = LineAssembler()
      var lines: [String] = []
      var at = 0
      while at < text.count {
        lines += assembler.append(Array(text[at..<min(at + size, text.count)]))
        at += size
      }
      if let last = assembler.finish() { lines.append(last) }
      #expect(lines == ["one", "two", "", "four äöü", "rest"])
    }
  }

  @Test func `a line without end stays bounded`() {
    var assembler = LineAssembler()
    for _ in 0..<100 { #expect(assembler.append([UInt8](repeating: 65, count: 10_000)).isEmpty) }
    let lines = assembler.append(Array("\nnext\n".utf8))
    #expect(lines.count == 2)
    #expect(lines[0].utf8.count == LineAssembler.limit)
    #expect(lines[1] == "next")
    #expect(assembler.finish() == nil)
  }

  @Test func `invalid bytes become replacement characters`() {
    var assembler = LineAssembler()
    #expect(assembler.append([0xFF, 0x41, 0x0A]) == ["\u{FFFD}A"])
  }
}
