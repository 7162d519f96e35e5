import Basics
import Synchronization
import Tools

/// How many streams are open.
private final class StreamCount: Sendable {
  /// A group tells of a failure only to who waits for the next of its tasks, and here new ones are looked for.
  let failure = Lock<(any Error)?>(nil)

  func fail(_ error: any Error) { failure.withLock { $0 = $0 ?? error } }

  package let open = Lock(0)
}

/// Reads logs of one container or of many at once. The number of streams is bounded whatever the number of runners.
package struct LogFollower: Sendable {
  /// Whose logs are wanted.
  package enum Source: Sendable, Equatable {
    /// The runners of these scale sets, by their `ScaleSetID`.
    case runners(scaleSets: Set<String>)
    /// The listeners of these scale sets.
    case listeners(scaleSets: Set<String>)
    /// The controller.
    case controller
    /// One runner, or the pod of its job.
    case pod(String)
  }

  package let api: any KubernetesAPI
  /// Time between two looks for new pods.
  package let interval: Duration
  private let places: NamespaceChoice

  /// Reads through this API.
  ///
  /// - Parameter places: where pods are looked for when not all namespaces may be read.
  package init(
    api: any KubernetesAPI, places: NamespaceChoice = NamespaceChoice(), interval: Duration = .seconds(2)
  ) {
    self.api = api
    self.places = places
    self.interval = interval
  }

  /// The pods a source means, with the container to read.
  package func pods(of source: Source) async throws -> [Pod] {
    let (selects, selector): (String, String) =
      switch source {
      case .runners: ("labelSelector", "actions-ephemeral-runner=True")
      case .listeners: ("labelSelector", "app.kubernetes.io/component=runner-scale-set-listener")
      case .controller: ("labelSelector", "app.kubernetes.io/part-of=gha-rs-controller")
      case .pod(let name): ("fieldSelector", "metadata.name=\(name)")
      }
    let query = "?\(selects)=\(PercentEncoding.escaped(selector))"
    // Runners are where their scale sets are. Listeners and the controller live in the controller's namespace, which need
    // not be ours.
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

  /// Reads what there is and ends.
  ///
  /// - Parameters:
  ///   - tail: so many of the last lines of each container; nil for all.
  ///   - ended: hears the pod's name when its log has been read.
  /// - Returns: the number of pods that were read.
  /// - Throws: `EngineError`; a pod that has gone meanwhile, or has not started, is left out.
  package func read(
    _ source: Source, tail: Int?, _ body: @Sendable ([LogLine]) async throws -> Void,
    ended: @Sendable (String) -> Void = { _ in }
  ) async throws -> Int {
    try await readPieces(
      source, tail: tail, { pod, pieces in try await body(pieces.map { LogLine(pod: pod, $0) }) }, ended: ended)
  }

  /// The same with the bytes as the API sends them: each piece is a line with its time, or, without one, what follows of
  /// a line that is longer than `StreamLines.pieceLimit`.
  ///
  /// - Parameter body: hears the pod's name and some pieces.
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

  /// Reads and goes on with what comes, of pods that start later too, until the task is cancelled.
  ///
  /// - Parameter ended: hears the pod's name when its log has ended; nothing of it follows.
  package func follow(
    _ source: Source, tail: Int?, _ body: @escaping @Sendable ([LogLine]) async throws -> Void,
    ended: @escaping @Sendable (String) -> Void = { _ in }
  ) async throws {
    try await followPieces(
      source, tail: tail, { pod, pieces in try await body(pieces.map { LogLine(pod: pod, $0) }) }, ended: ended)
  }

  /// The same with the bytes as the API sends them, as `readPieces` does.
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
        // While the API does not answer, nothing is known to have gone.
        guard let pods = await tolerantPods(of: source) else {
          try await Task.sleep(for: interval)
          continue
        }
        let limit = api.logLimit
        // A pod that comes later is read from its beginning.
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
        // A pod of that name never exists again.
        if case .pod = source, pods.isEmpty, streams.open.withLock({ $0 }) == 0 { return }
        try await Task.sleep(for: interval)
      }
    }
  }

  /// The pods, or nil when that cannot be told now.
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
      // What another try can change is tried again.
      if let error, [.toolMissing, .unauthorized].contains(error.kind) { throw error }
      guard let pods = await tolerantPods(of: source) else { return true }
      return pods.contains { $0.metadata.uid == pod.metadata.uid && $0.phase == "Running" }
    }
  }

  private static func request(_ pod: Pod, _ source: Source, tail: Int?) -> LogRequest {
    LogRequest(
      pod: pod.metadata.name, namespace: pod.metadata.namespace, container: container(of: source, pod), tail: tail)
  }

  /// - Returns: whether there was a log.
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

  /// Whether a pod has no log now, which is nothing to stop for.
  private static func isUnavailable(_ error: EngineError) -> Bool {
    error.kind == .notFound || error.kind == .unreachable || error.kind == .timedOut
      || (error.why ?? "").contains("waiting to start") || (error.why ?? "").contains("is not available")
      || (error.why ?? "").contains("BadRequest")
  }
}
