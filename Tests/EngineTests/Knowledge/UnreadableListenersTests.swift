import Testing

@testable import ARC
@testable import Basics
@testable import Installations
@testable import Knowledge

/// Listeners in a namespace that may not be read.
@Suite struct UnreadableListenersTests {
  private static let problem = EngineError(
    .unauthorized, "The cluster does not allow this", why: "pods is forbidden: User \"ci\" cannot list resource")

  /// The knowledge ten minutes after a look that found no listeners.
  private func knowledge(_ problem: EngineError?) async throws -> ClusterKnowledge {
    var snapshot = try await SnapshotReader(api: try RecordedAPI()).read(now: SnapshotTests.now)
    snapshot.replaceListeners([], at: SnapshotTests.now)
    snapshot.listenersProblem = problem
    var configuration = Configuration()
    configuration.set(
      try Installation(
        name: InstallationName("my-runner"), target: GitHubTarget("https://github.com/owner/repo"),
        authentication: .token(.literal(Secret("t")))))
    var knowledge = ClusterKnowledge(place: ClusterPlace(context: "test"))
    knowledge.take(.configuration(.success(configuration)), at: SnapshotTests.now)
    for time in [SnapshotTests.now, SnapshotTests.now + 600] {
      snapshot.takenAt = time
      knowledge.take(
        .observed(ClusterObservation(cluster: .ready(version: "v1"), snapshot: snapshot, heardAt: time)), at: time)
    }
    return knowledge
  }

  @Test func `they are unknown, which is said and is no finding`() async throws {
    let knowledge = try await knowledge(Self.problem)
    #expect(knowledge.statuses.first { $0.name == "my-runner" }?.listener == .unknown)
    #expect(knowledge.gaps(about: "my-runner").contains(.listeners(Self.problem)))
    #expect(!knowledge.gaps().contains { if case .unsettledListener = $0 { true } else { false } })
    #expect(!knowledge.findings.contains { $0.rule == .listenerMissing })
    let sentence = KnowledgeGap.listeners(Self.problem).sentence(now: 0)
    #expect(sentence.contains("cannot be read") && sentence.contains("pods is forbidden"))
  }

  @Test func `those that can be read and are absent are missing`() async throws {
    let knowledge = try await knowledge(nil)
    #expect(knowledge.statuses.first { $0.name == "my-runner" }?.listener == .absent)
    #expect(knowledge.findings.contains { $0.rule == .listenerMissing && $0.installation == "my-runner" })
  }
}
