import ARCTestSupport
import Synchronization
import TestSupport
import Testing

@testable import ARC
@testable import Basics
@testable import Kubernetes
@testable import Tools

/// What is read of a cluster if the credentials permit only a part.
@Suite struct ReadingRightsTests {
  private func read(_ cluster: NamespacedCluster, only: String? = nil) async throws -> Snapshot {
    let places = NamespaceChoice(only: only) { ["team-a"] }
    return try await SnapshotReader(api: cluster, places: places).read(now: 0)
  }

  @Test func `two scale sets of one name are told apart`() async throws {
    let snapshot = try await read(NamespacedCluster(.init(everywhere: true)))
    #expect(snapshot.scaleSets.map(\.id) == ["team-a/ci", "team-b/ci"])
    #expect(snapshot.counts == ["team-a/ci": .init(busy: 1), "team-b/ci": .init(busy: 1)])
    #expect(snapshot.listenerNames == ["team-a/ci": "ci-aaaa-listener", "team-b/ci": "ci-bbbb-listener"])
    #expect(snapshot.runners.map(\.scaleSet) == ["team-a/ci", "team-b/ci"])
    #expect(snapshot.runners.allSatisfy { $0.jobPods.count == 1 && $0.hasPod })
    #expect(snapshot.limits == nil && snapshot.controller?.isReady == true)
  }

  @Test func `events of one namespace are those of its scale sets, also of listeners beside the controller`()
    async throws
  {
    let scope = EventScope(try await read(NamespacedCluster(.init(everywhere: true)), only: "team-a"))
    func includes(_ object: String, in namespace: String) -> Bool {
      scope.includes(
        KubeEvent([
          "metadata": ["namespace": .string(namespace)],
          "involvedObject": ["kind": "Pod", "name": .string(object), "namespace": .string(namespace)],
        ]))
    }
    #expect(includes("ci-team-a-runner-x", in: "team-a") && includes("ci-aaaa-listener", in: "arc-systems"))
    #expect(!includes("ci-team-b-runner-x", in: "team-b") && !includes("ci-bbbb-listener", in: "arc-systems"))
    #expect(!includes("web-ci-runner-y", in: "arc-systems"))
    let all = EventScope(try await read(NamespacedCluster(.init(everywhere: true))))
    #expect(all.includes(KubeEvent(["metadata": ["namespace": "arc-systems"]])))
  }

  /// A cluster may have thousands of pods that do not belong to ARC.
  @Test func `pods are chosen by ARC's labels`() async throws {
    let cluster = NamespacedCluster(.init(everywhere: true))
    #expect(try await read(cluster).pods.allSatisfy { $0.role != .other })
    let lists = cluster.asked.filter { $0.contains("/pods") }
    #expect(!lists.isEmpty && lists.allSatisfy { $0.contains("labelSelector=") })
  }

