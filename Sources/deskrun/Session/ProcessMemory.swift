import CNcurses

#if canImport(Darwin)
import Darwin
#else
import Glibc
#endif

/// Keeps tokens and keys in this program's memory from being written to disk or read by other programs of the user.
package enum HiddenMemory {
  /// No core file, and on Linux no core for a crash reporter, no debugger, and no `/proc/PID/mem` or `environ` for
  /// processes without privileges.
  package static func begin() {
    var limit = rlimit()
    #if canImport(Darwin)
    let resource = RLIMIT_CORE
    #else
    let resource = __rlimit_resource_t(RLIMIT_CORE.rawValue)
    #endif
    if getrlimit(resource, &limit) == 0 {
      // The hard limit stays, so that programs started from here, a browser for example, can raise it again.
      limit.rlim_cur = 0
      setrlimit(resource, &limit)
    }
    cnc_hide_memory()
  }
}

/// Keeps the memory of this program no larger than what it holds.
package enum ReturnedMemory {
  /// What is free goes back to the system. To be called before another thread begins.
  package static func begin() { cnc_return_memory() }
}
