#if canImport(Darwin)
import Darwin
#else
import Glibc
#endif

/// Gives the terminal back when a fault ends the program: while a screen is drawn, while a secret is typed, while another
/// program has the terminal.
///
/// One of these at a time holds the terminal. The handlers use only what is safe in them: one block of memory that
/// exists before they do, and system calls.
package enum TerminalGuard {
  /// A terminal whose modes are not the usual ones.
  package struct Holding {
    /// The terminal.
    package var terminal: Int32
    /// Its usual modes.
    package var modes: termios
    /// What has to be written to it to leave the screen.
    package var reset: StaticString?
    /// The real standard error while `captured` takes what is written to it; -1 where it is not captured.
    package var errors: Int32 = -1
    package var captured: Int32 = -1

    package init(terminal: Int32, modes: termios, reset: StaticString? = nil, errors: Int32 = -1, captured: Int32 = -1)
    {
      self.terminal = terminal
      self.modes = modes
      self.reset = reset
      self.errors = errors
      self.captured = captured
    }
  }

  private struct State {
    package var terminal: Int32 = -1
    package var errors: Int32 = -1
    package var captured: Int32 = -1
    /// The program that has the terminal, or 0.
    var child: pid_t = 0
    package var modes = termios()
    package var reset: UnsafePointer<UInt8>?
    var resetLength = 0
    var isHeld = false
  }

  // A signal handler can take no lock and capture nothing; it finds this block, made before the first handler is
  // installed and never freed. Only whoever holds the terminal writes to it.
  nonisolated(unsafe) private static let state: UnsafeMutablePointer<State> = {
    let state = UnsafeMutablePointer<State>.allocate(capacity: 1)
    state.initialize(to: State())
    return state
  }()

  /// From now on a fault gives this terminal back. Needs `installHandlers` to have been called.
  package static func hold(_ holding: Holding) {
    state.pointee.isHeld = false
    state.pointee.terminal = holding.terminal
    state.pointee.modes = holding.modes
    state.pointee.errors = holding.errors
    state.pointee.captured = holding.captured
    state.pointee.reset = holding.reset?.utf8Start
    state.pointee.resetLength = holding.reset?.utf8CodeUnitCount ?? 0
    state.pointee.isHeld = true
  }

  /// The terminal has been given back.
  package static func release() { state.pointee.isHeld = false }

  /// A program that is ended before the terminal is given back, so that it cannot change it again; 0 for none.
  package static func setChild(_ pid: pid_t) { state.pointee.child = pid }

  /// Handlers that are put back with `restore`.
  package struct Handlers {
    fileprivate let former: [(signal: Int32, action: sigaction)]

    /// Puts back what was there.
    package func restore() {
      for (signal, action) in former {
        var action = action
        sigaction(signal, &action, nil)
      }
    }
  }

  /// Handles faults, on a stack of its own where the thread has one.
  package static func installHandlers() -> Handlers {
    _ = state
    return Handlers(
      former: EndingSignals.crashes.map { signal in
        var former = sigaction()
        var action = sigaction()
        #if canImport(Darwin)
        action.__sigaction_u.__sa_sigaction = onCrash
        action.sa_flags = Int32(SA_SIGINFO | SA_ONSTACK)
        #else
        action.__sigaction_handler.sa_sigaction = onCrash
        action.sa_flags = Int32(bitPattern: UInt32(SA_SIGINFO) | UInt32(SA_ONSTACK))
        #endif
        sigemptyset(&action.sa_mask)
        sigaction(signal, &action, &former)
        return (signal, former)
      })
  }

  private static let onCrash:
    @convention(c) (Int32, UnsafeMutablePointer<siginfo_t>?, UnsafeMutableRawPointer?) -> Void = { number, info, _ in
      giveBack()
      signal(number, SIG_DFL)
      // A fault happens again when the handler returns; what was sent has to be sent again.
      if (info?.pointee.si_code ?? 0) <= 0 { raise(number) }
    }

  /// Ends the program that has the terminal, writes the reset sequence and puts the modes back, with system calls alone.
  package static func giveBack() {
    if state.pointee.child > 0 {
      kill(state.pointee.child, SIGKILL)
      // It is waited for: what it does to the terminal on its way must come first.
      var info = siginfo_t()
      waitid(P_PID, id_t(state.pointee.child), &info, WEXITED | WNOWAIT)
      state.pointee.child = 0
    }
    guard state.pointee.isHeld else { return }
    state.pointee.isHeld = false
    // In the background the attempt would stop this program, and the terminal is another's.
    let foreground = tcgetpgrp(state.pointee.terminal)
    guard foreground == getpgrp() || foreground < 0 else { return }
    writeReset()
    tcsetattr(state.pointee.terminal, TCSANOW, &state.pointee.modes)
    guard state.pointee.errors >= 0 else { return }
    dup2(state.pointee.errors, 2)
    copyCaptured(to: 2)
  }

  /// Writes the reset sequence. The terminal may be busy with a frame, or take nothing at all, as after ctrl-S: it is
  /// given half a second, then what it has not shown is dropped, and it is given half a second more.
  private static func writeReset() {
    guard let reset = state.pointee.reset else { return }
    var done = 0
    var waits = 0
    while done < state.pointee.resetLength, waits < 20 {
      let count = write(state.pointee.terminal, reset + done, state.pointee.resetLength - done)
      if count > 0 {
        done += count
        continue
      }
      var ready = pollfd(fd: state.pointee.terminal, events: Int16(POLLOUT), revents: 0)
      _ = poll(&ready, 1, 50)
      usleep(2000)
      waits += 1
      guard waits == 10 else { continue }
      tcflow(state.pointee.terminal, TCOON)
      tcflush(state.pointee.terminal, TCOFLUSH)
      done = 0
    }
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
