import ARC

/// The jobs that were seen, joined from what the cluster, the listeners and the runners' logs tell, in whatever order it
/// comes. The newest are kept.
package struct JobLog: Sendable, Equatable {
  /// How many are kept in memory.
  package static let limit = 2000
  private var records: [String: JobRecord] = [:]
  private var order: [String] = []
  private var hasSeen = false
  /// Counts changes, so that who shows the jobs knows when to look again.
  package private(set) var version = 0
  private var changed: Set<String> = []
  /// Marks of runners whose job is not known yet, as after a start in the middle of a job.
  private var early: [String: [LogRecorder.Mark]] = [:]
  /// Runners with a job that nobody saw in the cluster: a listener or an earlier deskrun told of them. Whether they
  /// still run is not known until the cluster was asked; where they do not, this is why nobody knows how they ended.
  private var unseen: [String: UnknownEnd] = [:]
  /// Runners whose jobs ended without a word of how.
  private var silent: [String] = []

  /// Nothing seen yet.
  package init() {}

  /// The jobs, those that run first, then the newest.
  package var jobs: [JobRecord] {
    order.reversed().compactMap { records[$0] }.sorted { a, b in
      if (a.result == .running) != (b.result == .running) { return a.result == .running }
      return a.latest > b.latest
    }
  }

  /// The same in no order, for whoever goes through all of them.
  package var unordered: some Collection<JobRecord> { records.values }

  /// Jobs that ended since a moment, of the newest few hundred, in no order: asked for at every change.
  package func ended(since moment: Int64) -> [JobRecord] {
    order.suffix(300).compactMap { records[$0] }.filter { $0.result != .running && $0.latest >= moment }
  }

  /// The job of a runner.
  package subscript(runner: String) -> JobRecord? { records[runner] }

  /// The records that have changed since this was last asked, for who keeps them.
  package mutating func takeChanges() -> [JobRecord] {
    defer { changed = [] }
    return changed.sorted().compactMap { records[$0] }
  }

  /// Takes in what was seen before, by this program or another.
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
    // In the order in which they were heard of; what this program saw already is the newest.
    order.sort { (records[$0]?.latest ?? 0, $0) < (records[$1]?.latest ?? 0, $1) }
    trim()
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

  /// Takes in how things stand now.
  package mutating func apply(_ snapshot: Snapshot) {
    apply(snapshot.changes(since: nil), at: snapshot.takenAt)
    settle(snapshot, at: snapshot.takenAt)
  }

  /// Seconds by which a snapshot may be behind what a listener said at the same time.
  private static let delay: Int64 = 5

  /// Jobs that run as far as a listener or an earlier deskrun told, and whose runners are not in the cluster, have
  /// ended; how, their logs may tell. A runner that got its job after the snapshot was taken may not be in it yet.
  ///
  /// - Parameters:
  ///   - snapshot: a complete one.
  ///   - moment: when it was current, in seconds since 1970.
  package mutating func settle(_ snapshot: Snapshot, at moment: Int64) {
    guard !unseen.isEmpty else { return }
    for (runner, why) in unseen.sorted(by: { $0.key < $1.key }) {
      guard let record = records[runner], record.result == .running else {
        unseen[runner] = nil
        continue
      }
      if snapshot.runner(runner) != nil {
        // Its end is seen like that of any other.
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

  /// Runners whose jobs ended without a word since this was last asked: their logs may have been kept.
  package mutating func takeSilent() -> [LogRecorder.Target] {
    defer { silent = [] }
    return silent.compactMap { name in
      records[name].flatMap { $0.result == .unknown ? .init(runner: name, scaleSet: $0.scaleSet) : nil }
    }
  }

  /// Takes in what has changed since it last heard.
  ///
  /// - Parameter now: when it was seen, in seconds since 1970.
  package mutating func apply(_ changes: [RunnerChange], at now: Int64) {
    for change in changes {
      guard let runner = change.after else {
        if let gone = change.before { end(gone, at: now) }
        continue
      }
      if case .busy(let job) = runner.state {
        // At the first look, nobody knows when the jobs began that run already.
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
        // Seen first when it was dead already: GitHub holds its job for some minutes, and so does the object. Or seen
        // first when its job was over: its log may still tell how.
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
      // It was taken for ended because an older snapshot did not have it.
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

  /// What a container's end says that GitHub's word does not.
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

  /// What the runner's log says has the last word, whenever it comes.
  package mutating func apply(_ mark: LogRecorder.Mark, runner: String) {
    guard let record = records[runner] else {
      // What is no news of a job need not wait for one.
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

  /// What a listener says.
  ///
  /// - Parameter now: for lines without a time.
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
