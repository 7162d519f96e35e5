import Basics
import Kubernetes
import Synchronization
import Tools

/// What is known of the cluster, and since when.
package struct ClusterObservation: Sendable, Equatable {
  /// How the cluster is.
  package var cluster: ClusterState
  /// What is in it, as far as it was ever told; older than `heardAt` it never is.
  package var snapshot: Snapshot?
  /// When the cluster was last heard of, in seconds since 1970.
  package var heardAt: Int64?
  /// When it is tried again, in seconds since 1970, while it does not answer.
  package var nextTry: Int64?
  /// What keeps watches from telling what changes while the cluster answers, the worst of it.
  package var trouble: WatchTrouble?
  /// When what is known was last known to be current, in seconds since 1970; nil while that is now, give or take the
  /// minute and a half in which a watch that is silent has to prove itself.
  package var staleSince: Int64?

  /// Describes what is known.
  package init(
    cluster: ClusterState, snapshot: Snapshot? = nil, heardAt: Int64? = nil, nextTry: Int64? = nil,
    trouble: WatchTrouble? = nil, staleSince: Int64? = nil
  ) {
    self.cluster = cluster
    self.snapshot = snapshot
    self.heardAt = heardAt
    self.nextTry = nextTry
    self.trouble = trouble
    self.staleSince = staleSince
  }
}

