import Basics
import Tools

#if canImport(Darwin)
import Darwin
#else
import Glibc
#endif

/// Times as readers want them.
package enum ClockText {
  /// A time of day in the reader's time zone: `12:04:33`.
  package static func time(_ seconds: Int64) -> String {
    var moment = time_t(seconds)
    var parts = tm()
    localtime_r(&moment, &parts)
    func two(_ value: Int32) -> String { value < 10 ? "0\(value)" : "\(value)" }
    return "\(two(parts.tm_hour)):\(two(parts.tm_min)):\(two(parts.tm_sec))"
  }

  /// A time of day, with the date before it where that is more than half a day ago: `11-24 12:04:33`.
  package static func moment(_ seconds: Int64, now: Int64) -> String {
    guard abs(now - seconds) >= 43_200 else { return time(seconds) }
    return Timestamp.text(seconds + offset(seconds)).dropFirst(5).prefix(5) + " " + time(seconds)
  }

  /// The seconds by which the reader's clock is ahead of UTC at a moment.
  package static func offset(_ seconds: Int64) -> Int64 {
    var moment = time_t(seconds)
    var parts = tm()
    localtime_r(&moment, &parts)
    return Int64(parts.tm_gmtoff)
  }

  /// The hour of the day in the reader's time zone.
  package static func hour(_ seconds: Int64) -> Int {
    var moment = time_t(seconds)
    var parts = tm()
    localtime_r(&moment, &parts)
    return Int(parts.tm_hour)
  }

  /// A span of at most five cells, `6s 58s 4m12 41m 3h05 14h 2d`, and after how many seconds it reads otherwise.
  package static func span(_ seconds: Int64) -> (text: String, changesIn: Int64) {
    let seconds = max(0, seconds)
    return (DurationText.short(seconds: Int(clamping: seconds)), unit(seconds) - seconds % unit(seconds))
  }

  /// After how many seconds its last digit changes.
  private static func unit(_ seconds: Int64) -> Int64 {
    if seconds < 600 { return 1 }
    if seconds < 36_000 { return 60 }
    return seconds < 86_400 ? 3600 : 86_400
  }
}
