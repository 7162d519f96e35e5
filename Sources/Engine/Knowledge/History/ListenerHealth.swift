import ARC
import Kubernetes

/// How the listeners of one scale set have done lately. One that cannot work runs for less than a second and is replaced
/// every three, so the moment says nothing: what counts is how the recent ones ended, until one keeps its session for a
/// whole cycle.
package struct ListenerHealth: Sendable, Equatable {
  /// How a listener ended.
  package struct End: Sendable, Equatable {
    /// When, in seconds since 1970.
    package var at: Int64
    /// Its pod's uid; nil where only its words or the controller told of it.
    package var pod: String?
    /// The exit code; nil when it was not seen.
    package var code: Int?
    /// Its last words; nil when they were not seen.
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
    /// Whether its deletion was asked for while it ran: its end is wanted then.
    var isStopping: Bool
  }

  /// What follows from all that.
  package enum Verdict: Sendable, Equatable {
    /// Nothing speaks against it.
    case unsuspicious
    /// It runs and reports errors that mean something.
    case complains(ListenerProblem, at: Int64)
    /// Listeners have ended, the newest like this; why, when any of them said so.
    case ended(End, cause: ListenerProblem?, at: Int64)
  }

  /// Seconds that a listener must keep its session to be known for one that works.
  package static let cycle = Readiness.cycle.components.seconds
  /// Complaints that mean something: a single one is answered by the next try.
  package static let enough = 3
  /// Seconds that an end or a complaint counts.
  package static let memory: Int64 = 900
  /// The most ends that are remembered.
  package static let limit = 5

  /// The newest ends since a listener last worked, in their order.
  package private(set) var ends: [End] = []
  /// How many there were, and when the first was.
  package private(set) var count = 0
  package private(set) var since: Int64?
  /// Since when no pod of a listener has been seen, in seconds since 1970.
  package private(set) var absentSince: Int64?
  /// When none was seen last.
  private var absentAt: Int64?
  /// Whether the current listener has kept its session for a cycle.
  package private(set) var hasWorked = false
  private var complaint: (said: ListenerProblem, at: Int64)?
  private var complaints = 0
  /// When the current listener first asked for messages after whatever went wrong before.
  private var session: Int64?
  /// The newest line that tells of work.
  private var latest: Int64 = 0
  private var current: Current?
  /// When its pod was last looked at, in seconds since 1970.
  private var seen: Int64 = 0

  /// Nothing was seen yet.
  package init() {}

  package static func == (a: Self, b: Self) -> Bool {
    a.ends == b.ends && a.count == b.count && a.since == b.since && a.absentSince == b.absentSince
      && a.hasWorked == b.hasWorked && a.complaint?.said == b.complaint?.said && a.complaint?.at == b.complaint?.at
      && a.complaints == b.complaints && a.session == b.session && a.latest == b.latest && a.current == b.current
  }

  /// Whether the current listener has its session with GitHub, as far as its log was heard.
  package var hasSession: Bool { session != nil }
  /// When the current listener's pod was made.
  package var created: Int64? { current?.created }
  /// Whether a listener runs.
  package var isRunning: Bool { current?.isRunning == true }

  // MARK: What is learned

  /// Seconds between two looks in which a listener that keeps ending may have existed unseen.
  private static let existence: Int64 = 2

  /// Takes in how the listener's pod is, for who looks now and then: that there was none the last time says nothing of
  /// the time in between, unless that was short.
  package mutating func glimpse(_ pod: Pod?, at now: Int64) {
    if let absentAt, now - absentAt >= Self.existence { absentSince = nil }
    see(pod, at: now)
  }

  /// Takes in how the listener's pod is.
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

  /// Whether a process ended by itself: what a signal or a node that stopped ended says nothing about it.
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

  /// Takes in what the listener says.
  ///
  /// - Parameter now: for lines without a time.
  package mutating func hear(_ fact: ListenerFact, now: Int64) {
    switch fact {
    case .polled(let at), .counted(_, _, _, let at):
      let at = at ?? now
      latest = max(latest, at)
      // What was said before the newest trouble proves nothing against it.
      if let end = ends.last, at < end.at { return }
      if let complaint, at < complaint.at { return }
      session = session ?? at
    case .problem(let said, let at):
      let at = at ?? now
      if said.isLastWord { return note(End(at: at, said: said)) }
      if let session, at < session { return }
      // Lines may be read again.
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

  /// Takes in how a listener ended, whoever saw it.
  package mutating func note(_ end: End) {
    if let session, end.at < session { return }
    // The pod, its words and the controller tell of the same end within a moment.
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

  /// Time has passed: a listener that has kept its session for a cycle makes up for those before it.
  ///
  /// - Parameters:
  ///   - isHeard: whether its log can be read.
  ///   - isFollowed: whether each change of its pod is seen, so that it still is as it was last seen.
  package mutating func advance(to now: Int64, isHeard: Bool = true, isFollowed: Bool = true) {
    ends.removeAll { now - $0.at >= Self.memory }
    if let complaint, now - complaint.at >= Self.memory { self.complaint = nil }
    // A listener that has run since before another one ended is not its successor: what was kept is of another time.
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

  /// Seconds after which a listener that still runs works: one that cannot ends within seconds, and one that GitHub
  /// refuses after some tries within half a minute.
  package static let longRun: Int64 = 60

  /// Whether it has run for long without a complaint and none ended before it, or after the last one ended where its log
  /// cannot be read and that is all there is to see.
  private func runsLong(at now: Int64, isHeard: Bool) -> Bool {
    guard isRunning, complaint == nil, let created, now - created >= Self.longRun else { return false }
    return isHeard ? ends.isEmpty : ends.allSatisfy { $0.at <= created }
  }

  /// The clock by which all this was noted was set by this many seconds. What the cluster wrote has its own.
  package mutating func move(by shift: Int64) {
    absentSince? += shift
    absentAt? += shift
  }

  // MARK: What follows

  /// What is to be said of it.
  package var verdict: Verdict {
    if let newest = ends.last {
      let ends = streak
      let known = ends.last { $0.said.map { $0.failure != .other } == true } ?? ends.last { $0.said != nil }
      let isKnown = known?.said.map { $0.failure != .other } ?? false
      // The one that runs now says what it meets while it still tries, which may be another thing than before.
      if let complaint, complaint.said.failure != .other, !isKnown || complaint.at > (known?.at ?? 0) {
        return .ended(newest, cause: complaint.said, at: complaint.at)
      }
      if isKnown, let known { return .ended(newest, cause: known.said, at: known.at) }
      return .ended(newest, cause: known?.said, at: known?.at ?? newest.at)
    }
    guard let complaint, complaint.said.failure.isFinal || complaints >= Self.enough else { return .unsuspicious }
    return .complains(complaint.said, at: complaint.at)
  }

  /// Seconds between two ends that belong together: one that cannot work ends every three, or after some tries within
  /// half a minute.
  private static let together: Int64 = 90

  /// The newest ends that follow each other. What one said before a time in which none ended is no cause of theirs.
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

  /// Its state in place of that of the moment; nil while the moment tells.
  var state: ListenerState? {
    guard case .ended(let end, let cause, _) = verdict else { return nil }
    if let cause { return .failing(cause.failure == .other ? cause.text : cause.failure.words) }
    return .failing(end.code.map { "it ended with exit code \($0)" } ?? "it ended with an error")
  }
}
