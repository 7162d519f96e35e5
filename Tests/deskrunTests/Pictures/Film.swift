import Foundation
import TestSupport

/// The animated picture: from a shell to an installation that runs jobs, a job's log, and back.
///
/// It shows the actual behavior of the built program, but not its timing: scenes are shown long enough to read, and
/// waiting for a busy computer is cut.
final class Film {
  private let world: PictureWorld
  private let board: DashboardSession
  private var scenes: [(screen: TerminalScreen, seconds: Double)] = []

  init() throws {
    world = try PictureWorld(speed: 8, ["--demo-empty"])
    board = try world.shell(columns: 100, rows: 30)
  }

  /// Plays the scenes, and draws them.
  func taken() throws -> String {
    try see("$", seconds: 1)
    try type("deskrun tui")
    try press(Press.enter, see: "This computer can run your GitHub Actions jobs.", seconds: 2)

    try press("a", see: "Add an installation", seconds: 1)
    try type("web-ci")
    try press(Press.tab, seconds: 0.3)
    try type("https://github.com/acme/web")
    board.press(String(repeating: Press.tab, count: 5) + Press.controlU)
    try paste("ghp_demoTokenThatNobodyMaySee0123456789", see: "••••", seconds: 1.5)
    board.press(Press.enter)
    try watch { $0.contains("✓ Add web-ci  done") }
    try hold(2)

    // Its first job: the busy runner, and its log while it is written.
    board.press("2")
    try watch { $0.contains("busy      web-ci-runner-") }
    try press(Press.enter, see: "Running job:", seconds: 0.5)
    let poster = scenes.count
    let ends = ["succeeded", "failed", "canceled", "lost", "unknown", "ended"].map { "· \($0)" }
    try watch { text in ends.contains { text.contains($0) } }
    try hold(2)

    try press("J", see: "RESULT", seconds: 3)
    try press("q", see: "$ deskrun tui\n$", seconds: 0.1)
    try hold(1.5)
    board.press("exit\n")
    _ = board.session.finish(seconds: Pictures.patience)
    return Picture.moving(
      scenes, poster: min(poster, scenes.count - 1),
      title: "deskrun: an installation is added, runs its first job, and shows its log", .dark)
  }

  // MARK: Scenes

  /// Shows the current screen for this much longer.
  private func hold(_ seconds: Double) throws {
    let screen = board.terminal.screen
    if let last = scenes.last, last.screen == screen {
      scenes[scenes.count - 1].seconds += seconds
    } else {
      scenes.append((screen, seconds))
    }
  }

  private func see(_ text: String, seconds: Double, and isSo: (String) -> Bool = { _ in true }) throws {
    try board.wait("\"\(text)\"", seconds: Pictures.patience) {
      $0.contains(text) && isSo($0) && !board.terminal.isDrawing
    }
    try hold(seconds)
  }

  private func press(
    _ keys: String, see text: String, seconds: Double, and isSo: (String) -> Bool = { _ in true }
  ) throws {
    board.press(keys)
    try see(text, seconds: seconds, and: isSo)
  }

  /// Presses keys that change something on the screen.
  private func press(_ keys: String, seconds: Double) throws {
    let before = board.terminal.screen
    board.press(keys)
    try board.wait("a change by a key", seconds: Pictures.patience) { _ in
      board.terminal.screen != before && !board.terminal.isDrawing
    }
    try hold(seconds)
  }

  private func type(_ text: String) throws {
    for character in text {
      // A blank is invisible, so its change cannot be waited for.
      if character == " " { board.press(" ") } else { try press(String(character), seconds: 0.06) }
    }
    try hold(0.4)
  }

  private func paste(_ text: String, see shown: String, seconds: Double) throws {
    try press("\u{1B}[200~\(text)\u{1B}[201~", see: shown, seconds: seconds)
  }

  /// Records each change until the condition is true; changes in rapid succession are combined.
  private func watch(until isSo: (String) -> Bool) throws {
    let pace = 0.25
    var seen = Date.distantPast
    try board.wait("the end of a scene") { text in
      guard !board.terminal.isDrawing else { return false }
      let isOver = isSo(text)
      if isOver || (Date().timeIntervalSince(seen) >= pace && board.terminal.screen != scenes.last?.screen) {
        try? hold(pace)
        seen = Date()
      }
      return isOver
    }
  }
}
