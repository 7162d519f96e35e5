import ARC

/// What occupies a runner in a timeline: a job, or its startup.
package struct TimelineBar: Sendable, Equatable {
  package enum Kind: Sendable, Equatable {
    /// The runner exists but has not connected yet.
    case starting
    case job(JobResult)
  }

  package var runner: String
  package var scaleSet: String
  package var kind: Kind
  /// When the job was assigned to the scale set, if it is known to have waited; seconds since 1970.
  package var queued: Int64?
  /// Seconds since 1970. `end` is exclusive and later than `start`.
  package var start, end: Int64

  package init(
    runner: String, scaleSet: String, kind: Kind, queued: Int64? = nil, start: Int64, end: Int64
  ) {
    (self.runner, self.scaleSet, self.kind, self.queued) = (runner, scaleSet, kind, queued)
    (self.start, self.end) = (start, max(end, start + 1))
  }

  /// The bar of a job: up to now while it is running, a moment if only one of its times is known; nil if neither is.
  ///
  /// - Parameter isRunning: whether a job without an end is known to be running.
  package init?(_ record: JobRecord, now: Int64, isRunning: Bool = true) {
    let runs = record.result == .running && isRunning
    guard let start = record.started ?? record.finished ?? record.assigned ?? (runs ? now : nil) else { return nil }
    self.init(
      runner: record.runner, scaleSet: record.scaleSet,
      kind: .job(record.result == .running && !isRunning ? .unknown : record.result),
      queued: record.started == nil ? nil : record.assigned.flatMap { $0 < start ? $0 : nil }, start: start,
      end: runs ? max(now, start) : record.finished ?? start)
  }
}

/// The bars of an installation in lanes, one for each runner that was occupied at the same time.
package struct TimelineLanes: Sendable, Equatable {
  /// The bars of each lane in chronological order, without overlaps.
  package private(set) var lanes: [[TimelineBar]] = []
  /// The lane of each bar and its index in it, by runner.
  private var places: [String: (lane: Int, index: Int)] = [:]

  /// Puts each bar into the first lane that is free at its start, so that there are as many lanes as runners occupied
  /// at once. Later bars do not affect earlier ones.
  package init(_ bars: [TimelineBar]) {
    let bars = bars.sorted { ($0.start, $0.end, $0.runner) < ($1.start, $1.end, $1.runner) }
    let byEnd = bars.indices.sorted { (bars[$0].end, $0) < (bars[$1].end, $1) }
    var laneOf = [Int](repeating: 0, count: bars.count)
    var free = SmallestFirst()
    var ended = 0
    for (number, bar) in bars.enumerated() {
      // What has ended by now started before, so it already has a lane.
      while ended < byEnd.count, bars[byEnd[ended]].end <= bar.start {
        free.insert(laneOf[byEnd[ended]])
        ended += 1
      }
      let lane = free.popFirst() ?? lanes.count
      laneOf[number] = lane
      if lane == lanes.count { lanes.append([]) }
      places[bar.runner] = (lane, lanes[lane].count)
      lanes[lane].append(bar)
    }
  }

  package static func == (a: TimelineLanes, b: TimelineLanes) -> Bool { a.lanes == b.lanes }

  /// The position of a runner's bar.
  package func place(of runner: String) -> (lane: Int, index: Int)? { places[runner] }

  /// The indices of a lane's visible bars.
  package func indices(of lane: Int, in window: TimelineWindow) -> Range<Int> {
    let bars = lanes[lane]
    func first(_ isReached: (TimelineBar) -> Bool) -> Int {
      var (low, high) = (0, bars.count)
      while low < high {
        let middle = (low + high) / 2
        if isReached(bars[middle]) { high = middle } else { low = middle + 1 }
      }
      return low
    }
    let from = first { $0.end > window.start }
    return from..<max(from, first { $0.start >= window.end })
  }

  /// The lanes with a visible bar.
  package func shown(in window: TimelineWindow) -> [Int] {
    lanes.indices.filter { !indices(of: $0, in: window).isEmpty }
  }
}

/// Numbers of which the smallest is removed first.
private struct SmallestFirst {
  private var heap: [Int] = []

  mutating func insert(_ number: Int) {
    heap.append(number)
    var at = heap.count - 1
    while at > 0, heap[at] < heap[(at - 1) / 2] {
      heap.swapAt(at, (at - 1) / 2)
      at = (at - 1) / 2
    }
  }

  mutating func popFirst() -> Int? {
    guard let first = heap.first else { return nil }
    heap.swapAt(0, heap.count - 1)
    heap.removeLast()
    var at = 0
    while true {
      let smallest = [at, 2 * at + 1, 2 * at + 2].filter { $0 < heap.count }.min { heap[$0] < heap[$1] } ?? at
      guard smallest != at else { return first }
      heap.swapAt(at, smallest)
      at = smallest
    }
  }
}
