/// Times as Kubernetes writes them (RFC 3339, UTC), stored as seconds since 1970. Years range from 0 to 9999, so that
/// differences and sums always fit.
package enum Timestamp {
  /// Parses `2026-11-24T00:01:18Z`. A fraction of a second is dropped. nil for anything else.
  package static func parse(_ text: String) -> Int64? { parse(text.utf8) }

  package static func parse(_ bytes: some Collection<UInt8>) -> Int64? {
    bytes.withContiguousStorageIfAvailable { parse(buffer: $0) } ?? Array(bytes).withUnsafeBufferPointer(parse(buffer:))
  }

  private static func parse(buffer bytes: UnsafeBufferPointer<UInt8>) -> Int64? {
    guard bytes.count >= 20, bytes[4] == UInt8(ascii: "-"), bytes[7] == UInt8(ascii: "-"),
      bytes[10] == UInt8(ascii: "T"),
      bytes[13] == UInt8(ascii: ":"), bytes[16] == UInt8(ascii: ":"), bytes[bytes.count - 1] == UInt8(ascii: "Z")
    else { return nil }
    func number(_ start: Int, _ count: Int) -> Int64? {
      var value: Int64 = 0
      for place in start..<start + count {
        let byte = bytes[place]
        guard byte >= UInt8(ascii: "0"), byte <= UInt8(ascii: "9") else { return nil }
        value = value * 10 + Int64(byte - UInt8(ascii: "0"))
      }
      return value
    }
    guard let year = number(0, 4), let month = number(5, 2), let day = number(8, 2), let hour = number(11, 2),
      let minute = number(14, 2), let second = number(17, 2), (1...12).contains(month), (1...31).contains(day),
      hour < 24, minute < 60, second <= 60
    else { return nil }
    for place in 19..<bytes.count - 1 {
      guard place == 19 ? bytes[place] == UInt8(ascii: ".") : (0x30...0x39).contains(bytes[place]) else { return nil }
    }
    let seconds = days(year: year, month: month, day: day) * 86_400 + hour * 3600 + minute * 60 + second
    // A leap second may exceed the range by one.
    return seconds.clamped(to: Bounds.moment)
  }

  /// Writes `2026-11-24T00:01:18Z`; the nearest time with a four-digit year if the year has more digits.
  package static func text(_ seconds: Int64) -> String {
    let seconds = seconds.clamped(to: Bounds.moment)
    let day = seconds >= 0 ? seconds / 86_400 : (seconds - 86_399) / 86_400
    let rest = seconds - day * 86_400
    let (year, month, dayOfMonth) = date(day: day)
    // Byte by byte: a day of history has thousands of times.
    return String(unsafeUninitializedCapacity: 20) { bytes in
      func put(_ value: Int64, _ digits: Int, at place: Int, _ mark: UInt8) {
        var rest = value
        var digit = place + digits
        bytes[digit] = mark
        while digit > place {
          digit -= 1
          bytes[digit] = UInt8(ascii: "0") + UInt8(rest % 10)
          rest /= 10
        }
      }
      put(year, 4, at: 0, UInt8(ascii: "-"))
      put(month, 2, at: 5, UInt8(ascii: "-"))
      put(dayOfMonth, 2, at: 8, UInt8(ascii: "T"))
      put(rest / 3600, 2, at: 11, UInt8(ascii: ":"))
      put(rest / 60 % 60, 2, at: 14, UInt8(ascii: ":"))
      put(rest % 60, 2, at: 17, UInt8(ascii: "Z"))
      return 20
    }
  }

  /// Days since 1970-01-01 in the proleptic Gregorian calendar (H. Hinnant, "chrono-compatible low-level date
  /// algorithms").
  private static func days(year: Int64, month: Int64, day: Int64) -> Int64 {
    let shifted = month <= 2 ? year - 1 : year
    let era = (shifted >= 0 ? shifted : shifted - 399) / 400
    let yearOfEra = shifted - era * 400
    let dayOfYear = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1
    return era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719_468
  }

  private static func date(day: Int64) -> (Int64, Int64, Int64) {
    let shifted = day + 719_468
    let era = (shifted >= 0 ? shifted : shifted - 146_096) / 146_097
    let dayOfEra = shifted - era * 146_097
    let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
    let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
    let index = (5 * dayOfYear + 2) / 153
    let month = index + (index < 10 ? 3 : -9)
    return (yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, dayOfYear - (153 * index + 2) / 5 + 1)
  }
}
