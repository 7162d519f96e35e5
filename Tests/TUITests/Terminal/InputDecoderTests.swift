import Testing

@testable import DashboardCore
@testable import DashboardPanes
@testable import TUI
@testable import TerminalKit

@Suite struct InputDecoderTests {
  private func events(_ text: String) -> [InputEvent] {
    var decoder = InputDecoder()
    return decoder.feed(Array(text.utf8)) + decoder.flush()
  }

  @Test(arguments: [
    ("a", Key.character("a")), ("é", .character("é")), ("作", .character("作")), ("\r", .enter), ("\t", .tab),
    ("\u{7F}", .backspace), ("\u{01}", .control("a")), ("\u{1A}", .control("z")), ("\u{1B}", .escape),
    ("\u{1B}[A", .up), ("\u{1B}OB", .down), ("\u{1B}[1;5C", .right), ("\u{1B}[D", .left), ("\u{1B}[H", .home),
    ("\u{1B}[4~", .end), ("\u{1B}[5~", .pageUp), ("\u{1B}[6~", .pageDown), ("\u{1B}[Z", .backTab),
    ("\u{1B}[3~", .delete), ("\u{1B}OP", .function(1)), ("\u{1B}[15~", .function(5)), ("\u{1B}[24~", .function(12)),
    ("\u{1B}b", .alt("b")), ("\u{1B}[[A", .function(1)),
  ])
  func `keys are understood`(bytes: String, key: Key) { #expect(events(bytes) == [.key(key)]) }

  @Test func `the mouse is understood`() {
    #expect(events("\u{1B}[<0;10;5M") == [.mouse(MouseEvent(action: .press, button: 0, x: 9, y: 4))])
    #expect(events("\u{1B}[<0;10;5m") == [.mouse(MouseEvent(action: .release, button: 0, x: 9, y: 4))])
    #expect(events("\u{1B}[<64;1;1M") == [.mouse(MouseEvent(action: .wheelUp, button: 0, x: 0, y: 0))])
    #expect(events("\u{1B}[<65;200;60M") == [.mouse(MouseEvent(action: .wheelDown, button: 1, x: 199, y: 59))])
  }

  /// Terminals without SGR mode, and rxvt; the coordinates are characters, which must not be read as keys.
  @Test func `the mouse is understood in its older forms`() {
    #expect(events("\u{1B}[M d#") == [.mouse(MouseEvent(action: .press, button: 0, x: 67, y: 2))])
    #expect(events("\u{1B}[M#q!") == [.mouse(MouseEvent(action: .release, button: 3, x: 80, y: 0))])
    #expect(events("\u{1B}[Ma!!") == [.mouse(MouseEvent(action: .wheelDown, button: 1, x: 0, y: 0))])
    #expect(events("\u{1B}[32;10;5M") == [.mouse(MouseEvent(action: .press, button: 0, x: 9, y: 4))])
    #expect(events("\u{1B}[96;200;60M") == [.mouse(MouseEvent(action: .wheelUp, button: 0, x: 199, y: 59))])
    var decoder = InputDecoder()
    // Beyond the first 95 columns, and where one byte is not sufficient.
    #expect(
      decoder.feed([0x1B, 0x5B, 0x4D, 0x20, 0xFF, 0x80])
        == [.mouse(MouseEvent(action: .press, button: 0, x: 222, y: 95))])
    #expect(decoder.feed([0x1B, 0x5B, 0x4D, 0x20, 0x00, 0x23, 0x61]) == [.key(.character("a"))])
    #expect(decoder.feed([0x1B, 0x5B, 0x4D, 0x20, 0x1B, 0x5B, 0x41]) == [.key(.up)])
    #expect(decoder.patience == nil)
  }

  @Test func `a sequence is waited for longer than a lone escape`() throws {
    var decoder = InputDecoder()
    #expect(decoder.feed([0x1B]) == [])
    let lone = try #require(decoder.patience)
    // Too short to notice, and longer than a network delay between two packets.
    #expect((50...100).contains(lone))
    for (bytes, rest, key) in [("[", "A", Key.up), ("O", "P", .function(1)), ("[1;", "5D", .left)] {
      decoder = InputDecoder()
      _ = decoder.feed([0x1B])
      #expect(decoder.feed(Array(bytes.utf8)) == [])
      #expect(try #require(decoder.patience) >= 500)
      #expect(decoder.feed(Array(rest.utf8)) == [.key(key)])
      #expect(decoder.patience == nil)
    }
  }

