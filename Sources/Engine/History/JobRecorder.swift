import Synchronization

/// Watches a cluster, keeps the logs of its jobs and writes their history, without a screen: `deskrun record`.
public final class JobRecorder: Sendable {
  private struct State {
    var jobs = JobLog()
    var queues: [String: JobQueue] = [:]
    var snapshot: Snapshot?
    var begun: Set<String> = []
    var told: Set<String> = []
  }

  private let toolbox: Toolbox
  private let history: JobHistory
  private let archive: LogArchive
  private let state = Mutex(State())
  private let clock: @Sendable () -> Int64

  /// What it tells of.
  public enum Event: Sendable {
    /// How the cluster is now, whenever that changes.
    case cluster(ClusterState)
    /// A job began.
    case began(JobRecord)
    /// A job ended.
    case ended(JobRecord)
    /// The history cannot be written; it is tried again with the next job.
    case problem(EngineError)
  }

  /// Records through these programs.
  public init(
    toolbox: Toolbox, history: JobHistory, archive: LogArchive,
    clock: @escaping @Sendable () -> Int64 = SystemTime.secondsSince1970
  ) {
    self.toolbox = toolbox
    self.history = history
    self.archive = archive
    self.clock = clock
  }

  /// Records until the task is cancelled.
  public func run(_ tell: @escaping @Sendable (Event) -> Void) async throws {
    let api = try toolbox.kubectl()
    let earlier = history.recent()
    state.withLock { state in
      state.jobs.restore(earlier)
      state.told = Set(earlier.filter { $0.result != .running }.map(\.runner))
    }
    let recorder = LogRecorder(api: api, archive: archive) { target, mark in
      self.update(tell) { $0.jobs.apply(mark, runner: target.runner) }
    }
    let clock = clock
    let feed = ListenerFeed(api: api) { scaleSet, facts in
      self.update(tell) { state in
        let busy = state.snapshot?.counts[scaleSet]?.busy ?? 0
        for fact in facts {
          state.queues[scaleSet, default: JobQueue()].apply(fact, busy: busy, now: clock())
          state.jobs.apply(fact, scaleSet: scaleSet, queue: state.queues[scaleSet])
        }
      }
    }
    let (observations, news) = AsyncStream.makeStream(of: ClusterObservation.self, bufferingPolicy: .bufferingNewest(1))
    let monitor = ClusterMonitor(toolbox: toolbox)
    await withTaskGroup(of: Void.self) { group in
      group.addTask {
        await monitor.run { news.yield($0) }
        news.finish()
      }
      group.addTask {
        var last: ClusterState?
        for await observation in observations {
          if observation.cluster != last { tell(.cluster(observation.cluster)) }
          last = observation.cluster
          guard let snapshot = observation.snapshot else { continue }
          self.update(tell) { state in
            state.jobs.apply(snapshot.changes(since: state.snapshot), at: snapshot.takenAt)
            state.snapshot = snapshot
          }
          self.tellUnknown(tell)
          await recorder.record(snapshot.busyTargets)
          await feed.follow(snapshot.listenerPods)
        }
      }
      await group.waitForAll()
    }
    await recorder.stop()
    await feed.stop()
  }

  private func update(_ tell: @Sendable (Event) -> Void, _ body: (inout State) -> Void) {
    let (changed, new) = state.withLock { state -> ([JobRecord], [JobRecord]) in
      body(&state)
      let changed = state.jobs.takeChanges()
      // Each is told once; an end of which nobody has said how it was, a moment later.
      let new = changed.filter { record in
        switch record.result {
        case .running: record.started != nil && state.begun.insert(record.runner).inserted
        case .unknown: false
        default: state.told.insert(record.runner).inserted
        }
      }
      return (changed, new)
    }
    guard !changed.isEmpty else { return }
    do { try history.append(changed) } catch { tell(.problem(error)) }
    for record in new { tell(record.result == .running ? .began(record) : .ended(record)) }
  }

  /// Tells of jobs that ended some seconds ago and of which nobody has said how.
  private func tellUnknown(_ tell: @Sendable (Event) -> Void) {
    let now = clock()
    let late = state.withLock { state in
      let late = state.jobs.jobs.prefix(200).filter {
        $0.result == .unknown && now - $0.latest > 5 && !state.told.contains($0.runner)
      }
      state.told.formUnion(late.map(\.runner))
      // Names never come again; what is long over need not be remembered.
      if state.begun.count > 5000 { state.begun = [] }
      if state.told.count > 5000 { state.told = Set(state.jobs.jobs.map(\.runner)) }
      return late
    }
    for record in late { tell(.ended(record)) }
  }
}

extension Snapshot {
  /// The runners that have a job, as the recorder of logs wants them.
  public var busyTargets: [LogRecorder.Target] {
    runners.compactMap { runner in
      guard case .busy = runner.state else { return nil }
      return LogRecorder.Target(runner: runner.name, scaleSet: runner.scaleSet)
    }
  }
}
