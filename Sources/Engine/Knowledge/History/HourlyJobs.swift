import ARC

/// The number of jobs that ended in each hour of the reader's clock, by result.
package struct HourlyJobs: Sendable, Equatable {
  package struct Hour: Sendable, Equatable {
    /// The hour of the day, 0 to 23, on the reader's clock.
    package var hour: Int
    package var succeeded = 0
    /// Including those whose runner died.
    package var failed = 0
    /// Canceled or unknown.
    package var other = 0

    package var total: Int { succeeded + failed + other }
  }

  /// Oldest first; the last one is the current hour.
  package private(set) var hours: [Hour] = []

  /// Counts the jobs of the last day: 24 hours up to now, and so 25 hours on the clock.
  ///
  /// - Parameter offset: the reader's offset from UTC at a moment, in seconds.
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

  /// The largest number of jobs in an hour.
  package var most: Int { hours.map(\.total).max() ?? 0 }
}
