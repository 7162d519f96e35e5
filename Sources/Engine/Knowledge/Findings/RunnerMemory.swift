import ARC
import Kubernetes

/// A record of deleted runners and of hints in runner logs: ARC deletes runners, so a cycling runner is recognized only
/// by its predecessors.
package struct RunnerMemory: Sendable, Equatable {
  /// A deleted runner.
  package struct Ended: Sendable, Equatable {
    package var name: String
    /// Seconds from its creation to its deletion, if known.
    package var lifetime: Int64?
    /// How its container exited, if seen.
    package var exit: RunnerExit?
    package var hadJob: Bool
    /// When it was deleted, in seconds since 1970.
    package var at: Int64
    /// Whether it was deleted while ready, so that it did not exit on its own.
    package var wasTaken = false
  }

  /// How long a deleted runner is remembered, in seconds.
  package static let span: Int64 = 300
  private static let limit = 30
  private var ended: [String: [Ended]] = [:]
  private var hints: [String: Set<LogHint>] = [:]
  private var hintOrder: [String] = []
  private var scaleSets: [String: String] = [:]
  private var hadJob: Set<String> = []
  private var exits: [String: RunnerExit] = [:]
  /// Runners that were deleted while ready, for example because their template changed.
  private var taken: Set<String> = []
  /// When runners entered their current state.
  private var since: [String: Int64] = [:]
  /// When it is certain that the pod of a runner with a job is gone and not only seen late.
  private var podless: [String: Int64] = [:]
  /// How long a runner must be without a pod if complete lists showed it first, in seconds: they are read one after
  /// another.
  static let listedPatience: Int64 = 2
  /// The same if its pod disappeared while the cluster was watched. Pods and runners arrive in different streams; on a
  /// busy machine one may be many seconds behind the other, and a runner that ended well would look lost.
  static let watchedPatience: Int64 = 20
  private var hasSeen = false
  /// Deleted runners without a job whose pods appear in events, by scale set.
  private var reports: [String: Set<String>] = [:]
  /// The scale sets with a runner log that shows why runners exit.
  private var heard: Set<String> = []

  /// Creates an empty record.
  package init() {}

  /// Records changes.
  ///
  /// - Parameter removed: scale sets that are being removed or changed, whose runners exit on request.
  package mutating func apply(_ changes: [RunnerChange], at now: Int64, removed: Set<String> = []) {
    for change in changes {
      guard let runner = change.after else {
        if let gone = change.before { end(gone, now, removed) }
        continue
      }
      if change.before == nil || change.before?.state.word != runner.state.word {
        // The first snapshot does not show since when; a runner cannot be older than its object.
        let known: Int64? =
          switch runner.state {
          case .finishing: runner.deleted ?? runner.exit?.at
          case .starting: runner.created
          case .idle, .busy, .failing: nil
          }
        since[runner.name] = hasSeen ? now : known ?? now
      }
      if runner.lacksPod {
        if podless[runner.name] == nil {
          podless[runner.name] = now + (hasSeen ? Self.watchedPatience : Self.listedPatience)
        }
      } else {
        podless[runner.name] = nil
      }
      if runner.assignedJob != nil { hadJob.insert(runner.name) }
      if runner.deleted != nil, runner.exit == nil, change.before?.state == .idle { taken.insert(runner.name) }
      if let exit = runner.exit { exits[runner.name] = exit }
    }
    hasSeen = true
    for set in ended.keys {
      ended[set]?.removeAll { now - $0.at > Self.span }
      if ended[set]?.isEmpty == true { ended[set] = nil }
    }
  }

  private mutating func end(_ runner: Runner, _ now: Int64, _ removed: Set<String>) {
    let record = Ended(
      name: runner.name, lifetime: runner.created.map { now - $0 }, exit: exits[runner.name] ?? runner.exit,
      hadJob: hadJob.contains(runner.name), at: now, wasTaken: taken.contains(runner.name))
    hadJob.remove(runner.name)
    taken.remove(runner.name)
    exits[runner.name] = nil
    since[runner.name] = nil
    podless[runner.name] = nil
    guard !removed.contains(runner.scaleSet) else { return }
    var list = ended[runner.scaleSet] ?? []
    list.append(record)
    ended[runner.scaleSet] = Array(list.suffix(Self.limit))
  }

  /// Adjusts all times after the clock was changed by a number of seconds.
  package mutating func move(by shift: Int64) {
    since = since.mapValues { $0 + shift }
    podless = podless.mapValues { $0 + shift }
    ended = ended.mapValues {
      $0.map {
        var moved = $0; moved.at += shift; return moved
      }
    }
  }

  /// Records a hint in a runner's log.
  package mutating func note(_ hint: LogHint, runner: String, scaleSet: String) {
    if hints[runner] == nil { hintOrder.append(runner) }
    hints[runner, default: []].insert(hint)
    // Logs are read in order: earlier problems are over.
    if hint == .reconnected || hint == .listens { hints[runner]?.remove(.cannotConnect) }
    scaleSets[runner] = scaleSet
    if hint != .listens { noteRead(scaleSet) }
    while hintOrder.count > 300 {
      let old = hintOrder.removeFirst()
      hints[old] = nil
      scaleSets[old] = nil
    }
  }

  /// The runners of a scale set that were deleted within the last minutes.
  package func recent(_ scaleSet: String) -> [Ended] { ended[scaleSet] ?? [] }

  /// The runners that exited soon after their creation without a job: normal ones have had a job.
  func shortLived(_ scaleSet: String) -> [Ended] {
    recent(scaleSet).filter { !$0.hadJob && !$0.wasTaken && ($0.lifetime ?? 0) < 60 }
  }

  /// Records runners whose pods appear in events of the last minutes; they were deleted and had no job.
  package mutating func report(_ gone: [String: Set<String>]) { reports = gone }

  /// The deleted runners of a scale set that had no job, including those known only from events.
  package func reported(_ scaleSet: String) -> Set<String> {
    // For runners that were seen, the observations take precedence.
    let seen = Set(recent(scaleSet).map(\.name))
    return (reports[scaleSet] ?? []).subtracting(seen).union(shortLived(scaleSet).map(\.name))
  }

  /// Records that a runner log of this scale set shows why it exited, whether or not the reason is recognized.
  package mutating func noteRead(_ scaleSet: String) { heard.insert(scaleSet) }

  /// Whether such a log was read.
  func hasHeard(_ scaleSet: String) -> Bool { heard.contains(scaleSet) }

  /// The hints in a runner's log.
  package func hints(of runner: String) -> Set<LogHint> { hints[runner] ?? [] }

  /// The runners of a scale set with a hint in their logs, newest last.
  package func runners(saying hint: LogHint, in scaleSet: String) -> [String] {
    hintOrder.filter { hints[$0]?.contains(hint) == true && scaleSets[$0] == scaleSet }
  }

  /// When a runner entered its current state.
  package func since(_ runner: String) -> Int64? { since[runner] }

  /// Whether the pod of a runner with a job is gone for certain.
  package func hasLostPod(_ runner: String, at now: Int64) -> Bool { podless[runner].map { $0 <= now } ?? false }
  /// Whether this will be certain soon.
  func willBeLost(_ runner: String, at now: Int64) -> Bool {
    podless[runner].map { $0 > now && $0 <= now + Self.listedPatience } ?? false
  }
  /// Whether any runner with a job has no pod.
  package var hasPodless: Bool { !podless.isEmpty }

  /// The time in seconds between pod running and runner ready after which its log is worth reading.
  private static let readySeconds: Int64 = 60

  /// Runners without a job whose logs are worth reading: failing ones, those that do not become ready, and those of
  /// scale sets whose runners exit too early. At most two per scale set.
  package func suspects(_ snapshot: Snapshot) -> [LogRecorder.Target] {
    var targets: [LogRecorder.Target] = []
    for set in snapshot.scaleSets.map(\.id) {
      let counts = snapshot.counts[set] ?? .init()
      let ends = shortLived(set).count >= 2 || reported(set).count >= 3
      guard ends || counts.failing + counts.starting > 0 else { continue }
      let isSuspicious =
        ends || counts.failing > 0 || snapshot.runners.contains { $0.failures > 0 && $0.scaleSet == set }
      targets += snapshot.runners.lazy.filter { runner in
        // Idle ones log only that they are listening, which is useful where others exit.
        guard runner.rank >= (isSuspicious ? 2 : 3), runner.scaleSet == set, runner.state.job == nil else {
          return false
        }
        if runner.rank == 4 { return Self.hasLog(snapshot.pod(runner.name)) }
        guard let running = runner.running else { return false }
        return isSuspicious || snapshot.takenAt - running > Self.readySeconds
      }.prefix(2).map { LogRecorder.Target(runner: $0.name, scaleSet: set) }
    }
    return targets
  }

  private static func hasLog(_ pod: Pod?) -> Bool {
    switch pod?.container("runner")?.activity {
    case .running?, .terminated?: true
    case .waiting?, .unknown?, nil: false
    }
  }
}

extension Runner {
  /// Whether it has a job but no pod to run it: the node is lost, or the pod was deleted. This is briefly true whenever
  /// a pod is deleted.
  package var lacksPod: Bool { state.job != nil && !hasPod && jobPods.isEmpty && deleted == nil }
}

extension Snapshot {
  /// Idle runners whose logs show whether they are still registered with GitHub: those ready for long enough to have
  /// lost their registration, oldest first, a few per scale set.
  package func idleToAsk(now: Int64, perScaleSet limit: Int = 3) -> [LogRecorder.Target] {
    var counts: [String: Int] = [:]
    return runners.filter { $0.state == .idle && now - ($0.running ?? $0.created ?? now) >= 30 }
      .sorted { ($0.created ?? 0, $0.name) < ($1.created ?? 0, $1.name) }
      .filter { runner in
        counts[runner.scaleSet, default: 0] += 1
        return counts[runner.scaleSet, default: 0] <= limit
      }
      .map { LogRecorder.Target(runner: $0.name, scaleSet: $0.scaleSet) }
  }
}

extension RunnerState {
  package var job: Job? { if case .busy(let job) = self { job } else { nil } }
}
