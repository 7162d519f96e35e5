/// Durations for people to read.
package enum DurationText {
  /// At most five cells: `6s 58s 4m12s 41m 3h5m 14h 2d`. Below ten units the next smaller unit is shown too, unless it
  /// is zero.
  package static func short(seconds: Int) -> String {
    let seconds = max(0, seconds)
    let (minutes, hours, days) = (seconds / 60, seconds / 3600, seconds / 86_400)
    func with(_ rest: Int, _ unit: String) -> String { rest == 0 ? "" : "\(rest)\(unit)" }
    if minutes < 1 { return "\(seconds)s" }
    if minutes < 10 { return "\(minutes)m" + with(seconds % 60, "s") }
    if hours < 1 { return "\(minutes)m" }
    if hours < 10 { return "\(hours)h" + with(minutes % 60, "m") }
    if days < 1 { return "\(hours)h" }
    if days < 10_000 { return "\(days)d" }
    return "\(min(days / 365, 9_999))y"
  }

  /// The same for seconds as `Int64`.
  package static func short(seconds: Int64) -> String { short(seconds: Int(clamping: seconds)) }

  /// The same for a `Duration`; fractions of a second are dropped.
  package static func short(_ duration: Duration) -> String {
    short(seconds: Int(clamping: duration.components.seconds))
  }
}

/// Sizes in powers of 1024, with IEC unit names.
package enum BytesText {
  /// `0 B`, `512 B`, `1.5 KiB`, `61 GiB`: one decimal below ten, none above.
  package static func short(_ bytes: Int64) -> String {
    let units = ["B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"]
    var value = Double(max(0, bytes))
    var unit = 0
    // 1023.5 would be rounded to 1024 of its unit, so it belongs to the next one.
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
