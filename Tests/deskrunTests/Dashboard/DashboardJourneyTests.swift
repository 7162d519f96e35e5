import Foundation
import TestSupport
import Testing

/// A new user's session with the dashboard: the built program on a terminal, with the demo.
@Suite(.serialized, .ownThreads) struct DashboardJourneyTests {
  static let token = "ghp_demoTokenThatNobodyMaySee0123456789"

  @Test func `an installation is added, watched, read about and removed`() async throws {
    let demo = DemoFolder(speed: 60)
    _ = try await demo.run(["--demo-empty", "list"])
    let board = try DashboardSession(demo, columns: 110, rows: 34)
    try board.see("This computer can run your GitHub Actions jobs.")

    // Added with the form and a typed token.
    try board.press("a", see: "Add an installation")
    board.press("docs-ci" + Press.tab + "https://github.com/acme/docs")
    board.press(String(repeating: Press.tab, count: 5) + Press.controlU + Self.token)
    try board.see("••••")
    #expect(!board.screen.contains("ghp_demo"))
    board.press(Press.enter)
    try board.see("✓ Add docs-ci  done")

    // A runner gets a job and is deleted when it ends; its log can still be read.
    try board.press("2" + "J", see: "running")
    try board.see("✓ succeeded")
    try board.press("/succeeded" + Press.enter, see: "/succeeded")
    try board.wait("the runner to go away") { _ in (try? self.onlyPast(board)) == true }
    try board.see("completed with result:")

    // Removed, after a question.
    try board.press("1" + "d", see: "Remove docs-ci?")
    board.press(Press.right)
    board.press(Press.enter)
    try board.see("✓ Remove docs-ci  done")
    try board.see("None yet. Press a to add one.")
    try quit(board)
    #expect(board.terminal.unknown == [])
    let shown = String(decoding: board.session.bytes, as: UTF8.self)
    #expect(!shown.contains(Self.token))
    // The configuration contains it by design, and so does its backup.
    for file in try demo.files() where !file.path.contains("config.json") {
      #expect(!file.text.contains(Self.token), "\(file.path)")
    }
  }

  @Test func `a failing runner is explained in one key`() throws {
    let board = try DashboardSession(DemoFolder(), columns: 100, rows: 30)
    try board.see("3 runners are failing")
    try board.press(Press.down + "w", see: "─ 3 Logs")
    try board.see("ghcr.io/acme/runner:missing")
    try board.press("e", see: "Change tools-dind")
    board.press(Press.escape)
    try board.seeNoMore("Change tools-dind")
    try quit(board)
  }

  @Test func `a remedy is one key away from what is wrong`() async throws {
    let demo = DemoFolder(speed: 1)
    _ = try await demo.run(["--demo-trouble", "at-limit", "list"])
    let board = try DashboardSession(demo, columns: 100, rows: 30)
    try board.see("jobs wait because all")
    try board.press(Press.down + Press.down + "w", see: "Enter brings it up")
    #expect(board.screen.contains("waiting, oldest"))
    board.press(Press.enter)
    try board.see("wait until web-ci is ready  ready")
    try quit(board)
  }

  @Test func `what another deskrun adds is known to an open dashboard`() async throws {
    let demo = DemoFolder(speed: 60)
    let board = try DashboardSession(demo, columns: 110, rows: 30)
    try board.see("3 runners are failing")
    let added = try await demo.run(["add", "fresh", "-r", "https://github.com/acme/fresh"])
    #expect(added.status == 0, "\(added.errors)")
    // The GitHub URL is only in the configuration.
    try board.see("acme/fresh")
    try quit(board)
  }

  @Test func `a job that ended in an earlier session has its result and log two keys away`() async throws {
    let demo = DemoFolder(speed: 60)
    let first = try DashboardSession(demo, columns: 100, rows: 30)
    // Including the sign: the figures contain the word even if no job succeeded.
    try first.press("J", see: "✓ succeeded")
    try quit(first)
    _ = try await demo.run(["--demo-trouble", "cluster-stopped", "list"])
    let again = try DashboardSession(demo, columns: 100, rows: 30)
    try again.see("The node of kind-deskrun is stopped")
    try again.press("J", see: "✓ succeeded")
    try again.press("3/succeeded" + Press.enter, see: "/succeeded")
    try again.press(Press.enter, see: "─ 3 Logs")
    try again.see("· succeeded")
    // After a long job name, the result is on the next line.
    try again.see("completed with result:")
    try quit(again)
  }

