import ARCTestSupport
import TestSupport
import Testing

@testable import ARC
@testable import Basics
@testable import Kubernetes
@testable import Tools

/// A cluster in which nothing happens, and one that no longer responds: a watch receives the same from both.
@Suite struct SilentClusterTests {
  private let cluster = NamespacedCluster(.init(everywhere: true))

  private struct NoPrograms: ToolRunner {
    func run(_ call: ToolCall, onLine: (@Sendable (ToolLine) -> Void)?) async throws -> ToolResult {
      throw EngineError(.toolMissing, "No program found")
    }
    func stream(_ call: ToolCall, onChunk: @Sendable ([UInt8]) async throws -> Void) async throws -> ToolResult {
      throw EngineError(.toolMissing, "No program found")
    }
  }

  /// The observations of a monitor.
  private final class Told: Sendable {
    private let all = Lock<[ClusterObservation]>([])

    var everything: [ClusterObservation] { all.withLock { $0 } }
    var last: ClusterObservation? { everything.last }
    func add(_ observation: ClusterObservation) { all.withLock { $0.append(observation) } }
  }

  /// Watches the cluster, and probes it soon.
  private func watch(_ told: Told, _ change: (inout WatchPatience) -> Void = { _ in }) -> Task<Void, Never> {
    var toolbox = Toolbox(runner: NoPrograms(), environment: [:], target: .existing(context: "prod"))
    toolbox.pipe = cluster
    var patience = WatchPatience()
    patience.quiet = .milliseconds(20)
    change(&patience)
    let monitor = ClusterMonitor(toolbox: toolbox, clock: SystemTime.secondsSince1970, patience: patience)
    return Task { await monitor.run { told.add($0) } }
  }

  @Test func `what stopped answering is old before it is given up, and current when it answers`() async throws {
    let told = Told()
    let watching = watch(told) { $0.answer = .milliseconds(20) }
    defer { watching.cancel() }
    #expect(try await eventually { told.last?.snapshot != nil })
    cluster.hang(true)
    #expect(try await eventually { told.last?.isSilent == true })
    let seen = try #require(told.last)
    #expect(seen.cluster.isReady && seen.staleSince != nil && seen.snapshot?.runners.isEmpty == false)
    cluster.hang(false)
    #expect(try await eventually { told.last.map { !$0.isSilent && $0.staleSince == nil } == true })
  }

  @Test func `one in which nothing happens is asked, and never said to be silent`() async throws {
    let told = Told()
    let watching = watch(told)
    defer { watching.cancel() }
    #expect(try await eventually { told.last?.snapshot != nil && cluster.probes >= 5 })
    #expect(told.everything.allSatisfy { $0.cluster.isReady && !$0.isSilent && $0.staleSince == nil })
  }
}
