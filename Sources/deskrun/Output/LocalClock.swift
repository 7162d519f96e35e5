#if canImport(Darwin)
import Darwin
#else
import Glibc
#endif

/// Times of day in the reader's time zone.
enum LocalClock {
  /// Now, as `12:04:33`.
  static func now() -> String { text(time(nil)) }

  /// A moment in seconds since 1970, as `12:04:33`.
  static func text(_ seconds: time_t) -> String {
    var seconds = seconds
    var parts = tm()
    localtime_r(&seconds, &parts)
    func two(_ value: Int32) -> String { value < 10 ? "0\(value)" : "\(value)" }
    return "\(two(parts.tm_hour)):\(two(parts.tm_min)):\(two(parts.tm_sec))"
  }
}
