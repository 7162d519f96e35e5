#if canImport(Darwin)
import Darwin
#else
import Glibc
#endif

/// The clock on the wall.
package enum SystemTime {
  /// Whole seconds since 1970 (UTC).
  ///
  /// `time` is not asked: on Linux it lags behind by some milliseconds, and who sleeps until a second begins would wake up
  /// several times before it has.
  package static func secondsSince1970() -> Int64 {
    var now = timespec()
    clock_gettime(CLOCK_REALTIME, &now)
    return Int64(now.tv_sec)
  }
}
