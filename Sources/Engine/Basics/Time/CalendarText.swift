/// Days, months and years for people to read. Moments are in the reader's time zone: seconds since 1970 plus its UTC
/// offset.
package enum CalendarText {
  private static let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
  // January 1, 1970 was a Thursday.
  private static let weekdays = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"]

  /// The number of days from January 1, 1970 to the day of a moment.
  package static func dayNumber(_ local: Int64) -> Int64 { local >= 0 ? local / 86_400 : (local - 86_399) / 86_400 }

  /// The number of months from January of year 0 to the month of a moment.
  package static func monthNumber(_ local: Int64) -> Int64 {
    let date = parts(local)
    return date.year * 12 + date.month - 1
  }

  /// `Tue`.
  package static func weekday(_ local: Int64) -> String {
    let number = dayNumber(local) % 7
    return weekdays[Int(number < 0 ? number + 7 : number)]
  }

  /// `Nov 24`.
  package static func day(_ local: Int64) -> String {
    let date = parts(local)
    return "\(month(date.month)) \(date.day)"
  }

  /// `2026`.
  package static func year(_ local: Int64) -> String { String(parts(local).year) }

  /// A month by its number: `Nov`, with the year for January: `Jan 2026`.
  package static func month(number: Int64) -> String {
    let (year, month) = number.quotientAndRemainder(dividingBy: 12)
    return self.month(month + 1) + (month == 0 ? " \(year)" : "")
  }

  private static func month(_ number: Int64) -> String {
    months.indices.contains(Int(number) - 1) ? months[Int(number) - 1] : "?"
  }

  private static func parts(_ local: Int64) -> (year: Int64, month: Int64, day: Int64) {
    let text = Timestamp.text(local)
    func number(_ from: Int, _ count: Int) -> Int64 { Int64(text.dropFirst(from).prefix(count)) ?? 0 }
    return (number(0, 4), number(5, 2), number(8, 2))
  }
}
