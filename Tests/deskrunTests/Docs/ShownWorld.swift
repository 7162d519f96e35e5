import Foundation
import TestSupport

#if canImport(Darwin)
import Darwin
#else
import Glibc
#endif

/// The environment of a page's commands: a demo, a terminal, and a folder with the files that the page mentions.
final class ShownWorld {
  private var home: TemporaryFolder
  /// False until the page asks for a demo or runs a command.
  private var hasDemo = false
  private let tools: TemporaryFolder
  let folder: TemporaryFolder
  private static let token = "ghp_demodemodemodemodemodemodemodemodemo"
  /// The default folder of the demo.
  private var demo: String { home.path + "/.local/state/deskrun/demo" }

  init() throws {
    home = try TemporaryFolder()
    tools = try TemporaryFolder()
    folder = try TemporaryFolder()
    // Fast, but slow enough to see intermediate states.
    try tools.write("#!/bin/sh\nexec '\(DeskrunBinary.path)' --demo-speed 60 \"$@\"\n", to: "deskrun", mode: 0o755)
    try folder.write(Self.token + "\n", to: "token.txt", mode: 0o600)
    // The shape of an RSA key: a sequence of the right length with meaningless contents.
    let key = Data([0x30, 0x82, 0x01, 0x00] + (0..<256).map { UInt8($0) }).base64EncodedString(
      options: .lineLength64Characters)
    try folder.write(
      "-----BEGIN RSA PRIVATE KEY-----\n\(key)\n-----END RSA PRIVATE KEY-----\n", to: "key.pem", mode: 0o600)
  }

  /// A new demo with these options.
  func start(_ options: [String]) async throws {
    hasDemo = true
    home = try TemporaryFolder()
    let outcome = try await InProcess.run(
      ["--demo-speed", "60", "--demo-seed", "2"] + options + ["list"], environment: ["HOME": home.path])
    guard outcome.status == 0 else { throw Session.Failure(description: outcome.errors) }
    // The demo has no GitHub command line, which pages use.
    try home.write("#!/bin/sh\necho '\(Self.token)'\n", to: ".local/state/deskrun/demo/bin/gh", mode: 0o755)
  }

  /// Runs a command as a user types it, and gives what is on the terminal at its end.
  func run(_ command: ShownCommand) async throws -> (status: Int32, lines: [String]) {
    if !hasDemo { try await start([]) }
    let path = tools.path + ":" + (ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin")
    let environment = DeskrunBinary.environment([
      "PATH": path, "HOME": home.path, "TZ": "UTC", "WEB_CI_TOKEN": Self.token,
    ])
    let session = try Session(
      "/bin/sh", ["sh", "-c", "cd '\(folder.path)' || exit\n\(command.text)"], environment: environment,
      terminal: (200, 600))
    let board = DashboardSession(session, columns: 200, rows: 600)
    let answer = Answers(command)
    let end = Date().addingTimeInterval(testPatience)
    do {
      try board.wait("its end", seconds: testPatience) { screen in
        if let keys = answer.keys(on: screen, board.terminal) { board.press(keys) }
        return false
      }
    } catch {
      // The deadline is over, or the command waits for an answer: its status is that of a killed program.
      if Date() >= end { kill(-session.process, SIGKILL) }
    }
    let outcome = board.finish()
    return (outcome.status, plain(board.screen))
  }

  /// The lines with the usual paths instead of the demo's, and without the demo's own remarks.
  private func plain(_ screen: String) -> [String] {
    let text = screen.replacing(demo + "/home", with: "~/.deskrun").replacing(demo + "/bin", with: "/usr/bin")
      .replacing(DeskrunBinary.path, with: "/usr/local/bin/deskrun").replacing("deskrun --demo ", with: "deskrun ")
    var lines = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    lines.removeAll { $0 == "note: using the demo's own token; no GitHub token needed" }
    while lines.last?.isEmpty == true { lines.removeLast() }
    return lines
  }
}

/// The input of a user who follows a page: yes to questions, and the key that ends a continuous command.
private final class Answers {
  private let goesOn: Bool
  private var confirmed = 0
  private var hasLeft = false

  init(_ command: ShownCommand) { goesOn = command.goesOn }

  func keys(on screen: String, _ terminal: VirtualTerminal) -> String? {
    guard !terminal.isDrawing else { return nil }
    let questions = screen.components(separatedBy: "[y/N]").count - 1
    if questions > confirmed {
      confirmed = questions
      return "y\n"
    }
    let isDashboard = terminal.modes.contains(1049) && screen.contains(where: { !$0.isWhitespace })
    guard !hasLeft, isDashboard || (goesOn && !screen.allSatisfy(\.isWhitespace)) else { return nil }
    hasLeft = true
    return Press.controlC
  }
}
