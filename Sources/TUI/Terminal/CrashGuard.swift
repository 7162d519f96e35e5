import CNcurses

#if canImport(Darwin)
import Darwin
#else
import Glibc
#endif

/// Gives the terminal back whatever ends the program. Handlers may use only what is safe in them: one block of memory
/// that is there before they are, and system calls.
enum CrashGuard {
  private struct State {
    var terminal: Int32 = -1
    var errors: Int32 = -1
    var captured: Int32 = -1
    var wake: Int32 = -1
    var isArmed = false
    var ending: Int32 = 0
    var modes = termios()
    var reset: UnsafeMutablePointer<UInt8>
    var resetLength: Int
  }

  /// Mouse, focus and paste reports off, a frame that was being drawn ended, attributes off, cursor on, the usual screen
  /// back; the reports again, since some terminals bring modes back with the screen.
  static let reset: StaticString =
    "\u{1B}[?1000l\u{1B}[?1002l\u{1B}[?1006l\u{1B}[?1004l\u{1B}[?2004l\u{1B}[?2026l\u{1B}[?1l\u{1B}>\u{1B}(B\u{1B}[m\u{1B}[?25h\u{1B}[?1049l\u{1B}[?1000l\u{1B}[?1002l\u{1B}[?1006l\u{1B}[?1004l\u{1B}[?2004l"

  // A signal handler can take no lock and capture nothing; it finds this block, made before the first handler is
  // installed and never freed. Only the thread of the screen writes to it, and handlers the number of a signal.
  nonisolated(unsafe) private static let state: UnsafeMutablePointer<State> = {
    let bytes = UnsafeMutablePointer<UInt8>.allocate(capacity: reset.utf8CodeUnitCount)
    bytes.update(from: reset.utf8Start, count: reset.utf8CodeUnitCount)
    let state = UnsafeMutablePointer<State>.allocate(capacity: 1)
    state.initialize(to: State(reset: bytes, resetLength: reset.utf8CodeUnitCount))
    return state
  }()

  private static let endings = [SIGTERM, SIGHUP, SIGINT, SIGQUIT]
  private static let crashes = [SIGSEGV, SIGABRT, SIGILL, SIGTRAP, SIGBUS, SIGFPE]
  private static let notices = [SIGWINCH, SIGTSTP, SIGCONT]

  /// From now on the terminal is in use.
  ///
  /// - Parameters:
  ///   - wake: told of resizes, stops and ends, a byte with the signal's number each.
  ///   - errors: the real standard error, while `captured` takes what is written to it; -1 for none.
  static func install(terminal: Int32, modes: termios, wake: Int32, errors: Int32, captured: Int32) {
    state.pointee.terminal = terminal
    state.pointee.modes = modes
    state.pointee.wake = wake
    state.pointee.errors = errors
    state.pointee.captured = captured
    cnc_alternate_stack()
    for signal in endings + notices { _ = cnc_on_signal(signal, onNotice) }
    for signal in crashes { _ = cnc_on_signal(signal, onCrash) }
  }

  /// Whether the terminal has to be given back.
  static func arm(_ isArmed: Bool) { state.pointee.isArmed = isArmed }

  /// The signal that asked the program to end, or nil.
  static var ending: Int32? { state.pointee.ending == 0 ? nil : state.pointee.ending }

  /// Stops the program, and returns when it goes on. Going on is not told of: whoever calls this knows.
  static func stop(by signal: Int32) {
    cnc_default_signal(signal)
    cnc_default_signal(SIGCONT)
    raise(signal)
    _ = cnc_on_signal(SIGCONT, onNotice)
    if signal == SIGTSTP { _ = cnc_on_signal(SIGTSTP, onNotice) }
  }

  /// Waits until the terminal is ours. A program that goes on in the background is stopped for touching it, and a
  /// signal that is to end it, as `kill %1` sends, would do nothing before the next `fg`.
  ///
  /// - Returns: false when such a signal has come while the terminal was another's.
  static func waitForForeground(_ terminal: Int32) -> Bool {
    while true {
      let foreground = tcgetpgrp(terminal)
      if foreground == getpgrp() { return true }
      // The signal came before the one that let the program go on, but another thread may be handling it right now.
      for _ in 0..<20 where ending == nil { poll(nil, 0, 10) }
      if ending != nil { return false }
      if foreground < 0 { return true }
      stop(by: SIGTTOU)
    }
  }

  /// All signals as the program found them.
  static func uninstall() {
    state.pointee.isArmed = false
    state.pointee.wake = -1
    for signal in endings + notices + crashes { cnc_default_signal(signal) }
  }

  private static let onNotice: cnc_handler = { signal, _, _ in
    let saved = errno
    var byte = UInt8(truncatingIfNeeded: signal)
    if signal == SIGTERM || signal == SIGHUP || signal == SIGINT || signal == SIGQUIT { state.pointee.ending = signal }
    let wake = state.pointee.wake
    if wake >= 0 { _ = write(wake, &byte, 1) }
    errno = saved
  }

  private static let onCrash: cnc_handler = { signal, info, _ in
    restore()
    cnc_default_signal(signal)
    // A fault happens again when the handler returns; what was sent has to be sent again.
    if cnc_is_fault(info) == 0 { raise(signal) }
  }

  /// Writes the reset string and puts the modes back, with system calls alone.
  private static func restore() {
    guard state.pointee.isArmed else { return }
    state.pointee.isArmed = false
    if write(state.pointee.terminal, state.pointee.reset, state.pointee.resetLength) < state.pointee.resetLength {
      // It takes nothing; what it has not shown makes room.
      tcflush(state.pointee.terminal, TCOFLUSH)
      _ = write(state.pointee.terminal, state.pointee.reset, state.pointee.resetLength)
    }
    tcsetattr(state.pointee.terminal, TCSANOW, &state.pointee.modes)
    guard state.pointee.errors >= 0 else { return }
    dup2(state.pointee.errors, 2)
    copyCaptured(to: 2)
  }

  /// The end of what was written to standard error meanwhile.
  private static func copyCaptured(to descriptor: Int32) {
    withUnsafeTemporaryAllocation(byteCount: 4096, alignment: 1) { buffer in
      let size = lseek(state.pointee.captured, 0, SEEK_END)
      let count = pread(state.pointee.captured, buffer.baseAddress, buffer.count, max(0, size - off_t(buffer.count)))
      if count > 0 { _ = write(descriptor, buffer.baseAddress, count) }
    }
  }
}
