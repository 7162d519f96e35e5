import ARC
import Basics

/// The jobs of a scale set that wait for a runner, according to its listener's counts. GitHub assigns jobs in order, so
/// a job that starts is assumed to be the one that waited longest.
package struct JobQueue: Sendable, Equatable {
  /// The assignment of a job to the scale set.
  package struct Assignment: Sendable, Equatable {
    /// When it was first counted, in seconds since 1970.
    package var at: Int64
    /// Whether the scale set was at its maximum just before, so that GitHub may have held the job back: then it has
    /// been waiting at least since `at`.
    package var isHeldBack: Bool
  }

  /// The waiting jobs, oldest first.
  private var arrivals: [Assignment] = []
  private var assignments: [String: Assignment] = [:]
  private var order: [String] = []
  /// Jobs that GitHub has assigned to the scale set, including running ones.
  package private(set) var assigned = 0
  /// The number of runners that ARC wants.
  package private(set) var wanted = 0
  /// The limit, if any.
  package private(set) var maximum: Int?
  /// The time of the listener's latest count, in seconds since 1970.
  package private(set) var countedAt: Int64?
  /// Since when the number of assigned jobs has been at the maximum. ARC tells GitHub how many it accepts, and GitHub
  /// holds back the others, which are not visible here.
  private var fullSince: Int64?
  /// Since when it has been below.
  private var roomSince: Int64?

  package init() {}

  /// The number of waiting jobs.
  package var waiting: Int { arrivals.count }
  /// Since when the oldest job has been waiting.
  package var oldest: Int64? { arrivals.first?.at }

  /// When a runner's job was assigned, as far as the counts tell.
  package func assigned(of runner: String) -> Assignment? { assignments[runner] }

  /// Updates the queue from a listener's message.
  ///
  /// - Parameters:
  ///   - busy: the current number of its runners with a job.
  ///   - now: the time for lines without one.
  package mutating func apply(_ fact: ListenerFact, busy: Int, now: Int64) {
    switch fact {
    case .counted(let assigned, let wanted, let maximum, let at):
      let time = at ?? now
      // The state before this count: jobs that fill the scale set at once were not held back.
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

  /// Since when the number of assigned jobs has been at the maximum, ignoring short breaks; nil if it is below.
  package func fullSince(now: Int64) -> Int64? {
    if let roomSince, now - roomSince > Self.gap { return nil }
    return fullSince
  }

  /// More jobs are running than when they were counted: those that started since are no longer waiting.
  package mutating func settle(busy: Int, now: Int64) {
    let waiting = max(0, assigned - busy)
    if waiting < arrivals.count { fit(waiting, at: now, isHeldBack: false) }
  }

  private mutating func fit(_ count: Int, at time: Int64, isHeldBack: Bool) {
    let count = min(count, 10_000)
    if arrivals.count > count { arrivals.removeFirst(arrivals.count - count) }
    while arrivals.count < count { arrivals.append(Assignment(at: time, isHeldBack: isHeldBack)) }
  }

  /// `2 waiting, oldest 3m12s`; nil if none are. At the limit, `at least 2 waiting, oldest 3m12s, at the limit of 5`:
  /// GitHub assigns no more jobs than may run, so others may be waiting there.
  ///
  /// - Parameter limit: the limit in the cluster; the listener's may be older.
  package func sentence(busy: Int, limit: Int? = nil, now: Int64) -> String? {
    guard waiting > 0 else { return nil }
    let reached = (limit ?? maximum).flatMap { busy >= $0 ? $0 : nil }
    var text = "\(reached == nil ? "" : "at least ")\(waiting) waiting"
    if let oldest { text += ", oldest \(DurationText.short(seconds: max(0, now - oldest)))" }
    if let reached { text += ", at the limit of \(reached)" }
    return text
  }
}
