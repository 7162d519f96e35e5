#if canImport(Darwin)
import Darwin
#else
import Glibc
#endif

/// The handler of SIGCHLD: writes a byte to the reactor's pipe. It does not reap, so it is compatible with other code
/// that has children.
enum ChildSignal {
  // Written before the handler is installed, and only read by it: a signal handler must not use locks.
  nonisolated(unsafe) private static var descriptor: Int32 = -1

  package static func install(wakeWriter: Int32) {
    descriptor = wakeWriter
    var action = sigaction()
    let handler: @convention(c) (Int32) -> Void = { _ in
      let saved = errno
      var byte: UInt8 = 1
      _ = write(ChildSignal.descriptor, &byte, 1)
      errno = saved
    }
    #if canImport(Darwin)
    action.__sigaction_u.__sa_handler = handler
    #else
    action.__sigaction_handler.sa_handler = handler
    #endif
    action.sa_flags = Int32(SA_RESTART | SA_NOCLDSTOP)
    sigaction(SIGCHLD, &action, nil)
  }

  package static func uninstall() { signal(SIGCHLD, SIG_DFL) }
}
