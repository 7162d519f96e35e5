import Foundation
import TestSupport
import Testing

#if canImport(Darwin)
import Darwin
#else
import Glibc
#endif

/// Stopped with ctrl-Z and continued, under a shell with job control.
@Suite(.serialized, .ownThreads) struct DashboardStopTests {
  /// The number of rounds; more with `make soak`.
  static let rounds = Rounds.soak ?? 5

  private let demo = DemoFolder(speed: 30)

  @Test func `after every ctrl-Z and fg the rows go on changing`() throws {
    let board = try inShell()
    for round in 1...Self.rounds {
      try board.wait("rows") { !Self.rows($0).isEmpty }
      let before = Self.rows(board.screen)
      board.press(Press.controlZ)
      try board.wait("the shell") { $0.contains("Stopped") && $0.contains("ready>") && !$0.contains("Installations") }
      board.press("clear; fg\n")
      // Ages and dots change on their own, but runners and their states only with data from the cluster.
      try board.wait("other rows after fg number \(round)") { screen in
        let rows = Self.rows(screen)
        return !rows.isEmpty && rows != before && screen.contains("Installations")
      }
    }
    try leave(board)
  }

  @Test func `kill ends it while it is stopped`() throws {
    let board = try inShell()
    board.press(Press.controlZ)
    try board.wait("the shell") { $0.contains("Stopped") && !$0.contains("Installations") }
    board.press(Self.kill)
    try board.see("Terminated")
    board.press("exit\n")
    #expect(board.finish().status == 0)
    #expect(!board.terminal.modes.contains(1049))
  }

  @Test func `in the background it stops until fg, and can be ended`() throws {
    let board = try inShell()
    board.press(Press.controlZ)
    try board.wait("the shell") { $0.contains("Stopped") && !$0.contains("Installations") }
    board.press("clear; bg; until jobs -s | grep -q tui; do sleep 0.05; done; echo again\n")
    try board.see("\nagain")
    board.press("clear; fg\n")
    try board.see("Installations")
    board.press(Press.controlZ)
    try board.wait("the shell") { $0.contains("Stopped") && !$0.contains("Installations") }
    board.press("bg; " + Self.kill)
    try board.see("Terminated")
    board.press("exit\n")
    #expect(board.finish().status == 0)
  }

  /// The shell reports how a job ended with its next prompt.
  private static let kill = "P=$(jobs -p); kill %1; while kill -0 $P 2>/dev/null; do sleep 0.05; done\n"

  /// The states and names of the displayed runners.
  private static func rows(_ screen: String) -> [String] {
    screen.split(separator: "\n").compactMap { line in
      let words = line.split(separator: " ").map(String.init)
      guard let at = words.firstIndex(where: { ["busy", "idle", "starting", "finishing", "failing"].contains($0) }),
        words.indices.contains(at + 1), words[at + 1].contains("-runner-")
      else { return nil }
      return words[at] + " " + words[at + 1]
    }
  }

  private func inShell() throws -> DashboardSession {
    let session = try Session(
      "/bin/bash", ["bash", "--norc", "--noprofile", "-i"],
      environment: DeskrunBinary.environment([
        "DESKRUN_DEMO_HOME": demo.path, "PS1": "ready> ", "BIN": DeskrunBinary.path, "HISTFILE": "",
      ]), terminal: (100, 30))
    let board = DashboardSession(session, columns: 100, rows: 30)
    try board.see("ready>")
    board.press("$BIN --demo --demo-speed \(demo.speed) tui\n")
    try board.see("web-ci-")
    return board
  }

  private func leave(_ board: DashboardSession) throws {
    board.press("q")
    try board.wait("the shell") { $0.contains("ready>") && !$0.contains("Installations") }
    board.press("exit\n")
    #expect(board.finish().status == 0)
  }
}
