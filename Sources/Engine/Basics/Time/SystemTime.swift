#if canImport(Darwin)
import Darwin
#else
import Glibc
#endif

/// The wall clock.
package enum SystemTime {
  /// Whole seconds since 1970 (UTC).
  ///
  /// `time` is not used: on Linux it lags by some milliseconds, and code that sleeps until the next second would wake
  /// up several times before it starts.
  package static func secondsSince1970() -> Int64 {
    var now = timespec()
    clock_gettime(CLOCK_REALTIME, &now)
    return Int64(now.tv_sec)
  }
}
