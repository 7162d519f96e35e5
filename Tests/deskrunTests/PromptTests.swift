import Foundation
import TestSupport
import Testing

@testable import CommandOutput
@testable import CommandSession
@testable import deskrun

#if canImport(Darwin)
import Darwin
#else
import Glibc
#endif

@Suite(.ownThreads) struct PromptTests {
  static func answer(_ text: String, assumesYes: Bool = false, isTerminal: Bool = true) throws -> RecordedConsole {
    var ends: [Int32] = [-1, -1]
    guard pipe(&ends) == 0 else { throw Session.Failure(description: "no pipe") }
    defer { close(ends[0]) }
    _ = text.withCString { write(ends[1], $0, strlen($0)) }
    close(ends[1])
    let recorded = RecordedConsole(live: false)
    var prompt = Prompt(console: recorded.console, assumesYes: assumesYes, input: ends[0])
    prompt.inputIsTerminal = isTerminal
    try prompt.confirm("Remove web-ci?", losses: ["2 runners are busy"], refusal: "web-ci was not removed")
    return recorded
  }

  @Test(arguments: ["y\n", "Y\n", "yes\n", " Yes \r\n", "y"]) func `a clear yes is a yes`(text: String) throws {
    let recorded = try Self.answer(text)
    #expect(recorded.errors.text == "  2 runners are busy\nRemove web-ci? [y/N] ")
    #expect(recorded.output.text == "")
  }

  @Test(arguments: ["n\n", "\n", "", "yeah\n", "yes please\n", "j\n"])
  func `anything else is a no`(text: String) throws {
    #expect(throws: Refusal(what: "web-ci was not removed")) { try Self.answer(text) }
  }

  @Test func `an answer that is neither yes nor no is told what is expected`() throws {
    func asked(_ text: String, proposal: Bool) throws -> (isYes: Bool, shown: String) {
      var ends: [Int32] = [-1, -1]
      guard pipe(&ends) == 0 else { throw Session.Failure(description: "no pipe") }
      defer { close(ends[0]) }
      _ = text.withCString { write(ends[1], $0, strlen($0)) }
      close(ends[1])
      let recorded = RecordedConsole(live: false)
      let prompt = Prompt(console: recorded.console, assumesYes: false, input: ends[0])
      return (try prompt.isYes("Sure?", proposal: proposal), recorded.errors.text)
    }
    let corrected = try asked("maybe\ny\n", proposal: false)
    #expect(corrected.isYes)
    #expect(corrected.shown == "Sure? [y/N] Answer y or n. Enter alone means no.\nSure? [y/N] ")
    #expect(try asked("j\n\n", proposal: true).shown.contains("Enter alone means yes."))
    #expect(try asked("N\n", proposal: true).shown == "Sure? [Y/n] ")
  }

  @Test func `with --yes nothing is asked`() throws {
    #expect(try Self.answer("n\n", assumesYes: true, isTerminal: false).errors.text == "")
  }

  @Test func `without a terminal the way out is named`() throws {
    let refusal = try #require(throws: Refusal.self) { try Self.answer("y\n", isTerminal: false) }
    #expect(refusal.fix?.contains("--yes") == true)
  }

  @Test func `a secret is not shown, and the terminal is given back`() throws {
    #expect(try Self.type("s3cret \n", hidden: "s3cret") == "s3cret")
  }

  @Test func `a private key is read to its last line`() throws {
    let key = "-----BEGIN RSA PRIVATE KEY-----\nAAAA\nBBBB\n-----END RSA PRIVATE KEY-----"
    #expect(try Self.type(key + "\n", hidden: "AAAA") == key)
  }

  /// Types at a prompt for a secret, and checks that it is not shown.
  private static func type(_ text: String, hidden: String) throws -> String? {
    let terminal = try PseudoTerminal()
    defer { close(terminal.master) }
    let keepsOpen = open(terminal.path, O_RDWR | O_NOCTTY | O_CLOEXEC)
    defer { close(keepsOpen) }
    let path = terminal.path
    let result = Answer()
    let thread = Thread {
      var prompt = Prompt(console: RecordedConsole(live: false).console, assumesYes: false)
      prompt.terminalPath = path
      result.finish((try? prompt.secret("Token"))??.reveal())
    }
    thread.start()
    var shown = try Self.read(terminal.master, until: "Token: ")
    #expect(!Self.echoes(keepsOpen))
    _ = text.withCString { write(terminal.master, $0, strlen($0)) }
    let secret = result.wait()
    shown += try Self.read(terminal.master, until: "\n")
    #expect(!shown.contains(hidden))
    #expect(Self.echoes(keepsOpen))
    return secret
  }

  @Test func `without a terminal there is no secret`() throws {
    var prompt = Prompt(console: RecordedConsole(live: false).console, assumesYes: false)
    prompt.terminalPath = "/nonexistent/tty"
    #expect(try prompt.secret("Token") == nil)
  }

  private static func echoes(_ descriptor: Int32) -> Bool {
    var modes = termios()
    return tcgetattr(descriptor, &modes) == 0 && modes.c_lflag & tcflag_t(ECHO) != 0
  }

  private static func read(_ descriptor: Int32, until text: String) throws -> String {
    var shown = ""
    while !shown.contains(text) {
      var wait = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
      guard poll(&wait, 1, Int32(testPatience) * 1000) > 0 else {
        throw Session.Failure(description: "only this came: \(shown)")
      }
      var chunk = [UInt8](repeating: 0, count: 4096)
      let count = readOnce(descriptor, &chunk, chunk.count)
      guard count > 0 else { throw Session.Failure(description: "the terminal closed after: \(shown)") }
      shown += String(decoding: chunk[..<count], as: UTF8.self)
    }
    return shown
  }
}

/// A value from another thread.
final class Answer: @unchecked Sendable {
  // NSCondition guards the value; the compiler cannot see that.
  private let condition = NSCondition()
  private var value: String??

  func finish(_ value: String?) {
    condition.lock()
    self.value = .some(value)
    condition.broadcast()
    condition.unlock()
  }

  /// The value, or nil if there was none within `testPatience`.
  func wait() -> String? {
    condition.lock()
    defer { condition.unlock() }
    let end = Date().addingTimeInterval(testPatience)
    while value == nil, condition.wait(until: end) {}
    return value ?? nil
  }
}

private func readOnce(_ descriptor: Int32, _ bytes: UnsafeMutablePointer<UInt8>, _ count: Int) -> Int {
  read(descriptor, bytes, count)
}
