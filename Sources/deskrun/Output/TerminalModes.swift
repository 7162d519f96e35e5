import Engine
import Synchronization

#if canImport(Darwin)
import Darwin
#else
import Glibc
#endif

/// Terminal settings that were changed and must be restored however the process ends.
enum TerminalModes {
  private static let saved = Lock<[Int32: termios]>([:])

  /// Runs the body with the terminal's echo switched off. Pending input is discarded, so that nothing typed ahead
  /// becomes part of a secret. Has no effect on a descriptor that is not a terminal.
  static func withoutEcho<R, E: Error>(_ descriptor: Int32, _ body: () throws(E) -> R) throws(E) -> R {
    var modes = termios()
    guard tcgetattr(descriptor, &modes) == 0 else { return try body() }
    let original = modes
    saved.withLock { $0[descriptor] = original }
    let crashes = TerminalGuard.installHandlers()
    TerminalGuard.hold(TerminalGuard.Holding(terminal: descriptor, modes: original))
    defer {
      restore(descriptor)
      TerminalGuard.release()
      crashes.restore()
    }
    modes.c_lflag &= ~tcflag_t(ECHO)
    modes.c_lflag |= tcflag_t(ICANON | ISIG)
    _ = tcsetattr(descriptor, TCSAFLUSH, &modes)
    return try body()
  }

  /// Restores all terminals, for exits that bypass `defer`.
  static func restoreAll() {
    for descriptor in saved.withLock({ Array($0.keys) }) { restore(descriptor) }
  }

  private static func restore(_ descriptor: Int32) {
    saved.withLock {
      guard var original = $0.removeValue(forKey: descriptor) else { return }
      _ = tcsetattr(descriptor, TCSAFLUSH, &original)
    }
  }
}
