#if canImport(Darwin)
import Darwin
#else
import Glibc
#endif

/// The clock on the wall.
package enum SystemTime {
  /// Whole seconds since 1970 (UTC).
  package static func secondsSince1970() -> Int64 { Int64(time(nil)) }
}
