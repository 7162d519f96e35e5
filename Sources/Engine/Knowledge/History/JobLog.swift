import ARC

/// The jobs that were seen, merged from the cluster, the listeners and the runners' logs, in whatever order the
/// information arrives. The newest are kept.
package struct JobLog: Sendable, Equatable {
  /// Maximum number of jobs in memory.
  package static let limit = 2000
  private var records: [String: JobRecord] = [:]
  private var order: [String] = []
  private var hasSeen = false
  /// Incremented with each change, so that views know when to update.
  package private(set) var version = 0
  private var changed: Set<String> = []
  /// Facts from logs of runners whose job is not known yet, as after a start in the middle of a job.
  private var early: [String: [LogRecorder.Mark]] = [:]
  /// Runners with a job that were not seen in the cluster: a listener or an earlier deskrun reported them. Whether they
  /// still run is not known until the cluster was read; if they do not, this is why the result is unknown.
  private var unseen: [String: UnknownEnd] = [:]
  /// Runners whose jobs ended without a known result.
  private var silent: [String] = []

  package init() {}

  /// The jobs, running ones first, then by their start, newest first.
  package var jobs: [JobRecord] {
    order.reversed().compactMap { records[$0] }.sorted { a, b in
      if (a.result == .running) != (b.result == .running) { return a.result == .running }
      return a.began > b.began
    }
  }

  /// The jobs in no particular order.
  package var unordered: some Collection<JobRecord> { records.values }

  /// Jobs that ended since a moment, among the newest few hundred, in no particular order: called on every change.
  package func ended(since moment: Int64) -> [JobRecord] {
    order.suffix(300).compactMap { records[$0] }.filter { $0.result != .running && $0.latest >= moment }
  }

  /// The job of a runner.
  package subscript(runner: String) -> JobRecord? { records[runner] }

  /// The records that have changed since the last call, to be stored.
  package mutating func takeChanges() -> [JobRecord] {
    defer { changed = [] }
    return changed.sorted().compactMap { records[$0] }
  }

  /// Adds jobs seen earlier, by this program or another.
  package mutating func restore(_ earlier: [JobRecord]) {
    for record in earlier.sorted(by: { $0.latest < $1.latest }).suffix(Self.limit) {
      if let known = records[record.runner] {
        records[record.runner] = known.merged(with: record)
      } else {
        records[record.runner] = record
        order.append(record.runner)
        if record.result == .running { unseen[record.runner] = .notWatched }
      }
    }
    // In the order of their latest facts; jobs that this program has seen are the newest.
    order.sort { (records[$0]?.latest ?? 0, $0) < (records[$1]?.latest ?? 0, $1) }
    trim()
    version += 1
  }

  /// Removes jobs that have not ended, without recording an end: they run on a cluster that can no longer be seen.
  package mutating func forgetRunning() {
    order.removeAll { records[$0]?.result == .running }
    records = records.filter { $0.value.result != .running }
    changed = changed.filter { records[$0] != nil }
    (early, unseen, silent) = ([:], [:], [])
    hasSeen = false
    version += 1
  }

  private mutating func trim() {
    while order.count > Self.limit {
      let gone = order.removeFirst()
      records[gone] = nil
      changed.remove(gone)
      unseen[gone] = nil
    }
  }

  private mutating func touch(_ runner: String) {
    changed.insert(runner)
    version += 1
  }

  // MARK: What the cluster tells

  /// Updates the jobs from a snapshot.
  package mutating func apply(_ snapshot: Snapshot) {
    apply(snapshot.changes(since: nil), at: snapshot.takenAt)
    settle(snapshot, at: snapshot.takenAt)
  }

  /// By how many seconds a snapshot may be older than a listener's message at the same time.
  private static let delay: Int64 = 5

  /// Ends jobs that were reported as running by a listener or an earlier deskrun, but whose runners are not in the
  /// cluster; their logs may tell the result. A runner that got its job after the snapshot may be missing in it.
  ///
  /// - Parameters:
  ///   - snapshot: a complete snapshot.
  ///   - moment: the time of the snapshot, in seconds since 1970.
  package mutating func settle(_ snapshot: Snapshot, at moment: Int64) {
    guard !unseen.isEmpty else { return }
    for (runner, why) in unseen.sorted(by: { $0.key < $1.key }) {
      guard let record = records[runner], record.result == .running else {
        unseen[runner] = nil
        continue
      }
      if snapshot.runner(runner) != nil {
        // From now on its end is noticed like any other.
        unseen[runner] = nil
      } else if (record.started ?? record.assigned ?? 0) + Self.delay < moment {
        unseen[runner] = nil
        records[runner]?.result = .unknown
        records[runner]?.unknownEnd = record.unknownEnd ?? why
        silent.append(runner)
        touch(runner)
      }
    }
  }

  /// Runners whose jobs have ended without a known result since the last call: their logs may be archived.
  package mutating func takeSilent() -> [LogRecorder.Target] {
    defer { silent = [] }
    return silent.compactMap { name in
      records[name].flatMap { $0.result == .unknown ? .init(runner: name, scaleSet: $0.scaleSet) : nil }
    }
  }

  /// Updates the jobs from changes of runners.
  ///
  /// - Parameter now: the time of the changes, in seconds since 1970.
  package mutating func apply(_ changes: [RunnerChange], at now: Int64) {
    for change in changes {
      guard let runner = change.after else {
        if let gone = change.before { end(gone, at: now) }
        continue
      }
      if case .busy(let job) = runner.state {
        // At first it is unknown when jobs that are already running started.
        begin(runner, job, started: hasSeen ? now : earliestJobPod(runner))
      } else if let record = records[runner.name], record.result == .running {
        if case .failing(let why, _) = runner.state {
          finish(runner.name, .lost, at: now, note: why)
        } else if runner.exit != nil || runner.state == .finishing {
          finish(runner.name, .unknown, at: now)
        }
      }
      if records[runner.name] == nil, let job = runner.assignedJob {
        let isOver = runner.state == .finishing && runner.keepsLogOfJob
        // Already dead when first seen: GitHub keeps its job for some minutes, and so does the object. Or its job had
        // already ended: its log may still tell the result.
        if isOver || runner.exit?.death != nil { begin(runner, job, started: nil) }
        if isOver { finish(runner.name, .unknown, at: now) }
      }
      if let exit = runner.exit, records[runner.name] != nil { judge(exit, of: runner.name, at: now) }
    }
    hasSeen = true
  }

  private func earliestJobPod(_ runner: Runner) -> Int64? { runner.jobPods.compactMap(\.metadata.created).min() }

  private mutating func begin(_ runner: Runner, _ job: Job, started: Int64?) {
    unseen[runner.name] = nil
    if let known = records[runner.name] {
      var merged = known
      merged.job = job.merged(with: known.job)
      // It was considered ended because an older snapshot did not contain it.
      if known.result == .unknown, known.finished == nil { merged.result = .running }
      guard merged != known else { return }
      records[runner.name] = merged
      return touch(runner.name)
    }
    add(JobRecord(runner: runner.name, scaleSet: runner.scaleSet, job: job, started: started, result: .running))
  }

  private mutating func add(_ record: JobRecord) {
    records[record.runner] = record
    order.append(record.runner)
    touch(record.runner)
    for mark in early.removeValue(forKey: record.runner) ?? [] { apply(mark, runner: record.runner) }
    trim()
  }

  /// What a container's end reveals beyond GitHub's result.
  private mutating func judge(_ exit: RunnerExit, of runner: String, at now: Int64) {
    guard let record = records[runner], record.note == nil, let why = exit.death else { return }
    guard record.result != .succeeded else { return }
    finish(runner, .lost, at: exit.at ?? now, note: why)
  }

  private mutating func end(_ gone: Runner, at now: Int64) {
    guard let record = records[gone.name], record.result == .running else { return }
    finish(gone.name, .unknown, at: record.finished ?? now)
  }

  private mutating func finish(_ runner: String, _ result: JobResult, at time: Int64, note: String? = nil) {
    guard let record = records[runner] else { return }
    var ended = record
    ended.result = result.rank > record.result.rank ? result : record.result
    ended.finished = record.finished ?? time
    ended.note = record.note ?? note
    guard ended != record else { return }
    records[runner] = ended
    touch(runner)
  }

  // MARK: What logs tell

  /// The runner's log is authoritative, whenever it arrives.
  package mutating func apply(_ mark: LogRecorder.Mark, runner: String) {
    guard let record = records[runner] else {
      // Facts that do not concern a job need not wait for one.
      if case .hint = mark { return }
      if early.count < Self.limit || early[runner] != nil { early[runner, default: []].append(mark) }
      return
    }
    var changed = record
    switch mark {
    case .started(let at): if let at { changed.started = at }
    case .ended(let word, let at):
      let result = JobResult(word: word)
      if result.rank >= record.result.rank || record.result == .running { changed.result = result }
      if let at { changed.finished = at }
    case .unknownEnd(let why): changed.unknownEnd = why
    case .hint: return
    }
    guard changed != record else { return }
    records[runner] = changed
    touch(runner)
  }

  /// Updates the jobs from a listener's message.
  ///
  /// - Parameter now: the time for lines without one.
  package mutating func apply(_ fact: ListenerFact, scaleSet: String, queue: JobQueue?, now: Int64? = nil) {
    switch fact {
    case .started(let runner, let job, let time):
      let at = time ?? (records[runner] == nil ? now : nil)
      let assignment = queue?.assigned(of: runner)
      var told = JobRecord(
        runner: runner, scaleSet: scaleSet, job: job, assigned: assignment?.at, started: at, result: .running)
      told.isHeldBack = assignment?.isHeldBack ?? false
      if let record = records[runner] {
        var merged = record.merged(with: told)
        merged.result = record.result
        guard merged != record else { return }
        records[runner] = merged
        touch(runner)
      } else {
        add(told)
        if records[runner]?.result == .running { unseen[runner] = .runnerGone }
      }
    case .completed(let runner, let result, let at):
      guard records[runner] != nil else { return }
      finish(runner, result, at: at ?? records[runner]?.finished ?? records[runner]?.started ?? 0)
    case .counted, .polled, .problem: break
    }
  }
}
