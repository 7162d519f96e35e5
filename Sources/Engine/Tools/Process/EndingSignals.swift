#if canImport(Darwin)
import Darwin
#else
import Glibc
#endif

/// The signals whose default action ends a process: the one table of them. SIGKILL cannot be handled, and SIGPIPE is
/// ignored from the start, so neither is in it.
package enum EndingSignals {
  /// Those that others send to have the program end. It ends in order: what runs is cancelled, the terminal is given
  /// back.
  package static let requests: [Int32] = {
    var signals = [
      SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGUSR1, SIGUSR2, SIGALRM, SIGVTALRM, SIGPROF, SIGXCPU, SIGXFSZ,
    ]
    #if os(Linux)
    signals += [SIGIO, SIGPWR, SIGSTKFLT]
    // Those below SIGRTMIN belong to the C library, which lets nobody handle them.
    signals += Array(__libc_current_sigrtmin()...__libc_current_sigrtmax())
    #endif
    return signals
  }()

  /// Those of faults. Nothing of the program can be relied on any more: only the terminal is given back.
  package static let crashes: [Int32] = [SIGSEGV, SIGABRT, SIGILL, SIGTRAP, SIGBUS, SIGFPE, SIGSYS]

  /// The name of a signal as kill(1) knows it: SIGTERM. The number where it has none.
  package static func name(_ signal: Int32) -> String {
    names.first { $0.0 == signal }.map { "SIG" + $0.1 } ?? "signal \(signal)"
  }

  private static let names: [(Int32, String)] = [
    (SIGHUP, "HUP"), (SIGINT, "INT"), (SIGQUIT, "QUIT"), (SIGILL, "ILL"), (SIGTRAP, "TRAP"), (SIGABRT, "ABRT"),
    (SIGBUS, "BUS"), (SIGFPE, "FPE"), (SIGKILL, "KILL"), (SIGUSR1, "USR1"), (SIGSEGV, "SEGV"), (SIGUSR2, "USR2"),
    (SIGPIPE, "PIPE"), (SIGALRM, "ALRM"), (SIGTERM, "TERM"), (SIGXCPU, "XCPU"), (SIGXFSZ, "XFSZ"), (SIGSYS, "SYS"),
  ]
}
