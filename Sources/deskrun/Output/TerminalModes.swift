import Engine
import Synchronization

#if canImport(Darwin)
import Darwin
#else
import Glibc
#endif

/// Terminal settings that were changed and must be given back however the process ends.
enum TerminalModes {
  private static let saved = Lock<[Int32: termios]>([:])

  /// Runs the body with the terminal's echo switched off. What was typed before is dropped, so that nothing typed
  /// ahead becomes part of a secret. A descriptor that is no terminal is left alone.
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

  /// Gives every terminal back as it was. For the way out that no `defer` sees.
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
