import ARC
import Kubernetes

/// What is remembered of runners that are gone, and of what their logs said: ARC deletes them, and a runner that cycles
/// can only be seen in the ones before it.
package struct RunnerMemory: Sendable, Equatable {
  /// A runner that is gone.
  package struct Ended: Sendable, Equatable {
    /// Its name.
    package var name: String
    /// Seconds from its making to its end, as far as they are known.
    package var lifetime: Int64?
    /// How its container ended, when that was seen.
    package var exit: RunnerExit?
    /// Whether it had a job.
    package var hadJob: Bool
    /// When it was gone, in seconds since 1970.
    package var at: Int64
    /// Whether it was deleted while it worked: it did not end by itself.
    package var wasTaken = false
  }

  /// How long an ended runner is remembered, in seconds.
  package static let span: Int64 = 300
  private static let limit = 30
  private var ended: [String: [Ended]] = [:]
  private var hints: [String: Set<LogHint>] = [:]
  private var hintOrder: [String] = []
  private var scaleSets: [String: String] = [:]
  private var hadJob: Set<String> = []
  private var exits: [String: RunnerExit] = [:]
  /// Runners that were deleted while they were ready, as when their template changes.
  private var taken: Set<String> = []
  /// Since when a runner is in the state it is in.
  private var since: [String: Int64] = [:]
  /// Since when a runner with a job has had no pod.
  private var podless: [String: Int64] = [:]
  private var hasSeen = false
  /// Runners that are gone and had no job, as Kubernetes reported their pods, by scale set.
  private var reports: [String: Set<String>] = [:]
  /// The scale sets of which a log was read that tells why runners end.
  private var heard: Set<String> = []

  /// Nothing seen yet.
  package init() {}

  /// Takes in what has changed.
  ///
  /// - Parameter removed: scale sets that are being removed or changed: their runners end because somebody asked for it.
  package mutating func apply(_ changes: [RunnerChange], at now: Int64, removed: Set<String> = []) {
    for change in changes {
      guard let runner = change.after else {
        if let gone = change.before { end(gone, now, removed) }
        continue
      }
      if change.before == nil || change.before?.state.word != runner.state.word {
        // At the first look nobody knows since when; a runner cannot be older than its object.
        let known: Int64? =
          switch runner.state {
          case .finishing: runner.deleted ?? runner.exit?.at
          case .starting: runner.created
          case .idle, .busy, .failing: nil
          }
        since[runner.name] = hasSeen ? now : known ?? now
      }
      if runner.lacksPod {
        if podless[runner.name] == nil { podless[runner.name] = now }
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

  /// The clock by which all this was noted was set by this many seconds.
  package mutating func move(by shift: Int64) {
    since = since.mapValues { $0 + shift }
    podless = podless.mapValues { $0 + shift }
    ended = ended.mapValues {
      $0.map {
        var moved = $0; moved.at += shift; return moved
      }
    }
  }

  /// Takes in what a runner's log says.
  package mutating func note(_ hint: LogHint, runner: String, scaleSet: String) {
    if hints[runner] == nil { hintOrder.append(runner) }
    hints[runner, default: []].insert(hint)
    // Logs are read in their order: what was wrong before is over.
    if hint == .reconnected || hint == .listens { hints[runner]?.remove(.cannotConnect) }
    scaleSets[runner] = scaleSet
    if hint != .listens { noteRead(scaleSet) }
    while hintOrder.count > 300 {
      let old = hintOrder.removeFirst()
      hints[old] = nil
      scaleSets[old] = nil
    }
  }

  /// The runners of a scale set that ended within the last minutes.
  package func recent(_ scaleSet: String) -> [Ended] { ended[scaleSet] ?? [] }

  /// Those that ended soon after they were made and had no job: normal ones have had one.
  func shortLived(_ scaleSet: String) -> [Ended] {
    recent(scaleSet).filter { !$0.hadJob && !$0.wasTaken && ($0.lifetime ?? 0) < 60 }
  }

  /// Kubernetes reported pods of these runners within the last minutes; they are gone and had no job.
  package mutating func report(_ gone: [String: Set<String>]) { reports = gone }

  /// The runners of a scale set that are gone and had no job, those that were only reported of included.
  package func reported(_ scaleSet: String) -> Set<String> {
    // Seen ones are judged by what was seen.
    let seen = Set(recent(scaleSet).map(\.name))
    return (reports[scaleSet] ?? []).subtracting(seen).union(shortLived(scaleSet).map(\.name))
  }

  /// A log of a runner of this scale set was read that tells why it ended, in words that are known or not.
  package mutating func noteRead(_ scaleSet: String) { heard.insert(scaleSet) }

  /// Whether such a log was read.
  func hasHeard(_ scaleSet: String) -> Bool { heard.contains(scaleSet) }

  /// What a runner's log said.
  package func hints(of runner: String) -> Set<LogHint> { hints[runner] ?? [] }

  /// The runners of a scale set whose logs said this, the newest last.
  package func runners(saying hint: LogHint, in scaleSet: String) -> [String] {
    hintOrder.filter { hints[$0]?.contains(hint) == true && scaleSets[$0] == scaleSet }
  }

  /// Since when a runner is in its state.
  package func since(_ runner: String) -> Int64? { since[runner] }

  /// Since when a runner with a job has been seen without a pod, in seconds since 1970.
  package func podless(_ runner: String) -> Int64? { podless[runner] }
  /// Whether there are such runners.
  package var hasPodless: Bool { !podless.isEmpty }

  /// Seconds between a pod that runs and a runner that is ready, after which its log is worth reading.
  private static let readySeconds: Int64 = 60

  /// Runners whose logs are worth reading although they have no job: those that fail, those that do not get ready, and
  /// those of scale sets where runners end too soon. Two of each scale set at most.
  package func suspects(_ snapshot: Snapshot) -> [LogRecorder.Target] {
    var targets: [LogRecorder.Target] = []
    for set in snapshot.scaleSets.map(\.id) {
      let counts = snapshot.counts[set] ?? .init()
      let ends = shortLived(set).count >= 2 || reported(set).count >= 3
      guard ends || counts.failing + counts.starting > 0 else { continue }
      let isSuspicious =
        ends || counts.failing > 0 || snapshot.runners.contains { $0.failures > 0 && $0.scaleSet == set }
      targets += snapshot.runners.lazy.filter { runner in
        // Idle ones say nothing but that they listen, and that tells where others end.
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
  /// Whether it has a job and no pod to run it: its node is gone, or somebody deleted the pod. For a moment that is so
  /// whenever a pod goes.
  package var lacksPod: Bool { state.job != nil && !hasPod && jobPods.isEmpty && deleted == nil }
}

extension Snapshot {
  /// Runners that wait for a job and whose logs tell whether GitHub still knows them: those that were ready long enough
  /// to have lost it, the oldest first, a few of each scale set.
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
