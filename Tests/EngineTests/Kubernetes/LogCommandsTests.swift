import Testing

@testable import Basics
@testable import Kubernetes

/// The meaning of lines while a job has stopped commands.
@Suite struct LogCommandsTests {
  private func kinds(_ lines: [String]) -> [LogMarkup.Kind] {
    var commands = LogCommands()
    return lines.map { commands.next($0).kind }
  }

  @Test func `nothing is a command until the token`() {
    let lines = [
      "::error::a", "::stop-commands::Pause-1", "::error::b", "##[error]c", "::group::d", "::other::", "::pause-1::",
      "::error::e",
    ]
    #expect(kinds(lines) == [.error, .plain, .plain, .plain, .plain, .plain, .plain, .error])
  }

  @Test func `the time of GitHub's logs may be before each`() {
    let time = "2026-11-24T00:01:15.7797690Z "
    let lines = ["::stop-commands::t", "::error::b", "::t::", "::error::c"].map { time + $0 }
    var commands = LogCommands()
    #expect(lines.map { commands.next($0).message($0) } == ["::stop-commands::t", "::error::b", "::t::", "c"])
  }

  @Test(arguments: ["::stop-commands::", "::stop-commands::  ", "::stop-commands::error", "stop-commands::x"])
  func `what the runner refuses as a token stops nothing`(line: String) {
    #expect(kinds([line, "::error::a"]) == [.plain, .error])
  }

  @Test func `a value to hide is plain text meanwhile, and one that is known stays hidden`() {
    var commands = LogCommands()
    _ = commands.next("::stop-commands::t")
    #expect(commands.next("::add-mask::x").secrets("::add-mask::x") == [])
    #expect(commands.again("::error::***").kind == .plain)
    _ = commands.next("::t::")
    #expect(commands.next("::add-mask::x").secrets("::add-mask::x") == ["x"])
  }
}
