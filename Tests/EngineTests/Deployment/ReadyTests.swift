import TestSupport
import Testing

@testable import ARC
@testable import Basics
@testable import Deployment
@testable import Installations
@testable import Knowledge
@testable import Kubernetes
@testable import Tools

/// What a deployment waits for, and what ends the wait.
@Suite struct ReadyTests {
  let base: PlanTests
  var cluster: FakeCluster { base.cluster }

  init() throws { base = try PlanTests() }

  @Test func `a listener that keeps exiting fails the step with its own last words`() async throws {
    cluster.with {
      $0.listenersEnd =
        "2026/11/25 14:09:02 Application returned an error: failed to create message session: "
        + #"failed(status="409 Conflict", activity_id="x"): RunnerScaleSetSessionConflictException"#
    }
    let error = try #require(await base.failure { try await base.add(PlanTests.installation()) })
    #expect(
      error.what
        == "The listener of web-ci keeps exiting: another listener has a session for this name with GitHub (409)")
    #expect(error.why?.contains("failed to create message session") == true)
    #expect(error.fix?.contains("`deskrun logs web-ci --listener`") == true)
    // The same command succeeds once the cause is fixed.
    cluster.with { $0.listenersEnd = nil }
    try await base.add(PlanTests.installation())
  }

  @Test func `a running listener without a session is not enough`() async throws {
    cluster.with { $0.listenersAreMute = true }
    let deployer = try base.deskrun()
    let plan = try await deployer.planAdd(PlanTests.installation())
    let events = LockedEvents()
    let task = Task { try await deployer.run(plan) { events.append($0) } }
    try await base.wait {
      events.all.contains { $0.saysProgress("waiting for the listener of web-ci to get its session") }
    }
    cluster.with { $0.listenersAreMute = false }
    try await task.value
  }

  @Test func `with runners that are to wait one must be ready`() async throws {
    cluster.with { $0.runnersNeverReady = true }
    let deployer = try base.deskrun()
    let plan = try await deployer.planAdd(PlanTests.installation())
    let events = LockedEvents()
    let task = Task { try await deployer.run(plan) { events.append($0) } }
    try await base.wait { events.all.contains { $0.saysProgress("waiting for a runner of web-ci to be ready") } }
    cluster.with { state in
      state.objects["pods/web-ci-runner"] = [
        "metadata": ["name": "web-ci-runner", "namespace": "arc-systems"],
        "status": [
          "containerStatuses": [
            ["name": "runner", "state": ["waiting": ["reason": "ErrImagePull", "message": "acme/runner:gone"]]]
          ]
        ],
      ]
    }
    let error = try #require(await base.failure { try await task.value })
    #expect(error.what == "No runner of web-ci becomes ready")
    #expect(error.why == "web-ci-runner: ErrImagePull: acme/runner:gone")
  }

  @Test func `one that is not ready does not hide the others`() async throws {
    try await base.add(PlanTests.installation("a-first"))
    try await base.add(PlanTests.installation("b-second"))
    let key = "autoscalingrunnersets/a-first"
    cluster.with {
      $0.objects[key] = $0.objects[key]?.replacing("githubConfigUrl", with: "https://github.com/acme/other")
    }
    let deployer = try base.deskrun()
    var plan = try await deployer.planUp()
    // It was changed elsewhere after the plan was made.
    plan.steps.removeAll { $0.id.hasPrefix("uninstall/") || $0.id.hasPrefix("gone/") || $0.id == "scale-set/a-first" }
    let events = LockedEvents()
    let error = try #require(await base.failure { try await deployer.run(plan) { events.append($0) } })
    #expect(error.what == "The scale set a-first serves https://github.com/acme/other, not https://github.com/acme/web")
    #expect(events.all.contains { if case .finished("listener/b-second", .changed, _) = $0 { true } else { false } })
  }

  @Test func `another URL recreates the scale set and says so before`() async throws {
    try await base.add(PlanTests.installation())
    let deployer = try base.deskrun()
    let moved = try PlanTests.installation(url: "https://github.com/acme/moved")
    let plan = try await deployer.planEdit(moved)
    #expect(plan.recreations.map(\.names) == ["URL"])
    #expect(plan.warnings.contains { $0.contains("https://github.com/acme/web -> https://github.com/acme/moved") })
    #expect(plan.steps.contains { $0.id == "uninstall/web-ci" && $0.forecast == "its URL changes" })
    try await base.run(plan, deployer)
    let set = cluster.with { $0.objects["autoscalingrunnersets/web-ci"] }
    #expect(set?["spec"]?["githubConfigUrl"] == "https://github.com/acme/moved")
    // The id of the former URL would have made the listener exit forever.
    #expect(cluster.with { $0.listenersEnd } == nil)
    #expect(try await deployer.planEdit(moved).recreations.isEmpty)
  }

  @Test func `an edit that was interrupted after the file was written is finished by up`() async throws {
    try await base.add(PlanTests.installation())
    let moved = try PlanTests.installation(labels: ["gpu"], url: "https://github.com/acme/moved")
    try base.store.update { $0.set(moved) }
    let deployer = try base.deskrun()
    let plan = try await deployer.planUp()
    #expect(plan.recreations.map(\.names) == ["URL and labels"])
    try await base.run(plan, deployer)
    let set = cluster.with { $0.objects["autoscalingrunnersets/web-ci"] }
    #expect(set?["spec"]?["githubConfigUrl"] == "https://github.com/acme/moved")
  }

  @Test func `what GitHub reads again recreates nothing`() async throws {
    try await base.add(PlanTests.installation())
    let deployer = try base.deskrun()
    let plan = try await deployer.planEdit(PlanTests.installation(mode: .dind))
    #expect(plan.recreations.isEmpty)
    #expect(!plan.steps.contains { $0.id.hasPrefix("uninstall/") })
  }
}

extension PlanTests {
  /// The error of the body; nil if it succeeds.
  func failure(_ body: () async throws -> Void) async -> EngineError? {
    do {
      try await body()
      return nil
    } catch {
      return error as? EngineError
    }
  }

  /// Waits until the condition is true; the suite's time limit ends a wait that never does.
  func wait(_ condition: () -> Bool) async throws {
    while !condition() { try await Task.sleep(for: .milliseconds(1)) }
  }
}

extension JSONValue {
  /// The scale set with a changed text in its spec.
  fileprivate func replacing(_ key: String, with text: String) -> JSONValue {
    guard var object = objectValue, var spec = object["spec"]?.objectValue else { return self }
    spec[key] = .string(text)
    object["spec"] = .object(spec)
    return .object(object)
  }
}
