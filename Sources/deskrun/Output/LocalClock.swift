import TerminalKit

#if canImport(Darwin)
import Darwin
#else
import Glibc
#endif

/// Times of day in the reader's time zone.
package enum LocalClock {
  /// Now, as `12:04:33`.
  package static func now() -> String { text(time(nil)) }

  /// A moment in seconds since 1970, as `12:04:33`.
  package static func text(_ seconds: time_t) -> String { ClockText.time(Int64(seconds)) }

  /// The hour of the day.
  package static func hour(_ seconds: Int64) -> Int { ClockText.hour(seconds) }

  /// The seconds by which it is ahead of UTC at a moment.
  package static func offset(_ seconds: Int64) -> Int64 { ClockText.offset(seconds) }

  /// A moment as `12:04:33` when it is within half a day, else with its day.
  package static func day(_ seconds: time_t, now: time_t) -> String {
    if now - seconds < 43_200 { return text(seconds) }
    var moment = seconds
    var parts = tm()
    localtime_r(&moment, &parts)
    func two(_ value: Int32) -> String { value < 10 ? "0\(value)" : "\(value)" }
    return
      "\(parts.tm_year + 1900)-\(two(parts.tm_mon + 1))-\(two(parts.tm_mday)) \(two(parts.tm_hour)):\(two(parts.tm_min))"
  }
}
