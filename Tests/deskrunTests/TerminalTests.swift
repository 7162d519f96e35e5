import Basics
import TerminalKit
import Testing

@testable import CommandOutput
@testable import CommandSession
@testable import deskrun

@Suite struct TerminalTests {
  static func terminal(
    _ environment: [String: String], isTerminal: Bool = true, color: ColorChoice = .auto, ascii: Bool = false,
    columns: Int? = 80
  ) -> Terminal {
    Terminal.facts(isTerminal: isTerminal, columns: columns, environment: environment, color: color, ascii: ascii)
  }

  @Test(
    arguments: [
      (["TERM": "xterm"], true, ColorChoice.auto, true), (["TERM": "xterm"], false, .auto, false),
      (["TERM": "dumb"], true, .auto, false), ([:], true, .auto, false),
      (["COLORTERM": "truecolor"], true, .auto, true),
      (["TERM": "xterm", "NO_COLOR": "1"], true, .auto, false), (["TERM": "xterm", "NO_COLOR": ""], true, .auto, true),
      (["NO_COLOR": "1", "CLICOLOR_FORCE": "1"], false, .auto, false), (["CLICOLOR_FORCE": "1"], false, .auto, true),
      (["CLICOLOR_FORCE": "0", "TERM": "xterm"], false, .auto, false),
      (["CLICOLOR": "0", "TERM": "xterm"], true, .auto, false),
      (["CLICOLOR": "0", "CLICOLOR_FORCE": "1"], true, .auto, true), (["NO_COLOR": "1"], false, .always, true),
      (["CLICOLOR_FORCE": "1", "TERM": "xterm"], true, .never, false),
    ] as [([String: String], Bool, ColorChoice, Bool)])
  func `colours follow option, NO_COLOR, CLICOLOR_FORCE, CLICOLOR, terminal`(
    environment: [String: String], isTerminal: Bool, choice: ColorChoice, uses: Bool
  ) {
    #expect(Self.terminal(environment, isTerminal: isTerminal, color: choice).usesColor == uses)
  }

  @Test(arguments: [
    (["LANG": "de_DE.UTF-8"], true), (["LANG": "C"], false), ([:], false), (["LANG": "C.utf8"], true),
    (["LC_ALL": "C", "LANG": "en_US.UTF-8"], false), (["LC_ALL": "", "LC_CTYPE": "C.UTF-8"], true),
    (["LANG": "C.UTF-8", "DESKRUN_ASCII": "1"], false), (["LANG": "C.UTF-8", "DESKRUN_ASCII": "0"], true),
  ]) func `marks are ASCII where the locale is not UTF-8`(environment: [String: String], uses: Bool) {
    #expect(Self.terminal(environment).usesUnicode == uses)
    #expect(!Self.terminal(environment, ascii: true).usesUnicode)
  }

  @Test func `every mark has one cell and an ASCII form of its own`() {
    for mark in Mark.allCases {
      #expect(CellText.width(mark.unicode) == 1)
      #expect(mark.ascii.utf8.count == 1)
    }
    #expect(Set(Mark.allCases.map(\.ascii)).count == Mark.allCases.count)
    #expect(Set(Mark.allCases.map(\.unicode)).count == Mark.allCases.count)
  }

  @Test func `a line is written over only where escape sequences are understood`() {
    #expect(Self.terminal(["TERM": "xterm"]).canRewriteLines)
    #expect(!Self.terminal(["TERM": "dumb"]).canRewriteLines)
    #expect(!Self.terminal([:]).canRewriteLines)
    #expect(!Self.terminal(["TERM": "xterm"], isTerminal: false).canRewriteLines)
  }
}

@Suite struct TableTests {
  static let plain = Style(usesColor: false, usesUnicode: true)
  static var table: Table {
    var table = Table([
      .init("NAME"), .init("TARGET", minimum: 6), .init("MAX", .trailing), .init("IMAGE", onlyWide: true),
    ])
    table.add([.init("web", mark: .healthy), "acme/webserver", "5", "default"])
    table.add([.init("日本", mark: .failing), "acme/x", "10"])
    return table
  }

  @Test func `columns align by cells and numbers stand right`() {
    #expect(
      Self.table.text(style: Self.plain).raw == """
        NAME    TARGET          MAX
        ● web   acme/webserver    5
        ✗ 日本  acme/x           10

        """)
  }

  @Test func `wide adds columns, and titles can be left out`() {
    #expect(
      Self.table.text(style: Style(usesColor: false, usesUnicode: false), wide: true, headers: false).raw == """
        * web   acme/webserver   5  default
        x 日本  acme/x          10

        """)
  }

  @Test func `only a narrow terminal cuts, first what may be cut`() {
    let narrow = Self.table.text(style: Self.plain, width: 22).raw.split(separator: "\n")
    #expect(narrow.allSatisfy { DisplayWidth.of($0) <= 22 })
    #expect(narrow[1] == "● web   acme/we…     5" || narrow[1] == "● web   acme/web…    5")
  }

  @Test(arguments: 1...40) func `no line is wider than the terminal`(width: Int) {
    for table in [Self.table, Self.long] {
      let lines = table.text(style: Self.plain, width: width).raw.split(separator: "\n")
      #expect(lines.count >= 3)
      #expect(lines.allSatisfy { DisplayWidth.of($0) <= max(width, "    fix: `a command`".count) }, "\(lines)")
    }
  }

  /// A table that uses all features for narrow terminals.
  static var long: Table {
    var table = Table([
      .init("NAME"), .init("KIND", leavesAt: 2), .init("WHERE", minimum: 5, leavesAt: 1), .init("LEFT", minimum: 4),
      .init("FIX", below: "fix: "), .init("TEXT", wraps: true),
    ])
    table.add([
      "web", "small", "somewhere", .init("about 20s left", short: "20s"), "run `a command` now", "one two three",
    ])
    table.add(["api", "large", "elsewhere", "", "", "four"])
    return table
  }

  @Test func `what matters least is left out first, and text goes on below`() {
    #expect(
      Self.long.text(style: Self.plain).raw == """
        NAME  KIND   WHERE      LEFT            FIX                  TEXT
        web   small  somewhere  about 20s left  run `a command` now  one two three
        api   large  elsewhere                                       four

        """)
    let narrow = Self.long.text(style: Self.plain, width: 27).raw
    #expect(
      narrow == """
        NAME  LEFT    TEXT
        web   20s     one two three
            fix: run `a command`
                 now
        api           four

        """)
    let narrower = Self.long.text(style: Self.plain, width: 18).raw
    #expect(narrower.hasPrefix("NAME  "), "\(narrower)")
    #expect(narrower.contains("\n         `a command`\n"), "\(narrower)")
  }

  @Test func `colours change no column`() {
    let colored = Self.table.text(style: Style(usesColor: true, usesUnicode: true)).raw
    #expect(colored.contains("\u{1B}[32m●\u{1B}[0m web"))
    #expect(Sanitizer.lines(colored) == Self.table.text(style: Self.plain).raw)
  }

  @Test func `a cell stays on its line whatever is in it`() {
    var table = Table([.init("A"), .init("B")])
    table.add([.init("x\ny\u{1B}[2J"), "z"])
    #expect(table.text(style: Self.plain, headers: false).raw == "x y  z\n")
  }
}
