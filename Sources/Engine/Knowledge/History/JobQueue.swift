import ARC

/// The jobs of a scale set that wait for a runner, as its listener counts them. GitHub hands jobs out in their order, so
/// the one that begins is taken for the one that waited longest.
package struct JobQueue: Sendable, Equatable {
  /// When each of the waiting jobs was first counted, the oldest first.
  private var arrivals: [Int64] = []
  private var assignedAt: [String: Int64] = [:]
  private var order: [String] = []
  /// Jobs that GitHub has assigned to the scale set, those that run included.
  package private(set) var assigned = 0
  /// Runners that ARC wants there to be.
  package private(set) var wanted = 0
  /// The limit, when there is one.
  package private(set) var maximum: Int?
  /// When the listener last counted, in seconds since 1970.
  package private(set) var countedAt: Int64?
  /// What the listener last said to be wrong, and when.
  package private(set) var problem: (text: String, at: Int64, failure: ListenerFailure)?
  /// How often it said so within the last ten minutes; its last words count for the tries that they sum up.
  package private(set) var problems = 0

  /// Nothing heard yet.
  package init() {}

  /// Whether both were told the same.
  package static func == (a: JobQueue, b: JobQueue) -> Bool {
    a.arrivals == b.arrivals && a.assigned == b.assigned && a.wanted == b.wanted && a.maximum == b.maximum
      && a.countedAt == b.countedAt && a.problem?.text == b.problem?.text && a.problem?.at == b.problem?.at
      && a.problem?.failure == b.problem?.failure
  }

  /// How many wait.
  package var waiting: Int { arrivals.count }
  /// Since when the oldest waits.
  package var oldest: Int64? { arrivals.first }

  /// When the job of a runner was assigned, as far as the counts tell.
  package func assigned(of runner: String) -> Int64? { assignedAt[runner] }

  /// Takes in what the listener says.
  ///
  /// - Parameters:
  ///   - busy: how many of its runners have a job now.
  ///   - now: for lines without a time.
  package mutating func apply(_ fact: ListenerFact, busy: Int, now: Int64) {
    switch fact {
    case .counted(let assigned, let wanted, let maximum, let at):
      (self.assigned, self.wanted, self.maximum, countedAt) = (assigned, wanted, maximum, at ?? now)
      fit(max(0, assigned - busy), at: at ?? now)
      if let problem, (at ?? now) > problem.at + Self.patience(with: problem.failure) { self.problem = nil }
    case .started(let runner, _, _):
      guard assignedAt[runner] == nil, !arrivals.isEmpty else { return }
      assignedAt[runner] = arrivals.removeFirst()
      order.append(runner)
      if order.count > 500 { assignedAt[order.removeFirst()] = nil }
    case .completed: break
    case .problem(let said, let at):
      let time = at ?? now
      problems = (problem.map { time - $0.at < 600 } == true ? problems : 0) + (said.isLastWord ? Self.enough : 1)
      problem = (said.text, time, said.failure)
    }
  }

  /// So many complaints mean something: a single one is answered by the next try.
  package static let enough = 3

  /// A listener that cannot change its set of runners counts jobs before it ends, and so does the next one: only a count
  /// later than that says that it works.
  private static func patience(with failure: ListenerFailure) -> Int64 {
    switch failure {
    case .patchRefused, .boundToDeletedSet: 10
    default: 0
    }
  }

  /// Fewer jobs can run than were counted with: those that began since are not waiting any more.
  package mutating func settle(busy: Int, now: Int64) {
    let waiting = max(0, assigned - busy)
    if waiting < arrivals.count { fit(waiting, at: now) }
  }

  private mutating func fit(_ count: Int, at time: Int64) {
    let count = min(count, 10_000)
    if arrivals.count > count { arrivals.removeFirst(arrivals.count - count) }
    while arrivals.count < count { arrivals.append(time) }
  }

  /// `2 waiting, oldest 3m12s, at the limit of 5`; nil when nothing waits.
  ///
  /// - Parameter limit: as it is in the cluster; what the listener said may be older.
  package func sentence(busy: Int, limit: Int? = nil, now: Int64) -> String? {
    guard waiting > 0 else { return nil }
    var text = "\(waiting) waiting"
    if let oldest { text += ", oldest \(JobFigures.span(max(0, now - oldest)))" }
    if let limit = limit ?? maximum, busy >= limit { text += ", at the limit of \(limit)" }
    return text
  }
}
