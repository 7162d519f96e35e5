import Engine
import Testing

@testable import CommandOutput
@testable import CommandSession
@testable import deskrun

@Suite struct TextTests {
  @Test(arguments: [
    (0, "0s"), (6, "6s"), (59, "59s"), (60, "1m"), (252, "4m12s"), (599, "9m59s"), (600, "10m"), (3599, "59m"),
    (3600, "1h"), (11_100, "3h5m"), (35_999, "9h59m"), (36_000, "10h"), (86_399, "23h"), (86_400, "1d"),
    (200_000, "2d"), (-5, "0s"), (Int.max, "9999y"),
  ]) func `times take five cells at most`(seconds: Int, text: String) {
    #expect(DurationText.short(seconds: seconds) == text)
    #expect(text.count <= 5)
  }

  @Test func `a part of a second counts as none`() {
    #expect(DurationText.short(.milliseconds(1999)) == "1s")
    #expect(DurationText.short(.milliseconds(20)) == "0s")
  }

  @Test(
    arguments: [
      (0, "0 B"), (512, "512 B"), (1023, "1023 B"), (1024, "1.0 KiB"), (1536, "1.5 KiB"), (10_188, "9.9 KiB"),
      (10_239, "10 KiB"), (1_048_063, "1023 KiB"), (1_048_064, "1.0 MiB"), (65_498_251_264, "61 GiB"), (-1, "0 B"),
      (Int64.max, "8.0 EiB"),
    ] as [(Int64, String)]) func `amounts of data have a unit`(bytes: Int64, text: String)
  {
    #expect(BytesText.short(bytes) == text)
  }

  @Test(arguments: [
    ("plain", 5), ("", 0), ("é", 1), ("e\u{301}", 1), ("日本", 4), ("ｆｕｌｌ", 8), ("👍", 2), ("👩‍👩‍👧‍👦", 2), ("❤️", 2),
    ("🇩🇪", 2), ("한글", 4), ("a\u{200B}b", 2), ("●▸◌✗○✓", 6), ("한", 2),
  ]) func `width is what a terminal shows`(text: String, cells: Int) {
    #expect(DisplayWidth.of(text) == cells)
  }

  @Test(arguments: [
    ("abcdef", 6, "abcdef"), ("abcdef", 5, "abcd…"), ("日本語", 5, "日本…"), ("日本語", 4, "日…"), ("abc", 1, "…"),
    ("abc", 0, ""),
  ]) func `cutting never exceeds its cells`(text: String, cells: Int, expected: String) {
    let cut = DisplayWidth.cut(text, to: cells, ellipsis: "…")
    #expect(cut == expected)
    #expect(DisplayWidth.of(cut) <= cells)
  }

  @Test(arguments: [
    ("plain", "plain"), ("a\u{1B}[31mred\u{1B}[0m", "ared"), ("\u{1B}]0;title\u{07}x", "x"),
    ("\u{1B}]8;;http://x\u{1B}\\link\u{1B}]8;;\u{1B}\\", "link"), ("a\u{1B}Pq#0\u{1B}\\b", "ab"),
    ("a\u{9B}2Jb", "ab"), ("\u{1B}", ""), ("\u{1B}[", ""), ("\u{1B}(Bx", "x"), ("a\u{07}\u{08}\u{00}\u{7F}b", "ab"),
    ("a\u{202E}b", "ab"), ("one\r\ntwo\tthree", "one two    three"), ("\u{1B}]0;never ends\nnext", " next"),
    ("\u{1B}\u{1B}[2Jx", "x"), ("\u{1B}[\u{1B}[2Jx", "x"),
  ]) func `text from outside cannot steer the terminal`(text: String, safe: String) {
    #expect(Sanitizer.line(text) == safe)
  }

  @Test func `lines stay lines where they may`() {
    #expect(Sanitizer.lines("one\r\ntwo\n\u{1B}[1mthree") == "one\ntwo\nthree")
  }

  @Test(arguments: [
    ("token ghp_abc123 here", "token ghp_… here"), ("github_pat_11AA_bb", "github_pat_…"), ("ghost_town", "ghost_town"),
    ("x -----BEGIN A KEY-----\nabc\n-----END A KEY----- y", "x (a private key) y"),
    ("it has no line -----BEGIN … PRIVATE KEY----- (ghp_…)", "it has no line -----BEGIN … PRIVATE KEY----- (ghp_…)"),
    ("-----BEGIN A KEY-----\nabc", "(a private key)"), ("-----BEGIN A-----\nabc-----END B", "(a private key)"),
  ]) func `secrets are taken out of what was typed`(text: String, safe: String) {
    #expect(Sanitizer.withoutSecrets(text) == safe)
  }

  @Test(arguments: [
    ("statsu", "status"), ("lst", "list"), ("--repo", "--repository"), ("e", nil), ("-o", nil), ("kubernetes", nil),
    ("DOWN", "down"),
  ]) func `the near name is found, and none that is far`(word: String, name: String?) {
    #expect(NearestName.of(word, among: ["status", "list", "scale", "down", "up", "--repository", "--demo"]) == name)
  }

  @Test func `every kind of failure has its exit status`() {
    let expected: [EngineError.Kind: Int32] = [
      .usage: 64, .invalid: 65, .configuration: 7, .toolMissing: 5, .unreachable: 6, .timedOut: 6, .unauthorized: 4,
      .notFound: 3, .failed: 1, .interrupted: 130,
    ]
    for kind in EngineError.Kind.allCases { #expect(ExitStatus(kind).rawValue == expected[kind]) }
  }

  @Test func `an error says what, why and what to do`() {
    let error = EngineError(
      .failed, "the cluster could not be made", why: "kind failed\nwith two lines", fix: "start Docker",
      details: ["ERROR: \u{1B}[31mno space"])
    let plain = ErrorReport.text(error, style: Style(usesColor: false, usesUnicode: true)).raw
    #expect(
      plain == """
        error: the cluster could not be made
          why: kind failed
               with two lines
          fix: start Docker
            ERROR: no space

        """)
    let colored = ErrorReport.text(error, style: Style(usesColor: true, usesUnicode: true)).raw
    #expect(colored.hasPrefix("\u{1B}[31merror:\u{1B}[0m the cluster"))
  }
}
