import Testing

@testable import DashboardCore
@testable import DashboardPanes
@testable import TUI
@testable import TerminalKit

@Suite struct WidthTests {
  @Test(arguments: [
    ("a", 1), ("作", 2), ("é", 1), ("e\u{301}", 1), ("👍", 2), ("👨‍👩‍👧", 2), ("⚠️", 1), ("🇩🇪", 2), ("\u{200B}", 0),
    ("ｗ", 2), ("한", 2), ("▌", 1), ("…", 1), ("\u{FE0F}", 0), ("👍🏽", 2),
  ])
  func `a character takes what its first scalar takes`(text: String, cells: Int) {
    #expect(CellText.width(text) == cells)
  }

  @Test func `long names lose their middle`() {
    #expect(CellText.cutMiddle("nix-builder-abcde-runner-4klcg", to: 13) == "nix-b…r-4klcg")
    #expect(CellText.cutMiddle("short", to: 13) == "short")
    #expect(CellText.cutMiddle("abc", to: 0).isEmpty)
  }

  @Test func `wide characters are not cut in two`() {
    #expect(CellText.cutEnd("作者作者", to: 5) == "作者…")
    #expect(CellText.width(CellText.cutEnd("作者作者", to: 4)) <= 4)
    #expect(CellText.prefix("作者", cells: 3) == "作")
    #expect(CellText.suffix("作者", cells: 3) == "者")
  }

  @Test func `text is wrapped at spaces`() {
    #expect(CellText.wrapped("one two three", to: 8) == ["one two", "three"])
    #expect(CellText.wrapped("abcdefghij", to: 4) == ["abcd", "efgh", "ij"])
    #expect(CellText.wrapped("a\nb", to: 4) == ["a", "b"])
  }

  /// For any text, no part is wider than requested, and wrapping loses nothing.
  @Test func `cutting holds for any text`() {
    var random = Dice(seed: 7)
    for _ in 0..<2000 {
      let text = random.text(length: random.below(30))
      let cells = random.below(20)
      #expect(CellText.width(CellText.cutEnd(text, to: cells)) <= cells)
      #expect(CellText.width(CellText.cutMiddle(text, to: cells)) <= cells)
      #expect(CellText.width(CellText.prefix(text, cells: cells)) <= cells)
      #expect(CellText.width(CellText.suffix(text, cells: cells)) <= cells)
      let wrapped = CellText.wrapped(text, to: max(2, cells))
      #expect(wrapped.allSatisfy { CellText.width($0) <= max(2, cells) })
      #expect(wrapped.joined().filter { $0 != " " } == text.filter { $0 != " " && $0 != "\n" })
    }
  }
}
