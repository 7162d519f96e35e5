import CNcurses

#if canImport(Darwin)
import Darwin
#else
import Glibc
#endif

/// Keeps tokens and keys in this program's memory from being written to disk or read by other programs of the user.
package enum HiddenMemory {
  /// No core file, and on Linux no core for a crash reporter, no debugger, and no access to `/proc/PID/mem` or
  /// `environ` for unprivileged processes.
  package static func begin() {
    var limit = rlimit()
    #if canImport(Darwin)
    let resource = RLIMIT_CORE
    #else
    let resource = __rlimit_resource_t(RLIMIT_CORE.rawValue)
    #endif
    if getrlimit(resource, &limit) == 0 {
      // The hard limit is kept, so that programs started from here, such as a browser, can raise it again.
      limit.rlim_cur = 0
      setrlimit(resource, &limit)
    }
    cnc_hide_memory()
  }
}

/// Keeps this program's memory no larger than needed.
package enum ReturnedMemory {
  /// Returns free memory to the system. Call this before another thread starts.
  package static func begin() { cnc_return_memory() }
}
