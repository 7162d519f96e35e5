#if canImport(Darwin)
import Darwin
#else
import Glibc
#endif

/// Restores the terminal when a fault ends the program: while a screen is drawn, a secret is entered, or another
/// program has the terminal.
///
/// Only one of these can be the case at a time. The handlers use only what is safe in them: a block of memory allocated
/// beforehand, and system calls.
package enum TerminalGuard {
  /// A terminal with changed modes.
  package struct Holding {
    package var terminal: Int32
    /// Its usual modes.
    package var modes: termios
    /// The sequence that leaves the screen.
    package var reset: StaticString?
    /// The real standard error while `captured` receives what is written to it; -1 if it is not captured.
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

  // A signal handler can use no locks and capture nothing; it uses this block, allocated before the first handler is
  // installed and never freed. Only the holder of the terminal writes to it.
  nonisolated(unsafe) private static let state: UnsafeMutablePointer<State> = {
    let state = UnsafeMutablePointer<State>.allocate(capacity: 1)
    state.initialize(to: State())
    return state
  }()

  /// From now on, a fault restores this terminal. Call `installHandlers` first.
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

  /// The terminal has been restored.
  package static func release() { state.pointee.isHeld = false }

  /// Sets a program to end before the terminal is restored, so that it cannot change it again; 0 for none.
  package static func setChild(_ pid: pid_t) { state.pointee.child = pid }

  /// The previous handlers, for `restore`.
  package struct Handlers {
    fileprivate let former: [(signal: Int32, action: sigaction)]

    /// Restores the previous handlers.
    package func restore() {
      for (signal, action) in former {
        var action = action
        sigaction(signal, &action, nil)
      }
    }
  }

  /// Handles faults, on a separate stack if the thread has one.
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
      // A fault recurs when the handler returns; a signal that was sent must be sent again.
      if (info?.pointee.si_code ?? 0) <= 0 { raise(number) }
    }

  /// Ends the program that has the terminal, writes the reset sequence and restores the modes, using only system calls.
  package static func giveBack() {
    if state.pointee.child > 0 {
      kill(state.pointee.child, SIGKILL)
      // Its end is awaited: its last changes to the terminal must come first.
      var info = siginfo_t()
      waitid(P_PID, id_t(state.pointee.child), &info, WEXITED | WNOWAIT)
      state.pointee.child = 0
    }
    guard state.pointee.isHeld else { return }
    state.pointee.isHeld = false
    // In the background this would stop the program, and the terminal belongs to another one.
    let foreground = tcgetpgrp(state.pointee.terminal)
    guard foreground == getpgrp() || foreground < 0 else { return }
    writeReset()
    tcsetattr(state.pointee.terminal, TCSANOW, &state.pointee.modes)
    guard state.pointee.errors >= 0 else { return }
    dup2(state.pointee.errors, 2)
    copyCaptured(to: 2)
  }

  /// Writes the reset sequence. The terminal may be busy with a frame, or accept nothing at all, as after ctrl-S: it
  /// gets half a second, then pending output is dropped, and it gets another half second.
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

  /// Copies the end of the captured standard error.
  private static func copyCaptured(to descriptor: Int32) {
    withUnsafeTemporaryAllocation(byteCount: 4096, alignment: 1) { buffer in
      let size = lseek(state.pointee.captured, 0, SEEK_END)
      let count = pread(state.pointee.captured, buffer.baseAddress, buffer.count, max(0, size - off_t(buffer.count)))
      if count > 0 { _ = write(descriptor, buffer.baseAddress, count) }
    }
  }
}
