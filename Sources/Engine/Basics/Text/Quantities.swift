/// Spans of time and amounts of data as people read them.
package enum DurationText {
  /// At most five cells: `6s 58s 4m12 41m 3h05 14h 2d`. Below ten units the next smaller one is told too.
  package static func short(seconds: Int) -> String {
    let seconds = max(0, seconds)
    let (minutes, hours, days) = (seconds / 60, seconds / 3600, seconds / 86_400)
    if minutes < 1 { return "\(seconds)s" }
    if minutes < 10 { return "\(minutes)m\(twoDigits(seconds % 60))" }
    if hours < 1 { return "\(minutes)m" }
    if hours < 10 { return "\(hours)h\(twoDigits(minutes % 60))" }
    if days < 1 { return "\(hours)h" }
    if days < 10_000 { return "\(days)d" }
    return "\(min(days / 365, 9_999))y"
  }

  /// The same for a duration; a part of a second counts as none.
  package static func short(_ duration: Duration) -> String {
    short(seconds: Int(clamping: duration.components.seconds))
  }

  private static func twoDigits(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }
}

/// Amounts of data in powers of 1024, named as IEC names them.
package enum BytesText {
  /// `0 B`, `512 B`, `1.5 KiB`, `61 GiB`: one decimal below ten, none above.
  package static func short(_ bytes: Int64) -> String {
    let units = ["B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"]
    var value = Double(max(0, bytes))
    var unit = 0
    // 1023.5 would be shown as 1024 of its unit, so it belongs to the next.
    while unit + 1 < units.count, value >= (unit == 0 ? 1024 : 1023.5) {
      value /= 1024
      unit += 1
    }
    if unit == 0 { return "\(Int(value)) B" }
    let tenths = Int((value * 10).rounded())
    if tenths < 100 { return "\(tenths / 10).\(tenths % 10) \(units[unit])" }
    return "\(Int(value.rounded())) \(units[unit])"
  }
}
