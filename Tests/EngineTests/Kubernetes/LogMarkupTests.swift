import Testing

@testable import Basics
@testable import Kubernetes

/// The meaning of log lines to GitHub.
@Suite struct LogMarkupTests {
  @Test(arguments: [
    ("##[group]Set up job", LogMarkup.Kind.group, "Set up job"),
    ("2026-11-24T00:01:15.7797690Z ##[group]Set up job", .group, "Set up job"),
    ("##[endgroup]", .endGroup, ""),
    ("##[error]Process completed with exit code 1.", .error, "Process completed with exit code 1."),
    ("##[warning]old", .warning, "old"), ("##[notice]new", .notice, "new"),
    ("##[command]/usr/bin/git version", .command, "/usr/bin/git version"), ("##[debug]x", .debug, "x"),
    ("##[section]Starting: build", .section, "Starting: build"),
    ("::group::Install", .group, "Install"), ("  ::endgroup::", .endGroup, ""),
    ("::error::no such file", .error, "no such file"),
    (
      "::error file=app.js,line=3,col=7,title=Lint::50%25 of it%0Ais wrong", .error,
      "Lint: 50% of it is wrong (app.js:3:7)"
    ),
    ("::WARNING file=a%2Cb.c::old", .warning, "old (a,b.c)"),
    ("2026-11-24T00:01:15.7797690Z ::notice::deployed", .notice, "deployed"), ("::debug::why", .debug, "why"),
    ("\u{1B}[36;1m##[error]red\u{1B}[0m", .error, "red\u{1B}[0m"),
    ("2026-11-24T00:01:15.7797690Z plain text", .plain, "plain text"),
  ]) func `is shown as GitHub shows it`(line: String, kind: LogMarkup.Kind, shown: String) {
    let markup = LogMarkup(line)
    #expect(markup.kind == kind)
    #expect(markup.message(line) == shown)
  }

  @Test(arguments: [
    "", "#", "::", "##[", "##[]", "##[unknown]x", "::unknown::x", "::error", "::error file=a", "x ##[error]y",
    "echo \"::error::x\"", "::section::x", "2026-11-24T00:01:15Z short time", "std::group::x", "##[group",
  ]) func `other lines stay as they are`(line: String) {
    #expect(LogMarkup(line).kind == .plain)
    #expect(LogMarkup(line).message(line) == line)
  }

  @Test func `the time in a line is read`() {
    let line = "2026-11-24T00:01:15.7797690Z ##[group]x"
    #expect(LogMarkup(line).time(line) == Timestamp.parse("2026-11-24T00:01:15Z"))
    #expect(LogMarkup("##[group]x").time("##[group]x") == nil)
  }

  @Test(arguments: [
    ("::add-mask::hunter2", "::add-mask::***", ["hunter2"]), ("##[add-mask]hunter2", "##[add-mask]***", ["hunter2"]),
    ("::add-mask::a%25b%0Acd", "::add-mask::***", ["a%b", "cd"]), ("::add-mask::", "::add-mask::***", []),
  ]) func `a mask is learned and not shown`(line: String, shown: String, secrets: [String]) {
    let markup = LogMarkup(line)
    #expect(markup.kind == .mask)
    #expect(markup.secrets(line) == secrets)
    #expect(markup.withoutSecret(line) == shown)
  }

  @Test func `what was masked is hidden in later lines, the longest first`() {
    var masks = LogMasks()
    #expect(masks.masked("hunter2") == nil)
    masks.learn(["hunter", "hunter2", "", "作者"])
    #expect(masks.masked("password hunter2, user hunter, 作者!") == "password ***, user ***, ***!")
    #expect(masks.masked("hunte") == nil)
  }
}
