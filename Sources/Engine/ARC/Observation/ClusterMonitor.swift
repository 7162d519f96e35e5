import Basics
import Kubernetes
import Synchronization
import Tools

/// Keeps the state of a cluster current with one watch for each kind of object. When a watch breaks, it finds out why,
/// retries with backoff and reports how old the data is. It never gives up.
package final class ClusterMonitor: Sendable {
  private let toolbox: Toolbox
  private let clock: @Sendable () -> Int64
  private let store: Lock<ClusterStore>
  /// Where each kind is watched: in all namespaces, until that is refused.
  private let places: Lock<ObservedPlaces>
  private let heard = Lock<ContinuousClock.Instant?>(nil)
  private let health = Lock(WatchHealth())
  /// The uid of the cluster that the data is from; nil if it could not be read.
  private let uid = Lock<String?>(nil)
  /// When the request was sent that the cluster has not answered in time; nil while it answers.
  private let unanswered = Lock<ContinuousClock.Instant?>(nil)
  private let patience: WatchPatience
  private let wake = Lock<AsyncStream<Void>.Continuation?>(nil)

  /// Watches the cluster of this toolbox.
  package convenience init(
    toolbox: Toolbox, clock: @escaping @Sendable () -> Int64 = SystemTime.secondsSince1970
  ) {
    self.init(toolbox: toolbox, clock: clock, patience: WatchPatience())
  }

  package init(toolbox: Toolbox, clock: @escaping @Sendable () -> Int64, patience: WatchPatience) {
    (self.toolbox, self.clock, self.patience) = (toolbox, clock, patience)
    store = Lock(ClusterStore(narrowedTo: toolbox.narrowedTo))
    places = Lock(ObservedPlaces(only: toolbox.narrowedTo))
  }

  /// Ends the current wait and retries at once.
  package func retryNow() { wake.withLock { _ = $0?.yield() } }

  /// Watches until the task is cancelled.
  ///
  /// - Parameter publish: called for each change, at most as often as a screen can show it.
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
        answered()
        health.withLock { $0.begin() }
        // The data of two clusters must not be mixed.
        if uid.withLock({ $0 }) != nil, let error = await identify() {
          if Task.isCancelled { return }
          await pause(.unreachable(error), backoff.next(), publish)
          continue
        }
        publish(observation(state))
        let started = ContinuousClock.now
        let end = await watch(state, publish)
        if Task.isCancelled { return }
        guard case .failed(let problem) = end else { continue }
        if problem.isForbidden {
          await adapt(to: problem, &backoff, publish)
          continue
        }
        let lasted = started.duration(to: .now)
        let wait = backoff.next(after: lasted)
        // A connection that worked for a while is retried once without delay.
        if lasted >= backoff.useful { continue }
        await pause(.unreachable(problem), wait, publish)
      } else if case .unreachable(let error) = state, error.isForbidden {
        // Retrying does not change permissions; wait for other credentials or for `retryNow`.
        await pause(state, Self.refused, publish, endsWith: credentialsChange)
      } else {
        await pause(state, backoff.next(), publish)
      }
    }
  }

  private func observation(_ state: ClusterState, wait: Duration? = nil) -> ClusterObservation {
    let now = clock()
    // Ages are measured with the monotonic clock, which cannot be set; the wall clock only dates them.
    func moment(_ instant: ContinuousClock.Instant) -> Int64 { now - instant.duration(to: .now).components.seconds }
    let snapshot = store.withLock { $0.isComplete ? $0.snapshot(at: now) : nil }
    var observation = ClusterObservation(
      cluster: state, snapshot: snapshot, heardAt: heard.withLock { $0 }.map(moment),
      nextTry: wait.map { now + max(1, $0.components.seconds) }, uid: uid.withLock { $0 })
    guard state.isReady else { return observation }
    health.withLock { health in
      observation.trouble = health.trouble
      observation.staleSince = health.staleSince(patience).map(moment)
      observation.nextTry = health.retry.map { moment($0) }
    }
    if isSilent {
      observation.isSilent = true
      observation.staleSince = [observation.staleSince, observation.heardAt].compactMap(\.self).min()
    }
    return observation
  }

  /// Finds out what the credentials may read. If they may read nothing, it waits a long time, unless `retryNow` is
  /// called or the kubeconfig changes.
  private func adapt(
    to refusal: EngineError, _ backoff: inout Backoff, _ publish: @escaping @Sendable (ClusterObservation) -> Void
  ) async {
    do {
      let found = try await SnapshotReader(toolbox: toolbox).survey()
      let isNews = places.withLock { places in
        defer { places = found }
        return places != found
      }
      store.withLock { $0.read(found) }
      // If a list is allowed but the watch of the same kind is not, do not retry in a tight loop.
      if !isNews { await pause(.unreachable(refusal), backoff.next(), publish) }
    } catch let error as EngineError {
      guard !Task.isCancelled else { return }
      guard error.isForbidden else { return await pause(.unreachable(error), backoff.next(), publish) }
      await pause(.unreachable(error), patience.forbidden, publish, endsWith: credentialsChange)
    } catch {}
  }

  /// Returns when the kubeconfig changes or the task is canceled.
  private var credentialsChange: @Sendable () async -> Void {
    let former = toolbox.access
    return {
      while !Task.isCancelled, self.toolbox.access == former { try? await Task.sleep(for: .seconds(5)) }
    }
  }

  /// Periodically checks whether the permissions have changed.
  ///
  /// - Throws: `PlacesChanged` if they have; `CancellationError`.
  private func reconsider() async throws {
    let former = places.withLock { $0 }
    guard former.limits != nil else { return try await Task.sleep(for: .seconds(1 << 30)) }
    while true {
      let change = credentialsChange
      await withTaskGroup(of: Void.self) { group in
        group.addTask { try? await Task.sleep(for: self.patience.forbidden) }
        group.addTask { await change() }
        await group.next()
        group.cancelAll()
      }
      try Task.checkCancellation()
      try await survey(instead: former)
    }
  }

  /// - Throws: `PlacesChanged` if the permissions have changed.
  private func survey(instead former: ObservedPlaces) async throws {
    guard let found = try? await SnapshotReader(toolbox: toolbox).survey(), found != former else { return }
    places.withLock { $0 = found }
    store.withLock { $0.read(found) }
    throw PlacesChanged()
  }

  /// Publishes a state, then waits for the given time or until `retryNow` is called.
  ///
  /// - Parameter endsWith: also ends the wait when it returns.
  private func pause(
    _ state: ClusterState, _ wait: Duration, _ publish: @Sendable (ClusterObservation) -> Void,
    endsWith end: (@Sendable () async -> Void)? = nil
  ) async {
    publish(observation(state, wait: wait))
    let (stream, continuation) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
    wake.withLock { $0 = continuation }
    let timer = Task {
      try? await Task.sleep(for: wait)
      continuation.yield()
    }
    let other = end.map { end in
      Task {
        await end()
        continuation.yield()
      }
    }
    for await _ in stream { break }
    timer.cancel()
    other?.cancel()
    wake.withLock { $0 = nil }
  }

  /// Why watching ended.
  private enum End: Sendable {
    case failed(EngineError)
    /// Other places have to be watched, or it may be another cluster.
    case changed
  }

  private struct PlacesChanged: Error {}
  /// The kubeconfig changed, so new data may come from another cluster.
  private struct AccessChanged: Error {}

  /// Identifies the cluster, and discards the data of another one.
  ///
  /// - Returns: the error if it could not be identified; nil if it could, or if that is not permitted.
  private func identify() async -> EngineError? {
    let found: String?
    do { found = try await toolbox.api().clusterUID(timeout: .seconds(6)) } catch {
      return error as? EngineError ?? EngineError(.interrupted, "Watching was stopped")
    }
    let isOther = uid.withLock { uid in
      defer { uid = found }
      return uid != nil && uid != found
    }
    guard isOther else { return nil }
    store.withLock { $0 = ClusterStore(narrowedTo: toolbox.narrowedTo) }
    places.withLock { $0 = ObservedPlaces(only: toolbox.narrowedTo) }
    return nil
  }

  /// Watches every kind wherever it may be read, until one of the watches breaks.
  private func watch(
    _ state: ClusterState, _ publish: @escaping @Sendable (ClusterObservation) -> Void
  ) async -> End {
    let api: any KubernetesAPI
    do { api = try toolbox.api() } catch { return .failed(error) }
    let (changes, changed) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
    let (pokes, poke) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
    wake.withLock { $0 = poke }
    defer { wake.withLock { $0 = nil } }
    let places = places.withLock { $0 }
    let access = api.access
    do {
      try await withThrowingTaskGroup(of: Void.self) { group in
        defer { group.cancelAll() }
        for (kind, namespaces) in places.places {
          for namespace in namespaces {
            let slot = ClusterStore.Slot(kind: kind, namespace: namespace)
            group.addTask { try await self.watch(slot, api, access, changed) }
          }
        }
        group.addTask { await self.tell(changes, state, publish) }
        group.addTask { try await self.listen(api, access, pokes, changed, places) }
        group.addTask { try await self.reconsider() }
        // A cluster that is seen for the first time is identified concurrently, so that this does not delay its data.
        if uid.withLock({ $0 }) == nil {
          group.addTask {
            while await self.identify() != nil { try await Task.sleep(for: self.patience.quiet) }
            changed.yield()
            try await Task.sleep(for: .seconds(1 << 30))
          }
        }
        try await group.next()
      }
      return .failed(EngineError(.unreachable, "The cluster is no longer watched"))
    } catch is PlacesChanged {
      return .changed
    } catch is AccessChanged {
      return .changed
    } catch {
      return .failed(error as? EngineError ?? EngineError(.interrupted, "Watching was stopped"))
    }
  }

  private func watch(
    _ slot: ClusterStore.Slot, _ api: any KubernetesAPI, _ access: FileStamp?,
    _ changed: AsyncStream<Void>.Continuation
  ) async throws {
    switch slot.kind {
    case .pods, .jobPods, .controllerPods: try await watch(Pod.self, slot, api, access, changed) { $0.apply($1, slot) }
    case .runners: try await watch(EphemeralRunner.self, slot, api, access, changed) { $0.apply($1, slot) }
    case .scaleSets: try await watch(ScaleSet.self, slot, api, access, changed) { $0.apply($1, slot) }
    case .controllers: try await watch(ControllerState.self, slot, api, access, changed) { $0.apply($1, slot) }
    }
  }

  private func watch<Object: ScannedObject>(
    _ type: Object.Type, _ slot: ClusterStore.Slot, _ api: any KubernetesAPI, _ access: FileStamp?,
    _ changed: AsyncStream<Void>.Continuation,
    _ apply: @escaping @Sendable (inout ClusterStore, [WatchEvent<Object>]) -> Void
  ) async throws {
    let path = slot.kind.path(in: slot.namespace)
    let selector = slot.kind.selector(only: toolbox.narrowedTo)
    let query = selector.map { "&labelSelector=\($0)" } ?? ""
    var stream = WatchStream<Object>(api: api, path: path, query: query)
    stream.patience = patience
    // Pods are watched with several queries of the same path.
    let name = path + query
    try await stream.run { report in
      if report == .current { self.heard.withLock { $0 = .now } }
      if self.health.withLock({ $0.take(report, of: name) }) { changed.yield() }
    } _: { events in
      guard api.access == access else { throw AccessChanged() }
      self.store.withLock { apply(&$0, events) }
      self.heard.withLock { $0 = .now }
      changed.yield()
    }
  }

  /// Publishes changes, skipping intermediate states, as often as `ChangePace` allows.
  private func tell(
    _ changes: AsyncStream<Void>, _ state: ClusterState, _ publish: @Sendable (ClusterObservation) -> Void
  ) async {
    var pace = ChangePace()
    var published = ContinuousClock.now
    for await _ in changes {
      guard store.withLock({ $0.isComplete }) || health.withLock({ $0.trouble != nil }) || isSilent else { continue }
      let observation = observation(state)
      let pause = pace.pause(after: published.duration(to: .now), runners: observation.snapshot?.runners.count ?? 0)
      publish(observation)
      try? await Task.sleep(for: pause)
      published = .now
    }
  }

  /// The wait if the cluster refuses even to tell its version.
  private static let refused: Duration = .seconds(120)

  /// A cluster that is unreachable looks like one in which nothing happens. So after some silence, or on request, it is
  /// sent a probe. Whether a single watch misses changes is checked by `WatchStream`.
  private func listen(
    _ api: any KubernetesAPI, _ access: FileStamp?, _ pokes: AsyncStream<Void>,
    _ changed: AsyncStream<Void>.Continuation, _ places: ObservedPlaces
  ) async throws {
    try await withThrowingTaskGroup(of: Void.self) { group in
      defer { group.cancelAll() }
      group.addTask {
        for await _ in pokes {
          try await self.probe(api, changed)
          if places.limits != nil { try await self.survey(instead: places) }
        }
      }
      group.addTask {
        while true {
          // Events are checked as they are received; this covers a quiet cluster.
          guard api.access == access else { throw AccessChanged() }
          if self.quiet >= self.patience.quiet { try await self.probe(api, changed) }
          // Data that becomes outdated without an event must be reported too.
          if self.health.withLock({ $0.staleSince(self.patience) != nil }) { changed.yield() }
          // Wait at least a second: watches keep resetting the silence.
          try await Task.sleep(for: max(min(.seconds(1), self.patience.quiet), self.patience.quiet - self.quiet))
        }
      }
      try await group.next()
    }
  }

  /// The time since the last response or event.
  private var quiet: Duration { heard.withLock { $0 }?.duration(to: .now) ?? patience.quiet }

  /// Whether the cluster did not answer in time, and no watch has received anything since the request.
  private var isSilent: Bool {
    guard let unanswered = unanswered.withLock({ $0 }) else { return false }
    return heard.withLock { $0.map { $0 <= unanswered } ?? true }
  }

  /// - Throws: `EngineError` if the cluster does not respond.
  private func probe(_ api: any KubernetesAPI, _ changed: AsyncStream<Void>.Continuation) async throws {
    let asked = ContinuousClock.now
    do {
      _ = try await api.get("/readyz", timeout: patience.answer)
    } catch let error as EngineError where error.kind == .timedOut {
      // Report outdated data long before giving up on the cluster: it may only be slow.
      unanswered.withLock { $0 = $0 ?? asked }
      changed.yield()
      _ = try await api.get("/readyz", timeout: .seconds(6))
    }
    let wasSilent = isSilent
    answered()
    if wasSilent { changed.yield() }
  }

  private func answered() {
    heard.withLock { $0 = .now }
    unanswered.withLock { $0 = nil }
  }
}