  @Test func `sizes change, sort orders and sizes are remembered`() throws {
    let demo = DemoFolder()
    let board = try DashboardSession(demo, columns: 100, rows: 30)
    try board.see("web-ci-")
    for (columns, rows) in [(60, 15), (20, 5), (200, 60), (80, 24), (100, 30)] {
      board.resize(columns: columns, rows: rows)
      try board.wait("a frame of \(columns)x\(rows)") { screen in
        let lines = screen.split(separator: "\n", omittingEmptySubsequences: false)
        return lines.count == rows && lines.contains { $0.contains("─ 1 Installations") }
          && lines.contains { $0.count == columns && $0.hasPrefix("─") }
      }
    }
    try board.press("2S", see: "Sort")
    try board.press("rr" + Press.enter, see: "repository ▴")
    try quit(board)
    let again = try DashboardSession(demo, columns: 100, rows: 30)
    try again.see("repository ▴")
    try quit(again)
  }

  @Test func `ctrl-Z stops it under a shell with job control, and fg brings it back`() throws {
    let demo = DemoFolder()
    let session = try Session(
      "/bin/bash", ["bash", "--norc", "--noprofile", "-i"],
      environment: DeskrunBinary.environment([
        "DESKRUN_DEMO_HOME": demo.path, "PS1": "ready> ", "BIN": DeskrunBinary.path, "HISTFILE": "",
      ]), terminal: (100, 30))
    let board = DashboardSession(session, columns: 100, rows: 30)
    try board.see("ready>")
    board.press("$BIN --demo tui\n")
    try board.see("web-ci-")
    board.press(Press.controlZ)
    try board.see("Stopped")
    #expect(!board.terminal.modes.contains(1049) && !board.terminal.modes.contains(1000))
    try board.press("echo a line of the shell\n", see: "a line of the shell\n")
    board.press("fg\n")
    try board.wait("the dashboard") { $0.contains("Installations") && !$0.contains("a line of the shell") }
    board.press("q")
    try board.wait("the shell") { $0.contains("fg") && !$0.contains("Installations") }
    board.press("echo ended with $?\n")
    try board.see("ended with 0")
    board.press("exit\n")
    #expect(board.finish().status == 0)
  }

  @Test func `a shell in a runner has the terminal and gives it back`() throws {
    // Slow, so that the idle runner does not get a job before the shell has started.
    let board = try DashboardSession(DemoFolder(speed: 1), columns: 100, rows: 30)
    try board.see("web-ci-")
    board.press("2/idle" + Press.enter)
    try board.press("x", see: "runner@")
    board.press("whoami\n")
    try board.see("\nrunner\n")
    board.press("exit\n")
    try board.see("Installations")
    try board.seeNoMore("runner@")
    try quit(board)
  }

  @Test func `text and keys that came with a paste are text`() throws {
    let board = try DashboardSession(DemoFolder(), columns: 100, rows: 30)
    try board.see("web-ci-")
    board.press("\u{1B}[200~qdq\u{1B}[201~")
    try board.see("nothing to paste into")
    try board.press("a", see: "Add an installation")
    board.press("\u{1B}[200~pasted-name\n\u{1B}[201~")
    try board.see("pasted-name")
    board.press(Press.escape)
    try board.seeNoMore("pasted-name")
    try quit(board)
  }

  @Test func `looking changes nothing`() async throws {
    let demo = DemoFolder()
    let board = try DashboardSession(demo, ["--read-only"], columns: 100, rows: 30)
    try board.see("web-ci-")
    for key in ["a", "e", "d", "s", "+", "R", "U", "X"] {
      board.press(key)
      try board.see("started with --read-only")
    }
    try quit(board)
    #expect(try await demo.run(["list", "-o", "json"]).output.contains("\"web-ci\""))
  }

  // MARK: Shared steps

  /// Opens the log of the newest successful job, and returns whether its runner was deleted.
  private func onlyPast(_ board: DashboardSession) throws -> Bool {
    if board.screen.contains("log kept") { return true }
    if board.screen.contains("succeeded") { board.press("J" + Press.enter) }
    return false
  }

  /// Quits, and checks that the terminal was restored.
  private func quit(_ board: DashboardSession) throws {
    board.press("q")
    let outcome = board.finish()
    #expect(outcome.status == 0)
    #expect(board.terminal.modes.subtracting([25, 7]) == [])
  }
}
