import Testing

@testable import DashboardCore
@testable import DashboardPanes
@testable import TUI
@testable import TerminalKit

@Suite struct TerminalOutputTests {
  private func rewritten(_ text: String, _ exact: [UInt8: UInt32]) -> String {
    String(decoding: TerminalOutput.exactColors(Array(text.utf8), exact), as: UTF8.self)
  }

  @Test func `palette indexes become exact colours`() {
    #expect(rewritten("\u{1B}[38;5;17mx", [17: 0x102030]) == "\u{1B}[38;2;16;32;48mx")
    #expect(rewritten("\u{1B}[1;48;5;17;38;5;99mx", [17: 0xFF0000]) == "\u{1B}[1;48;2;255;0;0;38;5;99mx")
    #expect(rewritten("the text 38;5;17 stays", [17: 0]) == "the text 38;5;17 stays")
    #expect(rewritten("\u{1B}[38;5;1", [1: 0]) == "\u{1B}[38;5;1")
    #expect(rewritten("\u{1B}[38;5;1;4mx", [1: 0]) == "\u{1B}[38;2;0;0;0;4mx")
  }

  @Test func `text that looks like a colour stays`() {
    for text in [
      "[38;5;17mx", "[38;5;\(String(repeating: "9", count: 40))m", ";38;5;17;", "\u{1B}[38;5;99999999999999999999m",
    ] {
      #expect(rewritten(text, [17: 0x102030]) == text)
    }
  }

  @Test func `what is too long is not put on the clipboard`() {
    #expect(TerminalOutput.clipboard("aGk=", inTmux: false) == "\u{1B}]52;c;aGk=\u{07}")
    #expect(
      TerminalOutput.clipboard("aGk=", inTmux: true)
        == "\u{1B}]52;c;aGk=\u{07}\u{1B}Ptmux;\u{1B}\u{1B}]52;c;aGk=\u{07}\u{1B}\\")
    #expect(TerminalOutput.clipboard(String(repeating: "a", count: 80_000), inTmux: false) == nil)
  }
}
