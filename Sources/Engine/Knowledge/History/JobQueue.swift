import ARC
import Basics

/// The jobs of a scale set that wait for a runner, as its listener counts them. GitHub hands jobs out in their order, so
/// the one that begins is taken for the one that waited longest.
package struct JobQueue: Sendable, Equatable {
  /// When a job was assigned to the scale set.
  package struct Assignment: Sendable, Equatable {
    /// When it was first counted, in seconds since 1970.
    package var at: Int64
    /// Whether the scale set was at its maximum just before, so that GitHub may have held the job back: then it has waited
    /// at least since `at`.
    package var isHeldBack: Bool
  }

  /// The waiting jobs, the oldest first.
  private var arrivals: [Assignment] = []
  private var assignments: [String: Assignment] = [:]
  private var order: [String] = []
  /// Jobs that GitHub has assigned to the scale set, those that run included.
  package private(set) var assigned = 0
  /// Runners that ARC wants there to be.
  package private(set) var wanted = 0
  /// The limit, when there is one.
  package private(set) var maximum: Int?
  /// When the listener last counted, in seconds since 1970.
  package private(set) var countedAt: Int64?
  /// Since when as many jobs have been assigned as may run at once. ARC tells GitHub how many it takes, and GitHub holds
  /// the rest back: nobody here sees them.
  private var fullSince: Int64?
  /// Since when fewer are.
  private var roomSince: Int64?

  /// Nothing heard yet.
  package init() {}

  /// How many wait.
  package var waiting: Int { arrivals.count }
  /// Since when the oldest waits.
  package var oldest: Int64? { arrivals.first?.at }

  /// When the job of a runner was assigned, as far as the counts tell.
  package func assigned(of runner: String) -> Assignment? { assignments[runner] }

  /// Takes in what the listener says.
  ///
  /// - Parameters:
  ///   - busy: how many of its runners have a job now.
  ///   - now: for lines without a time.
  package mutating func apply(_ fact: ListenerFact, busy: Int, now: Int64) {
    switch fact {
    case .counted(let assigned, let wanted, let maximum, let at):
      let time = at ?? now
      // As it was before this count: what fills the scale set in one go was not held back.
      let wasFull = fullSince(now: time) != nil
      (self.assigned, self.wanted, self.maximum, countedAt) = (assigned, wanted, maximum, time)
      fit(max(0, assigned - busy), at: time, isHeldBack: wasFull)
      noteRoom(at: time)
    case .started(let runner, _, _):
      guard assignments[runner] == nil, !arrivals.isEmpty else { return }
      assignments[runner] = arrivals.removeFirst()
      order.append(runner)
      if order.count > 500 { assignments[order.removeFirst()] = nil }
    case .completed, .polled, .problem: break
    }
  }

  /// Seconds between the end of a job and the assignment of the next one that GitHub held back.
  private static let gap: Int64 = 15

  private mutating func noteRoom(at time: Int64) {
    if let maximum, maximum > 0, assigned >= maximum {
      if let roomSince, time - roomSince > Self.gap { fullSince = nil }
      (fullSince, roomSince) = (fullSince ?? time, nil)
    } else {
      roomSince = roomSince ?? time
    }
  }

  /// Since when as many jobs have been assigned as may run at once, without a longer break; nil where there is room.
  package func fullSince(now: Int64) -> Int64? {
    if let roomSince, now - roomSince > Self.gap { return nil }
    return fullSince
  }

  /// Fewer jobs can run than were counted with: those that began since are not waiting any more.
  package mutating func settle(busy: Int, now: Int64) {
    let waiting = max(0, assigned - busy)
    if waiting < arrivals.count { fit(waiting, at: now, isHeldBack: false) }
  }

  private mutating func fit(_ count: Int, at time: Int64, isHeldBack: Bool) {
    let count = min(count, 10_000)
    if arrivals.count > count { arrivals.removeFirst(arrivals.count - count) }
    while arrivals.count < count { arrivals.append(Assignment(at: time, isHeldBack: isHeldBack)) }
  }

  /// `2 waiting, oldest 3m12s`; nil when nothing waits. At the limit, `at least 2 waiting, oldest 3m12s, at the limit of
  /// 5`: GitHub assigns no more jobs than may run, so more may wait there.
  ///
  /// - Parameter limit: as it is in the cluster; what the listener said may be older.
  package func sentence(busy: Int, limit: Int? = nil, now: Int64) -> String? {
    guard waiting > 0 else { return nil }
    let reached = (limit ?? maximum).flatMap { busy >= $0 ? $0 : nil }
    var text = "\(reached == nil ? "" : "at least ")\(waiting) waiting"
    if let oldest { text += ", oldest \(DurationText.short(seconds: max(0, now - oldest)))" }
    if let reached { text += ", at the limit of \(reached)" }
    return text
  }
}