  @Test func `a paste that does not end is delivered`() {
    var decoder = InputDecoder()
    #expect(decoder.feed(Array("\u{1B}[200~some text\u{1B}[20".utf8)) == [])
    #expect(decoder.patience != nil)
    #expect(decoder.flush() == [.paste("some text")])
    #expect(decoder.patience == nil)
    #expect(decoder.feed(Array("q\u{1B}[201~".utf8)) == [.key(.character("q"))])
    // The size of kept input is limited.
    #expect(decoder.feed(Array("\u{1B}[200~".utf8)) == [])
    for _ in 0..<40 { #expect(decoder.feed([UInt8](repeating: 0x61, count: 64 << 10)) == []) }
    #expect(decoder.flush() == [.paste(String(repeating: "a", count: InputDecoder.pasteLimit))])
  }

  @Test func `control c leaves a paste that does not end`() {
    var decoder = InputDecoder()
    #expect(decoder.feed(Array("\u{1B}[200~text".utf8)) == [])
    #expect(decoder.feed([0x03]) == [.paste("text"), .key(.control("c"))])
    #expect(decoder.feed(Array("q".utf8)) == [.key(.character("q"))])
  }

  @Test func `a paste is one event whatever is in it`() {
    #expect(events("\u{1B}[200~q\r\u{1B}[A\u{1B}[201~x") == [.paste("q\r\u{1B}[A"), .key(.character("x"))])
  }

  @Test func `what is not known is not typed`() {
    #expect(events("\u{1B}[?1;2c\u{1B}]11;rgb:0000/0000/0000\u{1B}\\\u{1B}[99~a") == [.key(.character("a"))])
    for unknown in [
      "\u{1B}[M", "\u{1B}[M a", "\u{1B}[32;5M", "\u{1B}[T", "\u{1B}[27;5;9~", "\u{1B}[97;5u", "\u{1B}[<0;1M",
      "\u{1B}O5A", "\u{1B}Xstring\u{1B}\\", "\u{1B}[" + String(repeating: "1;", count: 500) + "5M",
      "\u{1B}]52;c;" + String(repeating: "YWJj", count: 5000) + "\u{1B}\\",
    ] {
      var decoder = InputDecoder()
      for size in [1, 7, 100_000] {
        var rest = Array(unknown.utf8)[...]
        while !rest.isEmpty {
          let typed = decoder.feed(rest.prefix(size)).filter { $0 != .key(.up) }
          #expect(typed == [], "\(unknown.debugDescription.prefix(40)) in pieces of \(size)")
          rest = rest.dropFirst(size)
        }
        #expect(decoder.flush() == [])
      }
    }
    #expect(events("\u{1B}[I\u{1B}[O") == [.focus(true), .focus(false)])
    var decoder = InputDecoder()
    #expect(decoder.feed([0xFF, 0xC3, 0x28, 0x61]) == [.key(.character("(")), .key(.character("a"))])
  }

  /// The events do not depend on how the bytes are split into reads.
  @Test func `cuts between reads do not matter`() {
    let text =
      "aé作\u{1B}[A\u{1B}[M !!\u{1B}[32;9;9M\u{1B}[<0;10;5M\u{1B}[200~pasted \u{1B}[31m\u{1B}[201~\u{1B}OP\u{1B}[1;5Cz"
    let whole = events(text)
    for size in 1...7 {
      var decoder = InputDecoder()
      var cut: [InputEvent] = []
      var rest = Array(text.utf8)[...]
      while !rest.isEmpty {
        cut += decoder.feed(rest.prefix(size))
        rest = rest.dropFirst(size)
      }
      #expect(cut == whole, "in pieces of \(size)")
    }
  }

  @Test func `random bytes never trap`() {
    var dice = Dice(seed: 3)
    var decoder = InputDecoder()
    for _ in 0..<3000 {
      let bytes = (0..<dice.below(12)).map { _ in
        dice.below(3) == 0 ? dice.pick([0x1B, 0x5B, 0x4F, 0x3C, 0x3B, 0x7E, 0x4D]) : UInt8(dice.below(256))
      }
      _ = decoder.feed(bytes)
      if dice.below(10) == 0 { _ = decoder.flush() }
    }
  }
}
