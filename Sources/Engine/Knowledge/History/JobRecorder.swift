import ARC
import Basics
import Kubernetes
import Synchronization
import Tools

/// Watches a cluster, keeps the logs of its jobs and writes their history, without a screen: `deskrun record`.
package final class JobRecorder: Sendable {
  private struct State {
    package var jobs = JobLog()
    package var queues: [String: JobQueue] = [:]
    package var snapshot: Snapshot?
    package var begun: Set<String> = []
    package var told: Set<String> = []
    /// Jobs that ended and of which nobody has said how, and since when.
    package var silent: [String: ContinuousClock.Instant] = [:]
    /// Whether the last try to write the history failed.
    package var hasFailed = false
  }

  private let toolbox: Toolbox
  private let history: JobHistory
  private let writer: HistoryWriter
  private let archive: LogArchive
  private let state = Mutex(State())
  private let clock: @Sendable () -> Int64

  /// What it tells of.
  package enum Event: Sendable {
    /// How the cluster is now, whenever that changes.
    case cluster(ClusterState)
    /// What keeps watches of a cluster that answers from telling what changes, whenever that changes; nil once they work.
    case watch(WatchTrouble?)
    /// A job began.
    case began(JobRecord)
    /// A job ended.
    case ended(JobRecord)
    /// The history or a log cannot be written; it is tried again.
    case problem(EngineError)
  }

  /// Records through these programs.
  package init(
    toolbox: Toolbox, history: JobHistory, archive: LogArchive,
    clock: @escaping @Sendable () -> Int64 = SystemTime.secondsSince1970
  ) {
    self.toolbox = toolbox
    self.history = history
    writer = HistoryWriter(history)
    self.archive = archive
    self.clock = clock
  }

  /// Records until the task is cancelled.
  package func run(_ tell: @escaping @Sendable (Event) -> Void) async throws {
    let api = try toolbox.kubectl()
    let earlier = history.recent()
    state.withLock { state in
      state.jobs.restore(earlier)
      state.told = Set(earlier.filter { $0.result != .running }.map(\.runner))
    }
    let recorder = LogRecorder(api: api, archive: archive) { target, mark in
      self.update(tell) { $0.jobs.apply(mark, runner: target.runner) }
    } onProblem: {
      tell(.problem($0))
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
        var last: ClusterObservation?
        for await observation in observations {
          if observation.cluster != last?.cluster { tell(.cluster(observation.cluster)) }
          let trouble = observation.trouble
          // The same trouble with another wait is no news.
          if trouble?.cause != last?.trouble?.cause || trouble?.resource != last?.trouble?.resource {
            tell(.watch(trouble))
          }
          last = observation
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
      group.addTask {
        // What could not be written is tried again, whether or not something happens.
        while !Task.isCancelled {
          try? await Task.sleep(for: .seconds(10))
          if self.writer.isWaiting { self.write(tell) }
        }
      }
      await group.waitForAll()
    }
    await recorder.stop()
    await feed.stop()
    write(tell)
  }

  private func write(_ tell: @Sendable (Event) -> Void) {
    do throws(EngineError) {
      try writer.write()
      state.withLock { $0.hasFailed = false }
    } catch {
      let isNew = state.withLock { state in
        defer { state.hasFailed = true }
        return !state.hasFailed
      }
      if isNew { tell(.problem(error)) }
    }
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
    writer.add(changed)
    write(tell)
    for record in new { tell(record.result == .running ? .began(record) : .ended(record)) }
  }

  /// Tells of jobs that were seen to have ended some seconds ago and of which nobody has said how.
  private func tellUnknown(_ tell: @Sendable (Event) -> Void) {
    let late = state.withLock { state in
      let unknown = state.jobs.jobs.prefix(200).filter { $0.result == .unknown && !state.told.contains($0.runner) }
      let former = state.silent
      // Counted here: the times in the records are those of other clocks.
      state.silent = unknown.reduce(into: [:]) { $0[$1.runner] = former[$1.runner] ?? .now }
      let late = unknown.filter { (state.silent[$0.runner] ?? .now).duration(to: .now) > .seconds(5) }
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
  package var busyTargets: [LogRecorder.Target] {
    runners.compactMap { runner in
      guard case .busy = runner.state else { return nil }
      return LogRecorder.Target(runner: runner.name, scaleSet: runner.scaleSet)
    }
  }
}
