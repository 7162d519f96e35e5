import Synchronization

/// What is known of the cluster, and since when.
public struct ClusterObservation: Sendable, Equatable {
  /// How the cluster is.
  public var cluster: ClusterState
  /// What is in it, as far as it was ever told; older than `heardAt` it never is.
  public var snapshot: Snapshot?
  /// When the cluster was last heard of, in seconds since 1970.
  public var heardAt: Int64?
  /// When it is tried again, in seconds since 1970, while it does not answer.
  public var nextTry: Int64?

  /// Describes what is known.
  public init(cluster: ClusterState, snapshot: Snapshot? = nil, heardAt: Int64? = nil, nextTry: Int64? = nil) {
    self.cluster = cluster
    self.snapshot = snapshot
    self.heardAt = heardAt
    self.nextTry = nextTry
  }
}

/// Keeps what is known of a cluster current: a stream for each kind of object, and when one breaks, a look at why,
/// another try after a while, and the age of what is known meanwhile. It never gives up.
public final class ClusterMonitor: Sendable {
  private let toolbox: Toolbox
  private let namespace: String
  private let clock: @Sendable () -> Int64
  private let store = Mutex(ClusterStore())
  private let heard = Mutex<Int64?>(nil)
  private let wake = Mutex<AsyncStream<Void>.Continuation?>(nil)

  /// Watches through these programs.
  public init(
    toolbox: Toolbox, namespace: String = ClusterTarget.namespace,
    clock: @escaping @Sendable () -> Int64 = SystemTime.secondsSince1970
  ) {
    self.toolbox = toolbox
    self.namespace = namespace
    self.clock = clock
  }

  /// Tries at once, where it would wait.
  public func retryNow() { wake.withLock { _ = $0?.yield() } }

  /// Watches until the task is cancelled.
  ///
  /// - Parameter publish: hears of each change, not more often than a screen can show it.
  public func run(_ publish: @escaping @Sendable (ClusterObservation) -> Void) async {
    var failures = 0
    while !Task.isCancelled {
      let state: ClusterState
      do { state = try await ClusterInspector(toolbox: toolbox).state() } catch {
        if Task.isCancelled { return }
        state = .unreachable(
          error as? EngineError ?? EngineError(.failed, "The cluster cannot be asked", why: String(describing: error)))
      }
      if state.isReady {
        heard.withLock { $0 = clock() }
        publish(observation(state))
        let started = clock()
        let problem = await watch(state, publish)
        if Task.isCancelled { return }
        // What held for a while and broke off is looked at once more at once.
        failures = clock() - started > 5 ? 0 : failures + 1
        if failures == 0 { continue }
        await pause(.unreachable(problem), failures, publish)
      } else {
        failures += 1
        await pause(state, failures, publish)
      }
    }
  }

  private func observation(_ state: ClusterState, nextTry: Int64? = nil) -> ClusterObservation {
    let now = clock()
    let snapshot = store.withLock { $0.isComplete ? $0.snapshot(at: now) : nil }
    return ClusterObservation(
      cluster: state, snapshot: snapshot, heardAt: heard.withLock { $0 }, nextTry: nextTry)
  }

  /// Waits longer the more often it failed, up to half a minute, and not to the same second as others do.
  private func pause(
    _ state: ClusterState, _ failures: Int, _ publish: @Sendable (ClusterObservation) -> Void
  ) async {
    let seconds = min(30, 1 << min(failures, 5)) + Int.random(in: 0...1)
    publish(observation(state, nextTry: clock() + Int64(seconds)))
    let (stream, continuation) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
    wake.withLock { $0 = continuation }
    let timer = Task {
      try? await Task.sleep(for: .seconds(seconds))
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
    do { api = try toolbox.kubectl() } catch { return error }
    let (changes, changed) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
    let (pokes, poke) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
    wake.withLock { $0 = poke }
    defer { wake.withLock { $0 = nil } }
    do {
      try await withThrowingTaskGroup(of: Void.self) { group in
        defer { group.cancelAll() }
        let arc = "/apis/actions.github.com/v1alpha1/namespaces/\(self.namespace)"
        group.addTask {
          try await WatchStream<Pod>(api: api, path: "/api/v1/namespaces/\(self.namespace)/pods")
            .run { events in self.take(changed) { $0.apply(events) } }
        }
        group.addTask {
          try await WatchStream<EphemeralRunner>(api: api, path: "\(arc)/ephemeralrunners")
            .run { events in self.take(changed) { $0.apply(events) } }
        }
        group.addTask {
          try await WatchStream<ScaleSet>(api: api, path: "\(arc)/autoscalingrunnersets")
            .run { events in self.take(changed) { $0.apply(events) } }
        }
        group.addTask {
          try await WatchStream<ControllerState>(
            api: api, path: "/apis/apps/v1/deployments",
            query: "&labelSelector=app.kubernetes.io%2Fpart-of%3Dgha-rs-controller"
          ).run { events in self.take(changed) { $0.apply(events) } }
        }
        group.addTask { await self.tell(changes, state, publish) }
        group.addTask { try await self.listen(api, pokes) }
        try await group.next()
      }
      return EngineError(.unreachable, "The cluster is not watched any more")
    } catch {
      return error as? EngineError ?? EngineError(.interrupted, "Watching was stopped")
    }
  }

  private func take(
    _ changed: AsyncStream<Void>.Continuation, _ apply: (inout ClusterStore) -> Void
  ) {
    let now = clock()
    store.withLock { apply(&$0) }
    heard.withLock { $0 = now }
    changed.yield()
  }

  /// Publishes what changed, the newest only, at most twenty times a second.
  private func tell(
    _ changes: AsyncStream<Void>, _ state: ClusterState, _ publish: @Sendable (ClusterObservation) -> Void
  ) async {
    for await _ in changes {
      guard store.withLock({ $0.isComplete }) else { continue }
      publish(observation(state))
      try? await Task.sleep(for: .milliseconds(50))
    }
  }

  /// Time of silence after which the cluster is asked whether it is still there.
  private static let silence: Int64 = 30

  /// A stream over a dead connection looks like one on which nothing happens. So after some silence, or when somebody
  /// asks, a question is put that must be answered.
  private func listen(_ api: any KubernetesAPI, _ pokes: AsyncStream<Void>) async throws {
    try await withThrowingTaskGroup(of: Void.self) { group in
      defer { group.cancelAll() }
      group.addTask {
        for await _ in pokes { try await self.probe(api) }
      }
      group.addTask {
        while true {
          let quiet = self.clock() - (self.heard.withLock { $0 } ?? 0)
          if quiet >= Self.silence { try await self.probe(api) }
          try await Task.sleep(for: .seconds(max(1, Self.silence - min(quiet, Self.silence - 1))))
        }
      }
      try await group.next()
    }
  }

  private func probe(_ api: any KubernetesAPI) async throws {
    _ = try await api.get("/readyz", timeout: .seconds(6))
    let now = clock()
    heard.withLock { $0 = now }
  }
}