/// Keeps what is known of a cluster current: a stream for each kind of object, and when one breaks, a look at why,
/// another try after a while, and the age of what is known meanwhile. It never gives up.
package final class ClusterMonitor: Sendable {
  private let toolbox: Toolbox
  private let namespace: String
  private let clock: @Sendable () -> Int64
  private let store = Lock(ClusterStore())
  private let heard = Lock<ContinuousClock.Instant?>(nil)
  private let health = Lock(WatchHealth())
  private let patience: WatchPatience
  private let wake = Lock<AsyncStream<Void>.Continuation?>(nil)

  /// Watches through these programs.
  package convenience init(
    toolbox: Toolbox, namespace: String = ClusterTarget.namespace,
    clock: @escaping @Sendable () -> Int64 = SystemTime.secondsSince1970
  ) {
    self.init(toolbox: toolbox, namespace: namespace, clock: clock, patience: WatchPatience())
  }

  package init(toolbox: Toolbox, namespace: String, clock: @escaping @Sendable () -> Int64, patience: WatchPatience) {
    (self.toolbox, self.namespace, self.clock, self.patience) = (toolbox, namespace, clock, patience)
  }

  /// Tries at once, where it would wait.
  package func retryNow() { wake.withLock { _ = $0?.yield() } }

  /// Watches until the task is cancelled.
  ///
  /// - Parameter publish: hears of each change, not more often than a screen can show it.
  package func run(_ publish: @escaping @Sendable (ClusterObservation) -> Void) async {
    var backoff = Backoff(first: .seconds(2), limit: .seconds(30))
    while !Task.isCancelled {
      let state: ClusterState
      do { state = try await ClusterInspector(toolbox: toolbox).state() } catch {
        if Task.isCancelled { return }
        state = .unreachable(
          error as? EngineError ?? EngineError(.failed, "The cluster cannot be asked", why: String(describing: error)))
      }
      if state.isReady {
        heard.withLock { $0 = .now }
        health.withLock { $0.begin() }
        publish(observation(state))
        let started = ContinuousClock.now
        let problem = await watch(state, publish)
        if Task.isCancelled { return }
        let lasted = started.duration(to: .now)
        let wait = backoff.next(after: lasted)
        // What held for a while and broke off is looked at once more at once.
        if lasted >= backoff.useful { continue }
        await pause(.unreachable(problem), wait, publish)
      } else {
        await pause(state, backoff.next(), publish)
      }
    }
  }

  private func observation(_ state: ClusterState, wait: Duration? = nil) -> ClusterObservation {
    let now = clock()
    // Ages are those of a clock that nobody sets; the one on the wall only says what time it was.
    func moment(_ instant: ContinuousClock.Instant) -> Int64 { now - instant.duration(to: .now).components.seconds }
    let snapshot = store.withLock { $0.isComplete ? $0.snapshot(at: now) : nil }
    var observation = ClusterObservation(
      cluster: state, snapshot: snapshot, heardAt: heard.withLock { $0 }.map(moment),
      nextTry: wait.map { now + max(1, $0.components.seconds) })
    guard state.isReady else { return observation }
    health.withLock { health in
      observation.trouble = health.trouble
      observation.staleSince = health.staleSince(patience).map(moment)
      observation.nextTry = health.retry.map { moment($0) }
    }
    return observation
  }

  /// Waits longer the more often it failed, up to half a minute, and not to the same second as others do.
  private func pause(
    _ state: ClusterState, _ wait: Duration, _ publish: @Sendable (ClusterObservation) -> Void
  ) async {
    publish(observation(state, wait: wait))
    let (stream, continuation) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
    wake.withLock { $0 = continuation }
    let timer = Task {
      try? await Task.sleep(for: wait)
      continuation.yield()
    }
    for await _ in stream { break }
    timer.cancel()
    wake.withLock { $0 = nil }
  }

  /// Watches every kind until one of the streams breaks.
  ///
  /// - Returns: why.
  private func watch(
    _ state: ClusterState, _ publish: @escaping @Sendable (ClusterObservation) -> Void
  ) async -> EngineError {
    let api: any KubernetesAPI
    do { api = try toolbox.api() } catch { return error }
    let (changes, changed) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
    let (moves, moved) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
    let (pokes, poke) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
    wake.withLock { $0 = poke }
    defer { wake.withLock { $0 = nil } }
    do {
      try await withThrowingTaskGroup(of: Void.self) { group in
        defer { group.cancelAll() }
        let arc = "/apis/actions.github.com/v1alpha1/namespaces/\(self.namespace)"
        group.addTask {
          try await self.watch(Pod.self, api, "/api/v1/namespaces/\(self.namespace)/pods", changed) { $0.apply($1) }
        }
        group.addTask {
          try await self.watch(EphemeralRunner.self, api, "\(arc)/ephemeralrunners", changed) { $0.apply($1) }
        }
        group.addTask {
          try await self.watch(ScaleSet.self, api, "\(arc)/autoscalingrunnersets", changed) { $0.apply($1) }
        }
        group.addTask {
          try await self.watch(
            ControllerState.self, api, "/apis/apps/v1/deployments",
            query: "&labelSelector=app.kubernetes.io%2Fpart-of%3Dgha-rs-controller", changed
          ) {
            $0.apply($1)
            moved.yield()
          }
        }
        group.addTask { await self.listenersElsewhere(api, changed).run(moves) }
        group.addTask { await self.tell(changes, state, publish) }
        group.addTask { try await self.listen(api, pokes, changed) }
        try await group.next()
      }
      return EngineError(.unreachable, "The cluster is no longer watched")
    } catch {
      return error as? EngineError ?? EngineError(.interrupted, "Watching was stopped")
    }
  }

  private func listenersElsewhere(
    _ api: any KubernetesAPI, _ changed: AsyncStream<Void>.Continuation
  ) -> ListenersElsewhere {
    ListenersElsewhere(api: api, namespace: namespace, patience: patience) {
      self.store.withLock { $0.controllerNamespace }
    } tell: { news in
      switch news {
      case .events(let events):
        self.store.withLock { $0.applyElsewhere(events) }
        self.heard.withLock { $0 = .now }
      case .forget(let problem): self.store.withLock { $0.forgetElsewhere(problem) }
      case .ended(let path): self.health.withLock { $0.forget(path) }
      case .report(let report, let path):
        if report == .current { self.heard.withLock { $0 = .now } }
        guard self.health.withLock({ $0.take(report, of: path) }) else { return }
      }
      changed.yield()
    }
  }

  private func watch<Object: ScannedObject>(
    _ kind: Object.Type, _ api: any KubernetesAPI, _ path: String, query: String = "",
    _ changed: AsyncStream<Void>.Continuation,
    _ apply: @escaping @Sendable (inout ClusterStore, [WatchEvent<Object>]) -> Void
  ) async throws {
    var stream = WatchStream<Object>(api: api, path: path, query: query)
    stream.patience = patience
    try await stream.run { report in
      if report == .current { self.heard.withLock { $0 = .now } }
      if self.health.withLock({ $0.take(report, of: path) }) { changed.yield() }
    } _: { events in
      self.store.withLock { apply(&$0, events) }
      self.heard.withLock { $0 = .now }
      changed.yield()
    }
  }

  /// Publishes what changed, the newest only, as often as `ChangePace` says.
  private func tell(
    _ changes: AsyncStream<Void>, _ state: ClusterState, _ publish: @Sendable (ClusterObservation) -> Void
  ) async {
    var pace = ChangePace()
    var published = ContinuousClock.now
    for await _ in changes {
      guard store.withLock({ $0.isComplete }) || health.withLock({ $0.trouble != nil }) else { continue }
      let observation = observation(state)
      let pause = pace.pause(after: published.duration(to: .now), runners: observation.snapshot?.runners.count ?? 0)
      publish(observation)
      try? await Task.sleep(for: pause)
      published = .now
    }
  }

  /// Time of silence after which the cluster is asked whether it is still there.
  private static let silence: Duration = .seconds(30)

  /// A cluster that is gone looks like one in which nothing happens. So after some silence, or when somebody asks, a
  /// question is put that must be answered. Whether a single stream tells all is its own matter (`WatchStream`).
  private func listen(
    _ api: any KubernetesAPI, _ pokes: AsyncStream<Void>, _ changed: AsyncStream<Void>.Continuation
  ) async throws {
    try await withThrowingTaskGroup(of: Void.self) { group in
      defer { group.cancelAll() }
      group.addTask {
        for await _ in pokes { try await self.probe(api) }
      }
      group.addTask {
        while true {
          let quiet = self.heard.withLock { $0 }?.duration(to: .now) ?? Self.silence
          if quiet >= Self.silence { try await self.probe(api) }
          // What gets old without a word is to be told too.
          if self.health.withLock({ $0.staleSince(self.patience) != nil }) { changed.yield() }
          try await Task.sleep(for: max(.seconds(1), Self.silence - min(quiet, Self.silence - .seconds(1))))
        }
      }
      try await group.next()
    }
  }

  private func probe(_ api: any KubernetesAPI) async throws {
    _ = try await api.get("/readyz", timeout: .seconds(6))
    heard.withLock { $0 = .now }
  }
}
