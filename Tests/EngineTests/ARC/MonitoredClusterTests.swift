import Synchronization
import TestSupport
import Testing

@testable import ARC
@testable import Basics
@testable import Kubernetes
@testable import Tools

/// A kubeconfig that changes while its cluster is watched: its context may point to another cluster from then on.
@Suite(.timeLimit(.minutes(5))) struct MonitoredClusterTests {
  /// A context that points to one cluster until the kubeconfig changes. Each cluster has one scale set with its name.
  private final class Exchanged: KubernetesPipe {
    let kubeconfig: String
    let asked = Lock<[String]>([])

    init(_ kubeconfig: String) { self.kubeconfig = kubeconfig }

    var access: FileStamp? { FileStamp(of: [kubeconfig]) }
    private var cluster: String {
      let bytes = (try? FileIO.read(kubeconfig)) ?? nil
      return String(decoding: bytes ?? [], as: UTF8.self).trimmingSpaces
    }

    func get(_ path: String, timeout: Duration) async throws -> [UInt8] {
      asked.withLock { $0.append(path) }
      let text =
        switch path {
        case "/version": #"{"gitVersion":"v1.36.1"}"#
        case ClusterIdentity.path: #"{"metadata":{"name":"kube-system","uid":"\#(cluster.split(separator: " ")[0])"}}"#
        default: "ok"
        }
      return Array(text.utf8)
    }

    func stream(_ path: String, onLines: @Sendable ([ArraySlice<UInt8>]) async throws -> Void) async throws {
      let name = cluster.split(separator: " ")[0]
      if path.contains("autoscalingrunnersets") {
        let object =
          #"{"kind":"AutoscalingRunnerSet","metadata":{"name":"\#(name)","namespace":"arc-systems","resourceVersion":"5"}}"#
        try await onLines([ArraySlice(Array(#"{"type":"ADDED","object":\#(object)}"#.utf8))])
      }
      let end =
        #"{"type":"BOOKMARK","object":{"metadata":{"resourceVersion":"7","annotations":{"k8s.io/initial-events-end":"true"}}}}"#
      try await onLines([ArraySlice(Array(end.utf8))])
      // Like a connection that stays open to its original server.
      try await Task.sleep(for: .seconds(3600))
    }

    func close() async {}
  }

  private struct NoPrograms: ToolRunner {
    func run(_ call: ToolCall, onLine: (@Sendable (ToolLine) -> Void)?) async throws -> ToolResult {
      throw EngineError(.toolMissing, "There are none")
    }
    func stream(_ call: ToolCall, onChunk: @Sendable ([UInt8]) async throws -> Void) async throws -> ToolResult {
      throw EngineError(.toolMissing, "There are none")
    }
  }

  private func write(_ text: String, to file: String) throws { try FileIO.replace(file, with: Array(text.utf8)) }

  /// Watches, changes the kubeconfig once the first cluster is shown, and returns all observations up to the one for
  /// the last content of the kubeconfig.
  private func observations(
    after first: String, then second: String, isEnough: @escaping @Sendable (ClusterObservation, Exchanged) -> Bool
  ) async throws -> [ClusterObservation] {
    let folder = try TemporaryFolder()
    let file = folder.path + "/kubeconfig"
    try write(first, to: file)
    let cluster = Exchanged(file)
    var toolbox = Toolbox(runner: NoPrograms(), environment: [:], target: .existing(context: "prod"))
    toolbox.pipe = cluster
    let monitor = ClusterMonitor(toolbox: toolbox)
    let (told, sink) = AsyncStream.makeStream(of: ClusterObservation.self)
    let watching = Task { await monitor.run { sink.yield($0) } }
    defer { watching.cancel() }
    var all: [ClusterObservation] = []
    var hasChanged = false
    for await observation in told {
      all.append(observation)
      if !hasChanged, observation.uid != nil, observation.snapshot != nil {
        hasChanged = true
        try write(second, to: file)
      } else if hasChanged, isEnough(observation, cluster) {
        break
      }
    }
    return all
  }

  @Test func `another cluster is shown alone, and at no moment mixed with the former`() async throws {
    let all = try await observations(after: "one", then: "two") { observation, _ in
      observation.snapshot?.scaleSets.map(\.metadata.name) == ["two"]
    }
    for observation in all {
      guard let snapshot = observation.snapshot, let uid = observation.uid else { continue }
      #expect(snapshot.scaleSets.map(\.metadata.name) == [uid])
    }
    #expect(all.last?.uid == "two")
  }

  @Test func `the same cluster stays shown while everything is listed again`() async throws {
    let all = try await observations(after: "one", then: "one with other credentials") { _, cluster in
      cluster.asked.withLock { $0.filter { $0 == ClusterIdentity.path }.count } > 1
    }
    let shown = all.drop { $0.snapshot == nil }
    #expect(shown.allSatisfy { $0.snapshot?.scaleSets.map(\.metadata.name) == ["one"] })
  }
}
