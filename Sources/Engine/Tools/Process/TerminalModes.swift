#if canImport(Darwin)
import Darwin
#else
import Glibc
#endif

/// The modes of a terminal at some moment. It is kept open, so that a signal handler can restore them too.
package final class TerminalModes {
  private let descriptor: Int32
  private let modes: termios

  /// Saves the modes; nil if there is no terminal.
  package init?(path: String) {
    let descriptor = open(path, O_RDWR | O_CLOEXEC | O_NOCTTY)
    guard descriptor >= 0 else { return nil }
    var modes = termios()
    guard tcgetattr(descriptor, &modes) == 0 else {
      close(descriptor)
      return nil
    }
    self.descriptor = descriptor
    self.modes = modes
  }

  deinit { close(descriptor) }

  /// Makes a fault of this program restore them.
  package func hold() { TerminalGuard.hold(TerminalGuard.Holding(terminal: descriptor, modes: modes)) }

  /// Ends the effect of `hold`.
  func letGo() { TerminalGuard.release() }

  /// Restores them after pending output has been shown.
  package func restore() {
    // In the background this would stop the program, and the terminal belongs to another one.
    let foreground = tcgetpgrp(descriptor)
    guard foreground == getpgrp() || foreground < 0 else { return }
    var modes = modes
    while tcsetattr(descriptor, TCSADRAIN, &modes) < 0, errno == EINTR {}
  }
}

/// The signals of keys that end or stop programs, ignored here while another program has the terminal.
struct ForegroundSignals {
  private let former: [(signal: Int32, action: sigaction)]

  package static func ignore() -> ForegroundSignals {
    ForegroundSignals(
      former: [SIGINT, SIGQUIT, SIGTSTP].map { signal in
        var former = sigaction()
        var ignoring = sigaction()
        #if canImport(Darwin)
        ignoring.__sigaction_u.__sa_handler = SIG_IGN
        #else
        ignoring.__sigaction_handler.sa_handler = SIG_IGN
        #endif
        sigaction(signal, &ignoring, &former)
        return (signal, former)
      })
  }

  package func restore() {
    for (signal, action) in former {
      var action = action
      sigaction(signal, &action, nil)
    }
  }

  /// Stops this program like ctrl-Z, and returns when it continues. If nothing could resume it, the system ignores the
  /// signal and this returns immediately.
  static func suspendThisProgram() {
    signal(SIGTSTP, SIG_DFL)
    // Sent to this thread, so that it takes effect before the next line.
    raise(SIGTSTP)
    signal(SIGTSTP, SIG_IGN)
  }
}
