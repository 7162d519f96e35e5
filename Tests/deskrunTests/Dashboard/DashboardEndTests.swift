import Foundation
import TestSupport
import Testing

#if canImport(Darwin)
import Darwin
#else
import Glibc
#endif

/// However the dashboard ends, the terminal is restored and no process is left.
@Suite(.serialized, .ownThreads) struct DashboardEndTests {
  @Test(arguments: Rounds.soak == nil ? [SIGHUP, SIGINT] + SignalTests.kinds : SignalTests.all)
  func `a signal gives the terminal back`(signal: Int32) throws {
    let demo = DemoFolder()
    let note = demo.path + ".pid"
    defer { try? FileManager.default.removeItem(atPath: note) }
    // A shell around it reads the terminal's modes before and after, like the user's.
    let session = try Session(
      "/bin/sh",
      ["sh", "-c", "ulimit -c 0; stty -g; sh -c 'echo $$ >$NOTE; exec $BIN --demo tui'; echo \"status $?\"; stty -g"],
      environment: DeskrunBinary.environment([
        "DESKRUN_DEMO_HOME": demo.path, "NOTE": note, "BIN": DeskrunBinary.path,
      ]), terminal: (100, 30))
    let board = DashboardSession(session, columns: 100, rows: 30)
    try board.see("web-ci-")
    let text = try String(contentsOfFile: note, encoding: .utf8).trimmingCharacters(in: .whitespacesAndNewlines)
    kill(try #require(pid_t(text)), signal)
    try board.see("status \(128 + signal)")
    _ = board.finish()
    let lines = board.screen.split(separator: "\n").map(String.init)
    let settings = lines.filter { $0.split(separator: ":").count > 10 }
    #expect(settings.count == 2 && settings.first == settings.last, "\(board.screen)")
    #expect(board.terminal.modes.intersection([1000, 1002, 1004, 1006, 1049, 2004, 2026]) == [])
    try expectNothingLeft(of: demo)
  }

  @Test func `a closed terminal ends it, with all it started`() throws {
    let demo = DemoFolder()
    let board = try DashboardSession(demo)
    try board.see("web-ci-")
    board.session.hangUp()
    #expect(try board.session.waitForEnd() == 128 + SIGHUP)
    try expectNothingLeft(of: demo)
  }

  @Test func `quitting leaves no process behind`() throws {
    let demo = DemoFolder()
    let board = try DashboardSession(demo)
    try board.see("web-ci-")
    try board.press("v", see: "Pulled")
    board.press(Press.controlC)
    #expect(board.finish().status == 0)
    try expectNothingLeft(of: demo)
  }

  @Test func `without a terminal it says so`() throws {
    let outcome = try DemoFolder().runProgram(["tui"])
    #expect(outcome.status != 0)
    #expect(outcome.errors.contains("terminal"), "\(outcome.errors)")
  }

  @Test func `a terminal that cannot be drawn on is named`() throws {
    let demo = DemoFolder()
    let session = try DeskrunBinary.onTerminal(
      ["--demo", "tui"], environment: ["DESKRUN_DEMO_HOME": demo.path, "TERM": "dumb"])
    let outcome = session.finish()
    #expect(outcome.status != 0 && outcome.status < 128)
    #expect(outcome.output.contains("dumb"), "\(outcome.output)")
  }

  @Test func `a terminal nobody has described is drawn on like an xterm`() throws {
    let demo = DemoFolder()
    let session = try DeskrunBinary.onTerminal(
      ["--demo", "tui"], environment: ["DESKRUN_DEMO_HOME": demo.path, "TERM": "unheard-of"])
    let board = DashboardSession(session, columns: 80, rows: 24)
    try board.see("web-ci-")
    board.press("q")
    #expect(board.finish().status == 0)
  }

  /// Every process of the demo has its folder in the environment.
  private func expectNothingLeft(of demo: DemoFolder, sourceLocation: SourceLocation = #_sourceLocation) throws {
    #if os(Linux)
    let end = Date().addingTimeInterval(testPatience)
    var left: [String] = []
    repeat {
      left = (try FileManager.default.contentsOfDirectory(atPath: "/proc")).filter { name in
        guard pid_t(name) != nil, let data = FileManager.default.contents(atPath: "/proc/\(name)/environ") else {
          return false
        }
        return String(decoding: data, as: UTF8.self).contains("DESKRUN_DEMO_HOME=\(demo.path)")
      }
      if left.isEmpty { return }
      usleep(20_000)
    } while Date() < end
    let commands = left.map { name in
      String(decoding: FileManager.default.contents(atPath: "/proc/\(name)/cmdline") ?? Data(), as: UTF8.self)
        .replacingOccurrences(of: "\0", with: " ")
    }
    #expect(left == [], "\(commands)", sourceLocation: sourceLocation)
    #endif
  }
}
