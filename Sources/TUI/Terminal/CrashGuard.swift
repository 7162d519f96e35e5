import Basics
import CNcurses
import Synchronization
import Tools

#if canImport(Darwin)
import Darwin
#else
import Glibc
#endif

/// The descriptor that handlers write to, or -1. A handler cannot use locks.
private let wakePipe = Atomic<Int32>(-1)

/// The signal that asked the program to end, or 0.
private let endingSignal = Atomic<Int32>(0)

/// Restores the terminal whatever ends the dashboard: signals that ask it to end are passed to its loop, faults are
/// handled by `TerminalGuard`.
struct CrashGuard {
  /// Turns mouse, focus and paste reports off, ends an unfinished frame, turns attributes off and the cursor on, and
  /// leaves the alternate screen; then the reports again, since some terminals restore modes with the screen.
  package static let reset: StaticString =
    "\u{1B}[?1000l\u{1B}[?1002l\u{1B}[?1006l\u{1B}[?1004l\u{1B}[?2004l\u{1B}[?2026l\u{1B}[?1l\u{1B}>\u{1B}(B\u{1B}[m\u{1B}[?25h\u{1B}[?1049l\u{1B}[?1000l\u{1B}[?1002l\u{1B}[?1006l\u{1B}[?1004l\u{1B}[?2004l"

  private static let notices = [SIGWINCH, SIGTSTP, SIGCONT]

  private let holding: TerminalGuard.Holding
  private let crashes: TerminalGuard.Handlers

  /// Installs the handlers. The terminal is held from `arm` on.
  ///
  /// - Parameters:
  ///   - wake: receives the signal's number as a byte for each resize, stop and end.
  ///   - errors: the real standard error, while `captured` receives what is written to it; -1 for none.
  package init(terminal: Int32, modes: termios, wake: Int32, errors: Int32, captured: Int32) {
    holding = TerminalGuard.Holding(
      terminal: terminal, modes: modes, reset: Self.reset, errors: errors, captured: captured)
    wakePipe.store(wake, ordering: .sequentiallyConsistent)
    endingSignal.store(0, ordering: .sequentiallyConsistent)
    cnc_alternate_stack()
    for signal in EndingSignals.requests + Self.notices { _ = cnc_on_signal(signal, Self.onNotice) }
    crashes = TerminalGuard.installHandlers()
  }

  /// Whether the terminal has to be restored.
  func arm(_ isArmed: Bool) { if isArmed { TerminalGuard.hold(holding) } else { TerminalGuard.release() } }

  /// The signal that asked the program to end, or nil.
  package var ending: Int32? {
    let signal = endingSignal.load(ordering: .sequentiallyConsistent)
    return signal == 0 ? nil : signal
  }

  /// Stops the program, and returns when it continues. That is not reported: the caller knows.
  package func stop(by signal: Int32) {
    cnc_default_signal(signal)
    cnc_default_signal(SIGCONT)
    raise(signal)
    _ = cnc_on_signal(SIGCONT, Self.onNotice)
    if signal == SIGTSTP { _ = cnc_on_signal(SIGTSTP, Self.onNotice) }
  }

  /// Waits until the program is in the foreground. A program that continues in the background is stopped when it
  /// touches the terminal, and a signal to end it, as from `kill %1`, would have no effect before the next `fg`.
  ///
  /// - Returns: false if such a signal arrived while the program was in the background.
  func waitForForeground(_ terminal: Int32) -> Bool {
    while true {
      let foreground = tcgetpgrp(terminal)
      if foreground == getpgrp() { return true }
      // The signal came before the one that resumed the program, but another thread may just be handling it.
      for _ in 0..<20 where ending == nil { poll(nil, 0, 10) }
      if ending != nil { return false }
      if foreground < 0 { return true }
      stop(by: SIGTTOU)
    }
  }

  /// Restores all signal handlers.
  func uninstall() {
    TerminalGuard.release()
    wakePipe.store(-1, ordering: .sequentiallyConsistent)
    for signal in EndingSignals.requests + Self.notices { cnc_default_signal(signal) }
    crashes.restore()
  }

  private static let onNotice: cnc_handler = { signal, _, _ in
    let saved = errno
    var byte = UInt8(truncatingIfNeeded: signal)
    if signal != SIGWINCH, signal != SIGTSTP, signal != SIGCONT {
      endingSignal.store(signal, ordering: .sequentiallyConsistent)
    }
    let wake = wakePipe.load(ordering: .sequentiallyConsistent)
    if wake >= 0 { _ = write(wake, &byte, 1) }
    errno = saved
  }
}
