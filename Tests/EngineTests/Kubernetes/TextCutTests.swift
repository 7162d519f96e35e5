import Testing

@testable import Basics
@testable import Kubernetes
@testable import Tools

/// Long lines are truncated, but never inside a character or an escape sequence.
@Suite struct TextCutTests {
  /// A line colored like that of a build tool; these words are its only text.
  static func colored(_ bytes: Int) -> [UInt8] {
    var line: [UInt8] = []
    var number = 0
    while line.count < bytes {
      line += Array(
        "\u{1B}[38;5;\(number % 256)mwörd\u{1B}[0m \u{1B}]8;;https://example.com/\(number)\u{1B}\\作\u{1B}]8;;\u{07}"
          .utf8)
      number += 1
    }
    return line
  }

  /// Whether only the words are left without the sequences.
  static func isClean(_ text: some StringProtocol) -> Bool {
    let rest = text.unicodeScalars.filter { !"wörd 作".unicodeScalars.contains($0) }
    return rest.isEmpty
  }

  @Test func `no cut is inside a character or a sequence`() {
    let line = Self.colored(400)
    for limit in 1...line.count {
      let cut = TextCut.place(in: line, upTo: limit)
      #expect(cut > 0 && cut <= limit)
      if cut == limit || limit > 60 {
        for part in [line[..<cut], line[cut...]] where limit > 60 {
          #expect(Self.isClean(SafeText.line(String(decoding: part, as: UTF8.self))), "\(limit)")
        }
      }
    }
    #expect(TextCut.place(in: Array("plain text".utf8), upTo: 5) == 5)
    #expect(TextCut.place(in: Array("aü".utf8), upTo: 2) == 1)
    // A single endless sequence has to be cut somewhere.
    #expect(TextCut.place(in: Array("\u{1B}[1;1;1".utf8), upTo: 5) == 5)
  }

  @Test(arguments: [1000, 4096, 8191, 65_536]) func `a line of a log of 960 kB is shown without pieces of sequences`(
    chunk: Int
  ) throws {
    let lines = StreamLines(cutsLongLines: true)
    let whole = Self.colored(960 << 10) + [0x0A]
    var shown: [String] = []
    var at = 0
    while at < whole.count {
      for piece in try lines.append(Array(whole[at..<min(at + chunk, whole.count)])) {
        shown.append(LogLine(pod: "p", piece, keepsColors: true).text)
        shown.append(LogLine(pod: "p", piece, keepsColors: false).text)
      }
      at += chunk
    }
    #expect(shown.count > 20)
    for text in shown {
      // Colors are drawn by the front end; `line` removes them.
      let plain = SafeText.line(text)
      #expect(Self.isClean(plain.hasSuffix(" … (cut)") ? String(plain.dropLast(8)) : plain), "\(plain.prefix(80))")
    }
  }

  @Test func `a line of a tool that is too long is cut between characters`() throws {
    for offset in 0..<30 {
      var assembler = LineAssembler()
      let line = [UInt8](repeating: UInt8(ascii: "w"), count: offset) + Self.colored(100_000)
      let text = try #require(assembler.append(line + [0x0A]).first)
      #expect(text.utf8.count > LineAssembler.limit - 100)
      #expect(Self.isClean(SafeText.line(text)), "\(text.suffix(40))")
    }
  }
}
