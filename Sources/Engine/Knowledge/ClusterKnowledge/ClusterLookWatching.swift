import ARC
import Basics
import Kubernetes
import Tools

/// Watching for some seconds if a single look does not show why listeners or runners fail.
extension ClusterLook {
  /// The time between checks of listeners: one that fails exists only for two of every three seconds.
  private static let listenerInterval: Duration = .milliseconds(200)

  /// Watches listeners until each is known to work or to fail, or the time is over.
  mutating func watchListeners(_ api: any KubernetesAPI, until end: ContinuousClock.Instant) async throws {
    let former = knowledge.unsettledListeners
    let namespace = knowledge.snapshot?.controllerNamespace ?? ClusterTarget.namespace
    async let log = Gathering.controllerLog(api, .seconds(5))
    if let log = try? await log {
      var ends: [String: [ListenerHealth.End]] = [:]
      let now = SystemTime.secondsSince1970()
      let lines = ControllerLog.lines(of: log)
      let shared = knowledge.snapshot?.sharedNames ?? []
      for set in former where !shared.contains(ScaleSetID.name(set)) {
        ends[set] = ControllerLog.listenerEnds(lines: lines, scaleSet: set).filter {
          now - $0.at < ListenerEndsFile.freshness
        }
      }
      knowledge.take(.listenerEnds(ends), at: now)
    }
    // Consecutive listeners have the same name, so the log can be requested without knowing which of them exists.
    var named = knowledge.snapshot?.listenerPods ?? [:]
    while !knowledge.unsettledListeners.isEmpty, ContinuousClock.now < end {
      onProgress?(Self.progress(knowledge))
      let unsettled = Set(knowledge.unsettledListeners)
      let wanted = named.filter { unsettled.contains($0.key) }
      async let heard = Self.hear(wanted, api)
      let pods: [Pod]
      // A slow response shows the state at the time of the request.
      let asked = SystemTime.secondsSince1970()
      do { pods = try await Self.listenerPods(api, in: namespace) } catch is EngineError { return }
      knowledge.take(.listenerPods(pods), at: asked)
      for event in await heard { knowledge.take(event, at: SystemTime.secondsSince1970()) }
      for pod in pods where pod.role == .listener {
        if let set = pod.metadata.scaleSet {
          named[set] = ListenerPod(
            name: pod.metadata.name, uid: pod.metadata.uid, namespace: pod.metadata.namespace)
        }
      }
      guard !knowledge.unsettledListeners.isEmpty else { return }
      try await Task.sleep(for: Self.listenerInterval)
      knowledge.take(.time, at: SystemTime.secondsSince1970())
    }
  }

  /// Reads the logs of these listeners concurrently. It is no error if one does not exist at the moment.
  private static func hear(_ pods: [String: ListenerPod], _ api: any KubernetesAPI) async -> [KnowledgeEvent] {
    await withTaskGroup(of: [KnowledgeEvent].self) { group in
      for (scaleSet, pod) in pods { group.addTask { await listen(to: pod, of: scaleSet, nil, api).events } }
      return await group.reduce(into: []) { $0 += $1 }.filter { event in
        if case .unheard(_, let error) = event { error.kind == .unauthorized } else { true }
      }
    }
  }

  private static func listenerPods(_ api: any KubernetesAPI, in namespace: String) async throws -> [Pod] {
    let path =
      "/api/v1/namespaces/\(namespace)/pods?labelSelector=app.kubernetes.io%2Fcomponent%3Drunner-scale-set-listener"
    return try ScannedList<Pod>(await api.get(path, timeout: .seconds(5))).items
  }

  private static func progress(_ knowledge: ClusterKnowledge) -> String {
    let parts = knowledge.unsettledListeners.map { set -> String in
      guard let health = knowledge.listeners[set], let created = health.created else {
        return "the listener of \(set), which does not exist now"
      }
      return "the listener of \(set), \(DurationText.short(seconds: max(0, knowledge.now - created))) old"
        + (health.hasSession ? "" : ", no session yet")
    }
    return "watching " + parts.joined(separator: "; ")
  }

  /// What was observed helps the next command. A failure to store it is not worth a message.
  func keepEnds() {
    let ends = knowledge.listeners.mapValues(\.ends).filter { !$0.value.isEmpty }
    try? ListenerEndsFile(path: paths.listenerEnds).add(
      ends, recovered: recovered, in: knowledge.place, now: SystemTime.secondsSince1970())
  }

  /// The scale sets whose listener has worked since the stored exits.
  var recovered: Set<String> {
    kept.filter { set in knowledge.listeners[set].map { $0.hasWorked && $0.ends.isEmpty } ?? false }
  }

  // MARK: Watching

  /// Watches until it is known why runners fail or end, or the time is over.
  mutating func watch(_ api: any KubernetesAPI, until end: ContinuousClock.Instant) async throws {
    let (events, sink) = AsyncStream.makeStream(of: KnowledgeEvent.self)
    let monitor = ClusterMonitor(toolbox: toolbox)
    let latest = Latest(knowledge.observation)
    await withTaskGroup(of: Void.self) { group in
      defer { group.cancelAll() }
      // Skip incomplete observations: the earlier look knows more.
      group.addTask {
        await monitor.run { observation in
          guard observation.snapshot != nil else { return }
          latest.value.withLock { $0 = observation }
          sink.yield(.observed(observation))
        }
      }
      // Repeat unchanged observations, because a finding may depend on how long a state lasts.
      group.addTask {
        while !Task.isCancelled {
          try? await Task.sleep(for: .milliseconds(500))
          if let observation = latest.value.withLock({ $0 }) { sink.yield(.observed(observation)) }
        }
      }
      group.addTask {
        try? await Task.sleep(until: end, clock: .continuous)
        sink.finish()
      }
      for await event in events {
        for question in knowledge.take(event, at: SystemTime.secondsSince1970()).questions {
          guard case .logs(_, let suspects) = question else { continue }
          for target in suspects where knowledge.memory.hints(of: target.runner).isEmpty {
            group.addTask { for event in await Self.hints(in: target, api) { sink.yield(event) } }
          }
        }
        if !knowledge.isUnsettled { break }
      }
    }
    try Task.checkCancellation()
  }
}

private final class Latest: Sendable {
  let value: Lock<ClusterObservation?>

  init(_ first: ClusterObservation?) { value = Lock(first) }
}
