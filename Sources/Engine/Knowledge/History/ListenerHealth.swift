import ARC
import Kubernetes

/// The recent history of a scale set's listeners. One that cannot work runs for less than a second and is replaced
/// every three, so the current state is meaningless: what counts is how the recent ones ended, until one keeps its
/// session for a whole cycle.
package struct ListenerHealth: Sendable, Equatable {
  /// How a listener ended.
  package struct End: Sendable, Equatable {
    /// The time, in seconds since 1970.
    package var at: Int64
    /// The uid of its pod; nil if only its log or the controller reported it.
    package var pod: String?
    /// The exit code; nil if unknown.
    package var code: Int?
    /// Its final error; nil if it was not read.
    package var said: ListenerProblem?

    package init(at: Int64, pod: String? = nil, code: Int? = nil, said: ListenerProblem? = nil) {
      (self.at, self.pod, self.code, self.said) = (at, pod, code, said)
    }
  }

  /// The current listener's pod.
  private struct Current: Sendable, Equatable {
    var uid: String
    var created: Int64?
    var isRunning: Bool
    /// Whether it was being deleted while running: its end is then intended.
    var isStopping: Bool
  }

  /// The conclusion.
  package enum Verdict: Sendable, Equatable {
    /// No evidence of a problem.
    case unsuspicious
    /// It is running and reports significant errors.
    case complains(ListenerProblem, at: Int64)
    /// Listeners have ended, most recently like this; the cause, if any of them reported one.
    case ended(End, cause: ListenerProblem?, at: Int64)
  }

  /// How long a listener must keep its session to be considered working, in seconds.
  package static let cycle = Readiness.cycle.components.seconds
  /// The number of significant errors: a single one is resolved by the next attempt.
  package static let enough = 3
  /// How long an end or an error counts, in seconds.
  package static let memory: Int64 = 900
  /// Maximum number of ends to keep.
  package static let limit = 5

  /// The newest ends since a listener last worked, in order.
  package private(set) var ends: [End] = []
  /// The number of ends, and the time of the first.
  package private(set) var count = 0
  package private(set) var since: Int64?
  /// Since when no listener pod has been seen, in seconds since 1970.
  package private(set) var absentSince: Int64?
  /// The last time no listener pod was seen.
  private var absentAt: Int64?
  /// Whether the current listener has kept its session for a cycle.
  package private(set) var hasWorked = false
  private var complaint: (said: ListenerProblem, at: Int64)?
  private var complaints = 0
  /// When the current listener first polled for messages after the latest problem.
  private var session: Int64?
  /// The time of the newest line that shows it working.
  private var latest: Int64 = 0
  private var current: Current?
  /// When its pod was last read, in seconds since 1970.
  private var seen: Int64 = 0

  package init() {}

  package static func == (a: Self, b: Self) -> Bool {
    a.ends == b.ends && a.count == b.count && a.since == b.since && a.absentSince == b.absentSince
      && a.hasWorked == b.hasWorked && a.complaint?.said == b.complaint?.said && a.complaint?.at == b.complaint?.at
      && a.complaints == b.complaints && a.session == b.session && a.latest == b.latest && a.current == b.current
  }

  /// Whether the current listener has a session with GitHub, as far as its log was read.
  package var hasSession: Bool { session != nil }
  /// When the current listener's pod was created.
  package var created: Int64? { current?.created }
  /// Whether a listener is running.
  package var isRunning: Bool { current?.isRunning == true }

  // MARK: What is learned

  /// The time between two looks, in seconds, in which a listener that keeps ending may have existed unnoticed.
  private static let existence: Int64 = 2

  /// Updates the state from an occasional look at the listener's pod: a missing pod tells nothing about the time since
  /// the last look, unless that was short.
  package mutating func glimpse(_ pod: Pod?, at now: Int64) {
    if let absentAt, now - absentAt >= Self.existence { absentSince = nil }
    see(pod, at: now)
  }

  /// Updates the state from the listener's pod.
  package mutating func see(_ pod: Pod?, at now: Int64) {
    seen = now
    absentAt = pod == nil ? now : nil
    guard let pod else {
      absentSince = absentSince ?? now
      if current != nil { leave() }
      current = nil
      return
    }
    absentSince = nil
    let container = pod.container(ListenerPodFacts.container)
    let uid = pod.metadata.uid
    if let former = current, former.uid != uid { leave() }
    var isStopping = current.map { $0.uid == uid && $0.isStopping } ?? false
    var isRunning = false
    switch container?.activity {
    case .running:
      isRunning = true
      isStopping = isStopping || pod.metadata.deleted != nil
    case .terminated(let code, let reason, _, let finished)
    where code != 0 && !isStopping && Self.isOwn(code, reason):
      note(End(at: finished ?? now, pod: uid, code: code))
    case .terminated, .waiting, .unknown, nil: break
    }
    current = Current(uid: uid, created: pod.metadata.created, isRunning: isRunning, isStopping: isStopping)
  }

  /// Whether a process exited on its own: an end by a signal or by a node that stopped tells nothing about it.
  private static func isOwn(_ code: Int, _ reason: String) -> Bool {
    switch code {
    case 143: false
    case 137: reason == "OOMKilled"
    case 255: reason != "Unknown"
    default: true
    }
  }

  private mutating func leave() {
    session = nil
    hasWorked = false
  }

  /// Updates the state from a listener's message.
  ///
  /// - Parameter now: the time for lines without one.
  package mutating func hear(_ fact: ListenerFact, now: Int64) {
    switch fact {
    case .polled(let at), .counted(_, _, _, let at):
      let at = at ?? now
      latest = max(latest, at)
      // A message before the newest problem is no evidence against it.
      if let end = ends.last, at < end.at { return }
      if let complaint, at < complaint.at { return }
      session = session ?? at
    case .problem(let said, let at):
      let at = at ?? now
      if said.isLastWord { return note(End(at: at, said: said)) }
      if let session, at < session { return }
      // Lines may be read repeatedly.
      if let complaint, at < complaint.at || (at == complaint.at && complaint.said == said) {
        session = nil
        return
      }
      complaints = (complaint.map { at - $0.at < 600 } == true ? complaints : 0) + 1
      complaint = (said, at)
      session = nil
    case .started, .completed: break
    }
  }

  /// Adds the end of a listener, whatever its source.
  package mutating func note(_ end: End) {
    if let session, end.at < session { return }
    // The pod, its log and the controller report the same end within a moment.
    if let at = ends.lastIndex(where: { Self.isSame($0, end) }) {
      ends[at].pod = ends[at].pod ?? end.pod
      ends[at].code = ends[at].code ?? end.code
      ends[at].said = ends[at].said ?? end.said
      session = nil
      return
    }
    ends.append(end)
    ends.sort { $0.at < $1.at }
    count += 1
    since = min(since ?? end.at, end.at)
    if ends.count > Self.limit { ends.removeFirst(ends.count - Self.limit) }
    leave()
  }

  private static func isSame(_ a: End, _ b: End) -> Bool {
    if let first = a.pod, let second = b.pod, !first.isEmpty { return first == second }
    return abs(a.at - b.at) <= 1
  }

  /// Advances the time: a listener that has kept its session for a cycle clears earlier problems.
  ///
  /// - Parameters:
  ///   - isHeard: whether its log can be read.
  ///   - isFollowed: whether each change of its pod is seen, so that its last known state is current.
  package mutating func advance(to now: Int64, isHeard: Bool = true, isFollowed: Bool = true) {
    ends.removeAll { now - $0.at >= Self.memory }
    if let complaint, now - complaint.at >= Self.memory { self.complaint = nil }
    // A listener that was running before another one ended is not its successor: the ends are from another time.
    if let current, current.isRunning, let created = current.created {
      ends.removeAll { end in end.pod.map { $0 != current.uid && created < end.at - 1 } ?? false }
    }
    if ends.isEmpty { (count, since) = (0, nil) }
    let lasted = isFollowed ? now : min(now, seen)
    guard keepsSession(at: lasted) || runsLong(at: lasted, isHeard: isHeard) else { return }
    hasWorked = true
    (ends, count, since) = ([], 0, nil)
    (complaint, complaints) = (nil, 0)
  }

  private func keepsSession(at now: Int64) -> Bool {
    guard isRunning, let session else { return false }
    return max(now, latest) - session >= Self.cycle
  }

  /// After how many seconds a running listener is considered working: one that cannot work ends within seconds, or
  /// within half a minute if GitHub rejects it after some attempts.
  package static let longRun: Int64 = 60

  /// Whether it has been running for long without errors and without an end before it or, if its log cannot be read and
  /// there is no other evidence, since the last end.
  private func runsLong(at now: Int64, isHeard: Bool) -> Bool {
    guard isRunning, complaint == nil, let created, now - created >= Self.longRun else { return false }
    return isHeard ? ends.isEmpty : ends.allSatisfy { $0.at <= created }
  }

  /// The clock of these times was set by this many seconds. Times written by the cluster have another clock.
  package mutating func move(by shift: Int64) {
    absentSince? += shift
    absentAt? += shift
  }

  // MARK: What follows

  /// The conclusion from all observations.
  package var verdict: Verdict {
    if let newest = ends.last {
      let ends = streak
      let known = ends.last { $0.said.map { $0.failure != .other } == true } ?? ends.last { $0.said != nil }
      let isKnown = known?.said.map { $0.failure != .other } ?? false
      // The running listener reports its errors while it still retries, which may differ from earlier ones.
      if let complaint, complaint.said.failure != .other, !isKnown || complaint.at > (known?.at ?? 0) {
        return .ended(newest, cause: complaint.said, at: complaint.at)
      }
      if isKnown, let known { return .ended(newest, cause: known.said, at: known.at) }
      return .ended(newest, cause: known?.said, at: known?.at ?? newest.at)
    }
    guard let complaint, complaint.said.failure.isFinal || complaints >= Self.enough else { return .unsuspicious }
    return .complains(complaint.said, at: complaint.at)
  }

  /// The maximum time between related ends, in seconds: one that cannot work ends every three, or within half a minute
  /// after some attempts.
  private static let together: Int64 = 90

  /// The newest related ends. An error before a time without ends is not their cause.
  private var streak: ArraySlice<End> {
    var first = ends.endIndex
    while first > ends.startIndex, first == ends.endIndex || ends[first].at - ends[first - 1].at <= Self.together {
      first -= 1
    }
    return ends[first...]
  }

  /// Whether it is known why the listener cannot work.
  package var hasCause: Bool {
    switch verdict {
    case .unsuspicious: false
    case .complains: true
    case .ended(_, let cause, _): cause != nil
    }
  }

  /// The state to show instead of the current one; nil to show that.
  var state: ListenerState? {
    guard case .ended(let end, let cause, _) = verdict else { return nil }
    if let cause { return .failing(cause.failure == .other ? cause.text : cause.failure.words) }
    return .failing(end.code.map { "it ended with exit code \($0)" } ?? "it ended with an error")
  }
}
