import TerminalKit

#if canImport(Darwin)
import Darwin
#else
import Glibc
#endif

/// Times of day in the reader's time zone.
package enum LocalClock {
  /// The current time, as `12:04:33`.
  package static func now() -> String { ClockText.time(Int64(time(nil))) }

  /// The hour of the day.
  package static func hour(_ seconds: Int64) -> Int { ClockText.hour(seconds) }

  /// The offset from UTC at a moment, in seconds.
  package static func offset(_ seconds: Int64) -> Int64 { ClockText.offset(seconds) }

  /// A moment as `12:04:33` today, otherwise with its day: `Tue 12:04`, `Nov 24 12:04`, `Nov 24 2025 12:04`.
  package static func moment(_ seconds: Int64, now: Int64 = Int64(time(nil))) -> String {
    ClockText.moment(seconds, now: now)
  }
}