  @Test func `with rights in one namespace that one is shown, and what is not is said once`() async throws {
    let snapshot = try await read(NamespacedCluster(.init(namespaces: ["team-a"])))
    #expect(snapshot.scaleSets.map(\.id) == ["team-a/ci"])
    #expect(snapshot.counts == ["team-a/ci": .init(busy: 1)])
    #expect(snapshot.listener(of: "team-a/ci") == .unknown)
    #expect(snapshot.hidesController)
    let limits = try #require(snapshot.limits)
    #expect(limits.namespaces == ["team-a"])
    #expect(
      limits.sentence.hasPrefix(
        "scale sets outside of the namespace team-a; the controller; listeners: not allowed to read: "))
    #expect(limits.sentence.contains("User \"ci\" cannot list"))
  }

  @Test func `listeners are seen where the controller's namespace may be read too`() async throws {
    let snapshot = try await read(NamespacedCluster(.init(namespaces: ["team-a", "arc-systems"])))
    #expect(snapshot.listener(of: "team-a/ci") == .running)
    #expect(snapshot.controller?.isReady == true && !snapshot.hidesController)
    #expect(snapshot.limits?.sentence.contains("listeners") == false)
  }

  @Test func `scale sets without the pods of their runners`() async throws {
    let snapshot = try await read(NamespacedCluster(.init(everywhere: true, denied: ["pods"])))
    #expect(snapshot.scaleSets.count == 2 && snapshot.pods.isEmpty)
    let limits = try #require(snapshot.limits)
    #expect(limits.namespaces == nil)
    #expect(limits.sentence.hasPrefix("pods of runners; pods of jobs; listeners: not allowed"))
  }

  @Test func `rights to nothing are an error`() async throws {
    let error = await #expect(throws: EngineError.self) {
      try await read(NamespacedCluster(.init()))
    }
    #expect(error?.isForbidden == true)
  }

  @Test func `one namespace alone is asked for where that is wanted`() async throws {
    let cluster = NamespacedCluster(.init(everywhere: true))
    let snapshot = try await read(cluster, only: "team-b")
    #expect(snapshot.scaleSets.map(\.id) == ["team-b/ci"])
    #expect(snapshot.listener(of: "team-b/ci") == .running)
    #expect(snapshot.listenerNames.count == 1 && snapshot.narrowedTo == "team-b")
    let kinds = cluster.asked.filter { $0.contains("actions.github.com/v1alpha1") }
    #expect(!kinds.isEmpty && kinds.allSatisfy { $0.contains("/namespaces/team-b/") })
  }

  // MARK: Watching

  /// The observations of a monitor, until a test has seen enough.
  private final class Told: Sendable {
    let stream: AsyncStream<ClusterObservation>
    let continuation: AsyncStream<ClusterObservation>.Continuation

    init() { (stream, continuation) = AsyncStream.makeStream(of: ClusterObservation.self) }
  }

  private func monitor(_ cluster: NamespacedCluster) -> ClusterMonitor {
    var toolbox = Toolbox(
      runner: NoPrograms(), environment: [:], target: .existing(context: "prod"))
    toolbox.pipe = cluster
    toolbox.knownNamespaces = { _ in ["team-a"] }
    return ClusterMonitor(toolbox: toolbox)
  }

  private struct NoPrograms: ToolRunner {
    func run(_ call: ToolCall, onLine: (@Sendable (ToolLine) -> Void)?) async throws -> ToolResult {
      throw EngineError(.toolMissing, "There are none")
    }
    func stream(_ call: ToolCall, onChunk: @Sendable ([UInt8]) async throws -> Void) async throws -> ToolResult {
      throw EngineError(.toolMissing, "There are none")
    }
  }

  /// Waits for the first observation that satisfies the condition.
  private func first(
    _ told: Told, where holds: (ClusterObservation) -> Bool
  ) async throws -> ClusterObservation {
    for await observation in told.stream where holds(observation) { return observation }
    throw EngineError(.failed, "The monitor ended")
  }

  @Test(.timeLimit(.minutes(20))) func `a watch goes on in the namespace that may be read`() async throws {
    let cluster = NamespacedCluster(.init(namespaces: ["team-a"]))
    let (monitor, told) = (monitor(cluster), Told())
    let watching = Task { await monitor.run { told.continuation.yield($0) } }
    defer { watching.cancel() }
    let seen = try await first(told) { $0.snapshot != nil }
    #expect(seen.cluster.isReady && seen.snapshot?.scaleSets.map(\.id) == ["team-a/ci"])
    #expect(seen.snapshot?.limits?.namespaces == ["team-a"])
    // Needs one watch, its list and one survey; after that there are no more requests.
    let path = "/apis/actions.github.com/v1alpha1/autoscalingrunnersets?"
    #expect(cluster.asked.count { $0.hasPrefix(path) } <= 3)
    // `retryNow` surveys again, and uses additional permissions.
    cluster.allow(.init(everywhere: true))
    monitor.retryNow()
    let all = try await first(told) { $0.snapshot?.scaleSets.count == 2 }
    #expect(all.snapshot?.limits == nil)
    #expect(all.snapshot?.listener(of: "team-b/ci") == .running)
  }

  @Test(.timeLimit(.minutes(20))) func `with rights to nothing nothing is asked until somebody asks`() async throws {
    let cluster = NamespacedCluster(.init())
    let (monitor, told) = (monitor(cluster), Told())
    let watching = Task { await monitor.run { told.continuation.yield($0) } }
    defer { watching.cancel() }
    let seen = try await first(told) { $0.nextTry != nil }
    // Not half a minute, as after a failure.
    #expect((seen.nextTry ?? 0) - SystemTime.secondsSince1970() > 500)
    let asked = cluster.asked.count
    cluster.allow(.init(namespaces: ["team-a"]))
    #expect(cluster.asked.count == asked)
    monitor.retryNow()
    let after = try await first(told) { $0.snapshot != nil }
    #expect(after.snapshot?.scaleSets.map(\.id) == ["team-a/ci"])
  }

  @Test(.timeLimit(.minutes(20))) func `what may be listed and not watched is listed`() async throws {
    let cluster = NamespacedCluster(.init(everywhere: true, unwatched: ["ephemeralrunners"]))
    let (monitor, told) = (monitor(cluster), Told())
    let watching = Task { await monitor.run { told.continuation.yield($0) } }
    defer { watching.cancel() }
    let seen = try await first(told) { $0.snapshot != nil && $0.trouble != nil }
    #expect(seen.snapshot?.runners.count == 2)
    guard case .refused? = seen.trouble?.cause else {
      Issue.record("\(String(describing: seen.trouble))")
      return
    }
  }
}
