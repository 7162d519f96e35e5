import Foundation
import TestSupport

#if canImport(Darwin)
import Darwin
#else
import Glibc
#endif

/// The dashboard on a pseudo-terminal: types keys and waits for texts on the screen, never for time.
final class DashboardSession {
  let session: Session
  private(set) var terminal: VirtualTerminal
  private var read = 0

  init(_ session: Session, columns: Int, rows: Int) {
    self.session = session
    terminal = VirtualTerminal(columns: columns, rows: rows)
  }

  /// Starts the dashboard in a demo.
  convenience init(
    _ demo: DemoFolder, _ arguments: [String] = [], columns: Int = 100, rows: Int = 30,
    environment: [String: String] = [:]
  ) throws {
    let session = try DeskrunBinary.onTerminal(
      ["--demo-speed", String(demo.speed), "tui"] + arguments,
      environment: environment.merging(["DESKRUN_DEMO_HOME": demo.path]) { $1 }, columns: UInt16(columns),
      rows: UInt16(rows))
    self.init(session, columns: columns, rows: rows)
  }

  var screen: String { terminal.text }

  /// Waits for a condition of the screen.
  @discardableResult
  func wait(_ what: String, seconds: Double = testPatience, until isSo: (String) -> Bool) throws -> String {
    let end = Date().addingTimeInterval(seconds)
    while true {
      absorb()
      if isSo(screen) { return screen }
      guard session.readOnce(until: end), Date() < end else {
        throw Session.Failure(description: "\(what) never came; the screen is\n\(screen)")
      }
    }
  }

  @discardableResult
  func see(_ text: String, seconds: Double = testPatience) throws -> String {
    try wait("\"\(text)\"", seconds: seconds) { $0.contains(text) }
  }

  func seeNoMore(_ text: String, seconds: Double = testPatience) throws {
    try wait("a screen without \"\(text)\"", seconds: seconds) { !$0.contains(text) }
  }

  func press(_ keys: String) { session.send(keys) }

  /// Types keys and waits for a text.
  func press(_ keys: String, see text: String, seconds: Double = testPatience) throws {
    press(keys)
    try see(text, seconds: seconds)
  }

  func resize(columns: Int, rows: Int) {
    absorb()
    terminal.resize(columns: columns, rows: rows)
    session.resize(columns: UInt16(columns), rows: UInt16(rows))
  }

  /// Reads until the program ends.
  func finish() -> DeskrunBinary.Outcome {
    let outcome = session.finish()
    absorb()
    return outcome
  }

  private func absorb() {
    let bytes = session.bytes
    if read < bytes.count { terminal.feed(bytes[read...]) }
    read = bytes.count
  }
}

/// Keys, as sent by terminals.
enum Press {
  static let enter = "\r"
  static let tab = "\t"
  static let escape = "\u{1B}"
  static let up = "\u{1B}[A"
  static let down = "\u{1B}[B"
  static let right = "\u{1B}[C"
  static let controlC = "\u{3}"
  static let controlU = "\u{15}"
  static let controlZ = "\u{1A}"
}
