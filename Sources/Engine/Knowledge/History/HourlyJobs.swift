import ARC

/// How many jobs ended in each hour by the reader's clock, and how.
package struct HourlyJobs: Sendable, Equatable {
  package struct Hour: Sendable, Equatable {
    /// Of the day, 0 to 23, as the reader's clock shows it.
    package var hour: Int
    package var succeeded = 0
    /// Those whose runner died included.
    package var failed = 0
    /// Canceled, or nobody knows how.
    package var other = 0

    package var total: Int { succeeded + failed + other }
  }

  /// The oldest first; the last is the hour of now.
  package private(set) var hours: [Hour] = []

  /// Counts the jobs of the last day: of 24 hours before now and so of 25 hours of the clock.
  ///
  /// - Parameter offset: the seconds by which the reader's clock is ahead of UTC at a moment.
  package init(_ records: [JobRecord], now: Int64, offset: (Int64) -> Int64) {
    func hour(_ moment: Int64) -> Int64 {
      let local = moment + offset(moment)
      return local >= 0 ? local / 3600 : (local - 3599) / 3600
    }
    let first = hour(now) - 24
    hours = (0...24).map { Hour(hour: Int(((first + $0) % 24 + 24) % 24)) }
    for record in records where record.result != .running && record.latest >= now - 86_400 && record.latest <= now {
      let place = Int(hour(record.latest) - first)
      guard hours.indices.contains(place) else { continue }
      switch record.result {
      case .succeeded: hours[place].succeeded += 1
      case .failed, .lost: hours[place].failed += 1
      case .cancelled, .unknown, .running: hours[place].other += 1
      }
    }
  }

  /// The most jobs of an hour.
  package var most: Int { hours.map(\.total).max() ?? 0 }
}
