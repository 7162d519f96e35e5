/// A part of a log with a title that can be folded.
package struct LogGroup: Sendable, Equatable {
  /// The number of its first line.
  package var head: Int
  /// When that line was written, and when the group ended; seconds since 1970.
  package var started: Int64?
  package var ended: Int64?
  /// Whether more lines may be added.
  package var isOpen = true
  /// The number of lines after the title.
  package var count = 0
}

/// The groups of a log, in the order of their titles.
package struct LogGroups: Sendable, Equatable {
  private var groups: [LogGroup] = []

  /// The title of the newest group.
  package var last: Int? { groups.last?.head }

  package subscript(head: Int) -> LogGroup? {
    let place = place(head)
    return place < groups.count && groups[place].head == head ? groups[place] : nil
  }

  /// The next title after or before a line.
  package func next(_ number: Int, forward: Bool) -> Int? {
    let place = forward ? place(number + 1) : place(number) - 1
    return groups.indices.contains(place) ? groups[place].head : nil
  }

  mutating func begin(_ head: Int, at time: Int64?) { groups.append(LogGroup(head: head, started: time)) }

  mutating func end(_ head: Int, at time: Int64?) {
    change(head) {
      $0.isOpen = false
      $0.ended = time
    }
  }

  mutating func count(_ head: Int) { change(head) { $0.count += 1 } }

  /// Removes groups whose titles were dropped.
  mutating func drop(before line: Int) { groups.removeFirst(place(line)) }

  private mutating func change(_ head: Int, _ body: (inout LogGroup) -> Void) {
    let place = place(head)
    if place < groups.count, groups[place].head == head { body(&groups[place]) }
  }

  /// The number of groups before a line.
  private func place(_ line: Int) -> Int {
    var (low, high) = (0, groups.count)
    // Lines usually belong to the newest group.
    if let last = groups.last, last.head < line { return groups.count }
    if let last = groups.last, last.head == line { return groups.count - 1 }
    while low < high {
      let middle = (low + high) / 2
      if groups[middle].head < line { low = middle + 1 } else { high = middle }
    }
    return low
  }
}

/// Which groups are folded: all or none, with exceptions.
package struct LogFolds: Sendable, Equatable {
  private var all = false
  private var others: Set<Int> = []

  package init() {}

  package var areAny: Bool { all || !others.isEmpty }
  package func isFolded(_ head: Int) -> Bool { all != others.contains(head) }

  package mutating func toggle(_ head: Int) {
    if others.remove(head) == nil { others.insert(head) }
  }

  package mutating func toggleAll() { (all, others) = (!all, []) }
}
