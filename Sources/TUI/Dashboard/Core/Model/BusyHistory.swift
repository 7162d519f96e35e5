/// The maximum number of busy runners in each of the last minutes.
package struct BusyHistory: Sendable {
  private(set) var minutes: [(minute: Int64, busy: Int)] = []

  package mutating func note(_ busy: Int, at now: Int64) {
    let minute = now / 60
    if let last = minutes.last, last.minute == minute {
      minutes[minutes.count - 1].busy = max(last.busy, busy)
    } else {
      minutes.append((minute, busy))
      if minutes.count > 60 { minutes.removeFirst(minutes.count - 60) }
    }
  }

  /// The clock was set by this many seconds.
  package mutating func move(by shift: Int64) {
    for index in minutes.indices { minutes[index].minute += shift / 60 }
  }

  /// The last minutes, oldest first; a minute without data repeats the previous one.
  package func levels(_ count: Int, now: Int64) -> [Int] {
    guard let first = minutes.first else { return [] }
    let current = now / 60
    let start = max(first.minute, current - Int64(count) + 1)
    guard start <= current else { return [] }
    var result: [Int] = []
    var index = 0
    var value = first.busy
    for minute in start...current {
      while index < minutes.count, minutes[index].minute <= minute {
        value = minutes[index].busy
        index += 1
      }
      result.append(value)
    }
    return result
  }
}
