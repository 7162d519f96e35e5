import Basics
import Synchronization
import Tools

/// The number of open streams.
private final class StreamCount: Sendable {
  /// A task group reports a failure only when waiting for its next task, but here new tasks are added without waiting.
  let failure = Lock<(any Error)?>(nil)

  func fail(_ error: any Error) { failure.withLock { $0 = $0 ?? error } }

  package let open = Lock(0)
}

/// Reads the logs of one or many containers. The number of streams is limited, whatever the number of runners.
package struct LogFollower: Sendable {
  /// The containers whose logs to read.
  package enum Source: Sendable, Equatable {
    /// The runners of these scale sets, by `ScaleSetID`.
    case runners(scaleSets: Set<String>)
    /// The listeners of these scale sets.
    case listeners(scaleSets: Set<String>)
    case controller
    /// A runner, or a job pod.
    case pod(String)
  }

  package let api: any KubernetesAPI
  /// The interval for finding new pods.
  package let interval: Duration
  private let places: NamespaceChoice

  /// Creates a follower for an API.
  ///
  /// - Parameter places: where to search for pods if not all namespaces can be read.
  package init(
    api: any KubernetesAPI, places: NamespaceChoice = NamespaceChoice(), interval: Duration = .seconds(2)
  ) {
    self.api = api
    self.places = places
    self.interval = interval
  }

  /// The pods of a source, with the container to read.
  package func pods(of source: Source) async throws -> [Pod] {
    let (selects, selector): (String, String) =
      switch source {
      case .runners: ("labelSelector", "actions-ephemeral-runner=True")
      case .listeners: ("labelSelector", "app.kubernetes.io/component=runner-scale-set-listener")
      case .controller: ("labelSelector", "app.kubernetes.io/part-of=gha-rs-controller")
      case .pod(let name): ("fieldSelector", "metadata.name=\(name)")
      }
    let query = "?\(selects)=\(PercentEncoding.escaped(selector))"
    // Runners are in their scale sets' namespaces. Listeners and the controller are in the controller's namespace,
    // which may not be deskrun's.
    let namespaces: [String?] =
      if case .runners(let sets) = source { Set(sets.map(ScaleSetID.namespace)).sorted() } else { [nil] }
    let search = NamespaceSearch(api, places)
    var pods: [Pod] = []
    for namespace in namespaces {
      let found = try await search.find(Pod.self, resource: "pods", only: namespace) {
        "/api/v1/\($0.map { "namespaces/\(PercentEncoding.escaped($0))/" } ?? "")pods\(query)"
      }
      if found.places.isEmpty, let refusal = found.refusals.first { throw refusal.error }
      pods += found.items
    }
    pods.sort { ($0.metadata.created ?? 0, $0.metadata.name) < ($1.metadata.created ?? 0, $1.metadata.name) }
    switch source {
    case .runners(let sets): return pods.filter { $0.role == .runner && sets.contains($0.metadata.scaleSet ?? "") }
    case .listeners(let sets): return pods.filter { $0.role == .listener && sets.contains($0.metadata.scaleSet ?? "") }
    case .controller: return pods.filter { $0.role == .controller }
    case .pod: return pods.filter { if case .job = $0.role { true } else { $0.role == .runner } }
    }
  }

  private static func container(of source: Source, _ pod: Pod) -> String {
    switch source {
    case .pod: if case .job = pod.role { "job" } else { "runner" }
    case .runners: "runner"
    case .listeners: "listener"
    case .controller: "manager"
    }
  }

  /// Reads the existing logs and returns.
  ///
  /// - Parameters:
  ///   - tail: the number of last lines of each container; nil for all.
  ///   - ended: called with the pod's name when its log has been read.
  /// - Returns: the number of pods whose logs were read.
  /// - Throws: `EngineError`; pods that were deleted in the meantime or have not started are skipped.
  package func read(
    _ source: Source, tail: Int?, _ body: @Sendable ([LogLine]) async throws -> Void,
    ended: @Sendable (String) -> Void = { _ in }
  ) async throws -> Int {
    try await readPieces(
      source, tail: tail, { pod, pieces in try await body(pieces.map { LogLine(pod: pod, $0) }) }, ended: ended)
  }

  /// As above, with the API's bytes: each piece is a line with its time, or, without a time, the continuation of a line
  /// longer than `StreamLines.pieceLimit`.
  ///
  /// - Parameter body: called with the pod's name and some pieces.
  package func readPieces(
    _ source: Source, tail: Int?, _ body: @Sendable (String, [ArraySlice<UInt8>]) async throws -> Void,
    ended: @Sendable (String) -> Void = { _ in }
  ) async throws -> Int {
    var count = 0
    for pod in try await pods(of: source) {
      defer { ended(pod.metadata.name) }
      let wasRead = try await read(pod, source, tail: tail) { pieces in
        try await body(pod.metadata.name, pieces)
      }
      if wasRead { count += 1 }
    }
    return count
  }

  /// Reads the existing logs and follows new lines, including pods that start later, until the task is canceled.
  ///
  /// - Parameter ended: called with the pod's name after the last line of its log.
  package func follow(
    _ source: Source, tail: Int?, _ body: @escaping @Sendable ([LogLine]) async throws -> Void,
    ended: @escaping @Sendable (String) -> Void = { _ in }
  ) async throws {
    try await followPieces(
      source, tail: tail, { pod, pieces in try await body(pieces.map { LogLine(pod: pod, $0) }) }, ended: ended)
  }

  /// As above, with the API's bytes as in `readPieces`.
  package func followPieces(
    _ source: Source, tail: Int?, _ body: @escaping @Sendable (String, [ArraySlice<UInt8>]) async throws -> Void,
    ended: @escaping @Sendable (String) -> Void = { _ in }
  ) async throws {
    var started: Set<String> = []
    var isFirstLook = true
    let streams = StreamCount()
    try await withThrowingTaskGroup(of: Void.self) { group in
      while true {
        if let failure = streams.failure.withLock({ $0 }) { throw failure }
        // While the API does not respond, no pod is assumed to be deleted.
        guard let pods = await tolerantPods(of: source) else {
          try await Task.sleep(for: interval)
          continue
        }
        let limit = api.logLimit
        // Pods that start later are read from their first line.
        let tail = isFirstLook ? tail : nil
        isFirstLook = false
        for pod in pods where !started.contains(pod.metadata.uid) {
          guard pod.phase == "Running" || pod.phase == "Succeeded" || pod.phase == "Failed",
            streams.open.withLock({ $0 }) < limit
          else { continue }
          started.insert(pod.metadata.uid)
          streams.open.withLock { $0 += 1 }
          group.addTask {
            defer {
              streams.open.withLock { $0 -= 1 }
              ended(pod.metadata.name)
            }
            do { try await followPod(pod, source, tail: tail, body) } catch {
              streams.fail(error)
              throw error
            }
          }
        }
        let alive = Set(pods.map(\.metadata.uid))
        started.formIntersection(alive)
        // Pod names are never reused.
        if case .pod = source, pods.isEmpty, streams.open.withLock({ $0 }) == 0 { return }
        try await Task.sleep(for: interval)
      }
    }
  }

  /// The pods, or nil if they cannot be read now.
  private func tolerantPods(of source: Source) async -> [Pod]? { try? await pods(of: source) }

  /// Follows a pod to its end.
  private func followPod(
    _ pod: Pod, _ source: Source, tail: Int?,
    _ body: @escaping @Sendable (String, [ArraySlice<UInt8>]) async throws -> Void
  ) async throws {
    let log = ContainerLog(api: api, Self.request(pod, source, tail: tail), backoff: Backoff(first: interval))
    try await log.follow { lines in
      try await body(pod.metadata.name, lines)
    } goesOn: { error, _ in
      // Retry errors that may be temporary.
      if let error, [.toolMissing, .unauthorized].contains(error.kind) { throw error }
      guard let pods = await tolerantPods(of: source) else { return true }
      return pods.contains { $0.metadata.uid == pod.metadata.uid && $0.phase == "Running" }
    }
  }

  private static func request(_ pod: Pod, _ source: Source, tail: Int?) -> LogRequest {
    LogRequest(
      pod: pod.metadata.name, namespace: pod.metadata.namespace, container: container(of: source, pod), tail: tail)
  }

  /// - Returns: whether the log could be read.
  private func read(
    _ pod: Pod, _ source: Source, tail: Int?, _ body: @Sendable ([ArraySlice<UInt8>]) async throws -> Void
  ) async throws -> Bool {
    do {
      try await api.stream(Self.request(pod, source, tail: tail).path, onLines: body)
      return true
    } catch let error as EngineError where error.kind != .interrupted {
      if Self.isUnavailable(error) { return false }
      throw error
    }
  }

  /// Whether a pod has no log now, which is not a reason to stop.
  private static func isUnavailable(_ error: EngineError) -> Bool {
    error.kind == .notFound || error.kind == .unreachable || error.kind == .timedOut
      || (error.why ?? "").contains("waiting to start") || (error.why ?? "").contains("is not available")
      || (error.why ?? "").contains("BadRequest")
  }
}
