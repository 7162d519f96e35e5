import ARCTestSupport
import TestSupport
import Testing

@testable import ARC
@testable import Basics
@testable import Installations
@testable import Knowledge
@testable import Kubernetes
@testable import Tools

/// Thousands of runners, some of which change continuously.
@Suite struct ManyRunnersTests {
  private static let now: Int64 = 1_795_521_605

  private func knowledge(_ count: Int, follows: Bool = true) throws -> ClusterKnowledge {
    var configuration = Configuration()
    configuration.set(
      try Installation(
        name: InstallationName("web"), target: GitHubTarget("https://github.com/acme/web"),
        authentication: .token(.literal(Secret("t")))))
    var knowledge = ClusterKnowledge(place: ClusterPlace(context: "kind-deskrun"), followsChanges: follows)
    knowledge.take(.configuration(.success(configuration)), at: Self.now)
    knowledge.take(.observed(observation(count, at: Self.now)), at: Self.now)
    return knowledge
  }

  private func observation(_ count: Int, at time: Int64, pods: [Pod] = [], extra: Int = 0) -> ClusterObservation {
    ClusterObservation(
      cluster: .ready(version: "v1.36.1"),
      snapshot: Snapshot(
        takenAt: time, controller: ControllerState(version: "0.14.2", isReady: true), scaleSets: [DiagnosisTests.set()],
        runners: (0..<count + extra).map { ClusterObjects.runner("r\($0)", ClusterObjects.busy) },
        pods: pods + [DiagnosisTests.listener()]), heardAt: time)
  }

  private func controllerGone(_ count: Int, at time: Int64) -> ClusterObservation {
    var observation = observation(count, at: time, extra: 3)
    observation.snapshot?.controller = nil
    return observation
  }

  @Test(arguments: [(10, true), (1500, false)])
  func `a finding is told at once where a look at the runners costs little`(count: Int, isLater: Bool) throws {
    var known = try knowledge(count)
    known.take(.observed(controllerGone(count, at: Self.now)), at: Self.now)
    #expect(known.findings.contains { $0.rule == .controllerMissing } == isLater)
    #expect(known.judgesLater == !isLater)
    #expect(known.statuses.first?.counts.busy == count + 3)
  }

  @Test func `with many runners the next second brings the finding, by time alone`() throws {
    var known = try knowledge(1500)
    known.take(.observed(controllerGone(1500, at: Self.now)), at: Self.now)
    known.take(.time, at: Self.now)
    #expect(!known.findings.contains { $0.rule == .controllerMissing })
    known.take(.time, at: Self.now + 1)
    #expect(known.findings.contains { $0.rule == .controllerMissing })
    #expect(known.statuses.first?.problem != nil)
    #expect(!known.judgesLater)
  }

  @Test func `what one look at a cluster finds is never left for later`() throws {
    var known = try knowledge(1500, follows: false)
    known.take(.observed(controllerGone(1500, at: Self.now)), at: Self.now)
    #expect(known.findings.contains { $0.rule == .controllerMissing })
  }
}
