import Basics
import Tools

#if canImport(Darwin)
import Darwin
#else
import Glibc
#endif

/// Times for people to read.
package enum ClockText {
  /// A time of day in the reader's time zone: `12:04:33`.
  package static func time(_ seconds: Int64) -> String {
    var moment = time_t(seconds)
    var parts = tm()
    localtime_r(&moment, &parts)
    func two(_ value: Int32) -> String { value < 10 ? "0\(value)" : "\(value)" }
    return "\(two(parts.tm_hour)):\(two(parts.tm_min)):\(two(parts.tm_sec))"
  }

  /// A moment: `12:04:33` today, otherwise with its day: `Tue 12:04`, `Nov 24 12:04`, `Nov 24 2025 12:04`.
  package static func moment(_ seconds: Int64, now: Int64) -> String {
    guard let day = day(seconds, now: now) else { return time(seconds) }
    return "\(day) \(time(seconds).prefix(5))"
  }

  /// The hour and minute of a moment, with its day if not today: `12:04`, `Tue 12:04`.
  package static func minute(_ seconds: Int64, now: Int64) -> String {
    (day(seconds, now: now).map { $0 + " " } ?? "") + time(seconds).prefix(5)
  }

  /// A period: `12:04:33 to 12:09:01` today, otherwise with its days: `Tue 23:58 to Wed 00:03`.
  package static func range(from start: Int64, to end: Int64, now: Int64) -> String {
    let (first, last) = (day(start, now: now), day(end, now: now))
    guard first == last else { return "\(moment(start, now: now)) to \(moment(end, now: now))" }
    return "\(moment(start, now: now)) to \(first == nil ? time(end) : String(time(end).prefix(5)))"
  }

  /// The day of a moment: `Tue` within the last six days, `Nov 24`, `Nov 24 2025`; nil if today.
  package static func day(_ seconds: Int64, now: Int64) -> String? {
    let (local, today) = (seconds + offset(seconds), now + offset(now))
    let ago = CalendarText.dayNumber(today) - CalendarText.dayNumber(local)
    if ago == 0 { return nil }
    if (1...6).contains(ago) { return CalendarText.weekday(local) }
    let year = CalendarText.year(local)
    return CalendarText.day(local) + (year == CalendarText.year(today) ? "" : " \(year)")
  }

  /// The date of a moment, if not today: `Tue Nov 24`, `Tue Nov 24 2025`.
  package static func date(_ seconds: Int64, now: Int64) -> String? {
    guard day(seconds, now: now) != nil else { return nil }
    let (local, today) = (seconds + offset(seconds), now + offset(now))
    let year = CalendarText.year(local)
    return "\(CalendarText.weekday(local)) \(CalendarText.day(local))"
      + (year == CalendarText.year(today) ? "" : " \(year)")
  }

  /// The reader's offset from UTC at a moment, in seconds.
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

  /// A duration of at most five cells, `6s 58s 4m12s 41m 3h5m 14h 2d`, and in how many seconds it changes.
  package static func span(_ seconds: Int64) -> (text: String, changesIn: Int64) {
    let seconds = max(0, seconds)
    return (DurationText.short(seconds: Int(clamping: seconds)), unit(seconds) - seconds % unit(seconds))
  }

  /// The number of seconds until its last digit changes.
  private static func unit(_ seconds: Int64) -> Int64 {
    if seconds < 600 { return 1 }
    if seconds < 36_000 { return 60 }
    return seconds < 86_400 ? 3600 : 86_400
  }
}
