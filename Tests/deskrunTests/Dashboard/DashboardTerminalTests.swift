import Foundation
import TestSupport
import Testing

#if canImport(Darwin)
import Darwin
#else
import Glibc
#endif

/// Unusual terminals.
@Suite(.serialized, .ownThreads) struct DashboardTerminalTests {
  private let demo = DemoFolder()

  private func start(_ environment: [String: String] = [:]) throws -> DashboardSession {
    let board = try DashboardSession(demo, columns: 100, rows: 30, environment: environment)
    try board.see("web-ci-")
    return board
  }

  private func quit(_ board: DashboardSession) {
    board.press("q")
    #expect(board.finish().status == 0)
  }

  @Test func `a click that is reported the old way is a click and types nothing`() throws {
    let board = try start()
    // Column 68 of the first runner, which as keys would be Enter and `d`; then the wheel, which would be `a`.
    board.press("\u{1B}[M d(" + "\u{1B}[M#d(" + "\u{1B}[Ma!(")
    try board.press("2", see: "delete")
    #expect(!board.screen.contains("Delete the runner") && !board.screen.contains("Add an installation"))
    // On the title of a tab, where nothing moves.
    board.press("3z")
    try board.seeNoMore("2 Runners")
    let lines = board.screen.split(separator: "\n", omittingEmptySubsequences: false)
    let row = try #require(lines.firstIndex { $0.contains("─ 3 Logs") })
    let before = try #require(lines[row].components(separatedBy: "Jobs").first)
    let (x, y) = (before.count + 33, row + 33)
    board.press("\u{1B}[M \(Unicode.Scalar(UInt8(x)))\(Unicode.Scalar(UInt8(y)))")
    try board.see("failed only")
    quit(board)
  }

  @Test func `a locale of UTF-8 that is not installed draws lines and takes letters`() throws {
    let board = try start(["LANG": "xx_YY.UTF-8", "LC_CTYPE": "UTF-8"])
    #expect(board.screen.contains("─ 1 Installations"), "\(board.screen)")
    try board.press("/für", see: "filter: für")
    board.press(Press.controlC)
    try board.seeNoMore("filter: ")
    quit(board)
  }

  @Test(arguments: ["wezterm", "alacritty", "vt100", "no-such-terminal"])
  func `a terminal that the system may not know is drawn on`(name: String) throws {
    let board = try start(["TERM": name])
    #expect(board.screen.contains("─ 1 Installations"), "\(board.screen)")
    quit(board)
  }

  @Test func `a paste that does not end takes no key for long`() throws {
    let board = try start()
    board.press("\u{1B}[200~lost")
    try board.see("nothing to paste into")
    quit(board)
  }

  @Test func `what is far too long for a filter is refused at once`() throws {
    let board = try start()
    try board.press("/", see: "filter: ")
    board.press(String(repeating: "abcdefghi ", count: 30_000))
    try board.see("Too long")
    board.press("\u{1B}[200~" + String(repeating: "abcdefghi ", count: 30_000) + "\u{1B}[201~")
    board.press(Press.controlU + "web")
    try board.see("filter: web")
    board.press(Press.controlC)
    try board.seeNoMore("filter: ")
    quit(board)
  }

  @Test(arguments: [SIGTERM, SIGHUP]) func `a signal ends it though the terminal takes no output`(signal: Int32) throws
  {
    let board = try start()
    let inner = open(board.session.terminalPath, O_RDWR | O_NOCTTY | O_CLOEXEC)
    let isStopped = inner >= 0 && tcflow(inner, TCOOFF) == 0
    board.resize(columns: 90, rows: 28)
    kill(board.session.process, signal)
    let status = Result { try board.session.waitForEnd() }
    // The rest arrives once nobody holds the terminal.
    close(inner)
    let end = Date().addingTimeInterval(testPatience)
    while board.session.readOnce(until: end) {}
    #expect(isStopped)
    #expect(try status.get() == 128 + signal)
    _ = try? board.see("")
    #expect(board.terminal.modes.intersection([1000, 1002, 1004, 1006, 1049, 2004, 2026]) == [])
  }
}
