import TestSupport
import Testing

@testable import ARC
@testable import Basics
@testable import Deployment
@testable import Installations
@testable import Knowledge
@testable import Kubernetes
@testable import Tools

/// What ends the wait for a listener, and which requests are made meanwhile.
@Suite struct ListenerWaitTests {
  let base: PlanTests
  var cluster: FakeCluster { base.cluster }

  init() throws { base = try PlanTests() }

  /// An executor without patience that checks once an hour.
  private func executor() throws -> PlanExecutor {
    PlanExecutor(
      toolbox: try base.deskrun().toolbox, store: try base.store,
      locks: OperationLock(directory: try base.store.paths.locks),
      pace: .init(interval: .seconds(3600), registrationPatience: .zero),
      credentials: { _ in throw EngineError(.failed, "not asked for") })
  }

  private func watch(ends: Int) throws -> ReadinessWatch {
    var watch = ReadinessWatch(release: "web-ci", target: try GitHubTarget("https://github.com/acme/web"))
    for end in 0..<ends {
      var pod = ListenerPodFacts(["metadata": ["name": "listener", "uid": .string("\(end)")]])
      pod.exitCode = 1
      watch.note(
        ListenerSession(
          log: #"Application returned an error: failed(status="409 Conflict"): RunnerScaleSetSessionConflictException"#),
        of: pod)
    }
    return watch
  }

  @Test func `a listener that has its session again has recovered, however often it ended`() async throws {
    let (executor, kubectl) = (try executor(), try base.deskrun().toolbox.kubectl())
    var watch = try watch(ends: 4)
    try await executor.refuseWhatStaysWrong(.cycle, Readiness(scaleSet: nil), &watch, kubectl)
    let error = await #expect(throws: EngineError.self) {
      try await executor.refuseWhatStaysWrong(.session, Readiness(scaleSet: nil), &watch, kubectl)
    }
    #expect(error?.what.contains("keeps exiting") == true)
  }

  @Test func `one end is not called a habit`() throws {
    #expect(try watch(ends: 0).words(.session) == "waiting for the listener of web-ci to get its session")
    #expect(try watch(ends: 1).words(.session).contains("; one exited: another listener has a session"))
    #expect(try watch(ends: 2).words(.listener).contains("; it exited twice: "))
    #expect(try watch(ends: 3).words(.listener).contains("; it keeps exiting: "))
    #expect(try watch(ends: 3).words(.cycle) == "waiting for the listener of web-ci to keep its session")
  }

  @Test func `the controller's log is not read with every look`() async throws {
    try await base.add(PlanTests.installation())
    cluster.with { $0.refusesToken = true }
    let (executor, kubectl) = (try executor(), try base.deskrun().toolbox.kubectl())
    var watch = try watch(ends: 0)
    let before = cluster.with { $0.log.count }
    let first = try await executor.registrationProblems(&watch, kubectl)
    let second = try await executor.registrationProblems(&watch, kubectl)
    #expect(first.ever?.kind == .unauthorized)
    #expect(second.ever == first.ever)
    #expect(cluster.with { $0.log.dropFirst(before).filter { $0.contains(" logs ") } }.count == 1)
  }

  /// The first one was changed after the plan was made, and the second one never gets its session.
  @Test func `when one is not ready, the wait for another is short`() async throws {
    var base = try PlanTests()
    base.furtherLook = .milliseconds(50)
    try await base.add(PlanTests.installation("a-first"))
    try await base.add(PlanTests.installation("b-second"))
    base.cluster.with { state in
      state.listenersAreMute = true
      let key = "autoscalingrunnersets/a-first"
      state.objects[key] = state.objects[key].flatMap {
        try? JSONValue(parsing: $0.encoded().replacing("github.com/acme/web", with: "github.com/acme/other"))
      }
    }
    let deployer = try base.deskrun()
    var plan = try await deployer.planUp()
    plan.steps.removeAll { !$0.id.hasPrefix("listener/") }
    let events = LockedEvents()
    let error = try #require(await base.failure { try await deployer.run(plan) { events.append($0) } })
    #expect(error.what.contains("a-first serves https://github.com/acme/other"))
    #expect(
      events.all.contains {
        if case .failed("listener/b-second", let error, _) = $0 { error.kind == .timedOut } else { false }
      })
  }
}
