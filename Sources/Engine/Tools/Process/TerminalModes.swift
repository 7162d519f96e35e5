#if canImport(Darwin)
import Darwin
#else
import Glibc
#endif

/// The modes a terminal had at some moment. It stays open, so that a signal handler can put them back too.
package final class TerminalModes {
  private let descriptor: Int32
  private let modes: termios

  /// Takes them down; nil when there is no terminal.
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

  /// Has them put back when a fault ends this program.
  package func hold() { TerminalGuard.hold(TerminalGuard.Holding(terminal: descriptor, modes: modes)) }

  /// The end of `hold`.
  func letGo() { TerminalGuard.release() }

  /// Puts them back once what was written has been shown.
  package func restore() {
    // In the background the attempt would stop this program, and the terminal is another's.
    let foreground = tcgetpgrp(descriptor)
    guard foreground == getpgrp() || foreground < 0 else { return }
    var modes = modes
    while tcsetattr(descriptor, TCSADRAIN, &modes) < 0, errno == EINTR {}
  }
}

/// The keys of the terminal that end or stop programs, ignored here while another program has the terminal.
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

  /// Stops this program as ctrl-Z would, and returns when it goes on. Where nobody could let it go on, the system
  /// ignores the signal and it returns at once.
  static func suspendThisProgram() {
    signal(SIGTSTP, SIG_DFL)
    // To this very thread, so that it takes effect before the next line.
    raise(SIGTSTP)
    signal(SIGTSTP, SIG_IGN)
  }
}
