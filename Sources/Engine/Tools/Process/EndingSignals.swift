#if canImport(Darwin)
import Darwin
#else
import Glibc
#endif

/// The signals whose default action ends a process. SIGKILL cannot be handled and SIGPIPE is ignored from the start, so
/// neither is included.
package enum EndingSignals {
  /// Signals that ask the program to end. It ends in order: running tasks are canceled, the terminal is restored.
  package static let requests: [Int32] = {
    var signals = [
      SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGUSR1, SIGUSR2, SIGALRM, SIGVTALRM, SIGPROF, SIGXCPU, SIGXFSZ,
    ]
    #if os(Linux)
    signals += [SIGIO, SIGPWR, SIGSTKFLT]
    // Those below SIGRTMIN are reserved by the C library, which does not allow handlers for them.
    signals += Array(__libc_current_sigrtmin()...__libc_current_sigrtmax())
    #endif
    return signals
  }()

  /// Signals for faults. The program's state is no longer reliable: only the terminal is restored.
  package static let crashes: [Int32] = [SIGSEGV, SIGABRT, SIGILL, SIGTRAP, SIGBUS, SIGFPE, SIGSYS]

  /// The name of a signal in kill(1): SIGTERM. Its number if it has no name.
  package static func name(_ signal: Int32) -> String {
    names.first { $0.0 == signal }.map { "SIG" + $0.1 } ?? "signal \(signal)"
  }

  private static let names: [(Int32, String)] = [
    (SIGHUP, "HUP"), (SIGINT, "INT"), (SIGQUIT, "QUIT"), (SIGILL, "ILL"), (SIGTRAP, "TRAP"), (SIGABRT, "ABRT"),
    (SIGBUS, "BUS"), (SIGFPE, "FPE"), (SIGKILL, "KILL"), (SIGUSR1, "USR1"), (SIGSEGV, "SEGV"), (SIGUSR2, "USR2"),
    (SIGPIPE, "PIPE"), (SIGALRM, "ALRM"), (SIGTERM, "TERM"), (SIGXCPU, "XCPU"), (SIGXFSZ, "XFSZ"), (SIGSYS, "SYS"),
  ]
}
