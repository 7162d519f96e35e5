/// A job that was seen on a runner.
public struct JobRecord: Sendable, Equatable, Identifiable {
  /// How a job ended.
  public enum Result: String, Sendable, Equatable {
    /// It has not.
    case running
    /// GitHub's own words.
    case succeeded, failed, cancelled
    /// The runner died under it.
    case lost
    /// Nobody heard how.
    case unknown
  }

  /// The runner's name: an ephemeral runner has one job in its life.
  public var id: String { runner }
  /// The runner.
  public var runner: String
  /// The scale set the runner belongs to.
  public var scaleSet: String
  /// The job.
  public var job: Job
  /// When it began, in seconds since 1970, when that is known.
  public var started: Int64?
  /// When it ended.
  public var finished: Int64?
  /// How it ended.
  public var result: Result
  /// Why the runner died under it, when it did.
  public var note: String?
}

/// The jobs that were seen, joined from what the cluster and the runners' logs tell. The newest are kept.
public struct JobLog: Sendable, Equatable {
  /// How many are kept.
  public static let limit = 1000
  private var records: [String: JobRecord] = [:]
  private var order: [String] = []
  private var hasSeen = false

  /// Nothing seen yet.
  public init() {}

  /// The jobs, those that run first, then the newest.
  public var jobs: [JobRecord] {
    order.reversed().compactMap { records[$0] }.sorted { a, b in
      if (a.result == .running) != (b.result == .running) { return a.result == .running }
      return (a.finished ?? a.started ?? 0) > (b.finished ?? b.started ?? 0)
    }
  }

  /// The job of a runner.
  public subscript(runner: String) -> JobRecord? { records[runner] }

  /// Takes in how things stand now.
  public mutating func apply(_ snapshot: Snapshot) { apply(snapshot.changes(since: nil), at: snapshot.takenAt) }

  /// Takes in what has changed since it last heard.
  ///
  /// - Parameter now: when it was seen, in seconds since 1970.
  public mutating func apply(_ changes: [RunnerChange], at now: Int64) {
    for change in changes {
      guard let runner = change.after else {
        if let gone = change.before, records[gone.name]?.result == .running { end(gone.name, .unknown, at: now) }
        continue
      }
      if case .busy(let job) = runner.state {
        // At the first look, nobody knows when the jobs began that run already.
        add(runner, job, started: hasSeen ? now : earliestJobPod(runner))
      } else if records[runner.name]?.result == .running {
        if case .failing(let why, _) = runner.state {
          end(runner.name, .lost, at: now, note: why)
        } else {
          end(runner.name, .unknown, at: now)
        }
      }
    }
    hasSeen = true
  }

  private func earliestJobPod(_ runner: Runner) -> Int64? { runner.jobPods.compactMap(\.metadata.created).min() }

  private mutating func add(_ runner: Runner, _ job: Job, started: Int64?) {
    if records[runner.name] != nil {
      records[runner.name]?.job = job
      return
    }
    records[runner.name] = JobRecord(
      runner: runner.name, scaleSet: runner.scaleSet, job: job, started: started, finished: nil, result: .running)
    order.append(runner.name)
    while order.count > Self.limit { records[order.removeFirst()] = nil }
  }

  /// What the runner's log says has the last word, whenever it comes.
  public mutating func apply(_ mark: LogRecorder.Mark, runner: String) {
    guard records[runner] != nil else { return }
    switch mark {
    case .started(let at): if let at { records[runner]?.started = at }
    case .ended(let word, let at):
      let result: JobRecord.Result =
        switch word.lowercased() {
        case "succeeded": .succeeded
        case "failed": .failed
        case "canceled", "cancelled": .cancelled
        default: .unknown
        }
      records[runner]?.result = result
      if let at { records[runner]?.finished = at }
    }
  }

  private mutating func end(_ runner: String, _ result: JobRecord.Result, at now: Int64, note: String? = nil) {
    records[runner]?.result = result
    if records[runner]?.finished == nil { records[runner]?.finished = now }
    records[runner]?.note = note
  }
}
