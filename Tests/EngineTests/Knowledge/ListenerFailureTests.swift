import TestSupport
import Testing

@testable import ARC
@testable import Basics
@testable import Installations
@testable import Knowledge
@testable import Kubernetes
@testable import Tools

/// Recorded errors of listeners of the real ARC, and their meaning.
@Suite struct ListenerFailureTests {
  private func problems(_ file: String) throws -> [ListenerProblem] {
    try fixture("real/\(file)").split(separator: 0x0A).compactMap { line in
      guard case .problem(let said, _)? = ListenerLog.fact(line) else { return nil }
      return said
    }
  }

  @Test(arguments: [
    ("listener-401.log", ListenerFailure.unauthorized), ("listener-unreachable.log", .unreachable),
    ("listener-cut.log", .unreachable), ("listener-of-deleted-set.log", .boundToDeletedSet),
  ]) func `a recorded listener's last words are understood`(file: String, failure: ListenerFailure) throws {
    let problems = try problems(file)
    #expect(!problems.isEmpty)
    #expect(Set(problems.map { "\($0.failure)" }) == ["\(failure)"])
  }

  private static let session =
    "failed to create actions message session client: failed to create message session: failed to do the session request: "
  private static let address =
    "https://pipelinesghubeus401.actions.githubusercontent.com:403/tenant/\(String(repeating: "401", count: 60))/_apis/runtime/runnerscalesets/409/sessions?api-version=6.0-preview&lastMessageId=401003"

  private static func refused(_ status: String, _ exception: String) -> String {
    "\(session)request POST \(address) failed(status=\"\(status)\", activity_id=\"401-403-409\"): unexpected status code: \(status.prefix(3)): GitHub.Actions.Runtime.WebApi.\(exception), GitHub.Actions.Runtime.WebApi: words"
  }

  @Test(arguments: [
    (refused("409 Conflict", "RunnerScaleSetSessionConflictException"), ListenerFailure.conflict),
    (refused("404 Not Found", "RunnerScaleSetNotFoundException"), .scaleSetGone),
    (refused("403 Forbidden", "AccessCheckException"), .forbidden),
    (refused("429 Too Many Requests", "X"), .rateLimited), (refused("503 Service Unavailable", "X"), .serverError),
    (
      "request POST https://api.github.com/app/installations/401/access_tokens failed(status=\"404 Not Found\", github_request_id=\"401\"): x",
      .appInstallationGone
    ),
    (
      "request POST \(address) failed: failed to send request: Post \"\(address)\": POST \(address) giving up after 5 attempt(s)",
      .gaveUp
    ),
    (
      "request POST \(address) failed: failed to send request: POST \(address) giving up after 5 attempt(s): Post \"\(address)\": dial tcp 140.82.112.6:443: connect: connection refused",
      .unreachable
    ),
    ("Get \"\(address)\": EOF", .unreachable),
    ("Get \"\(address)\": read tcp 10.0.0.1:401->1.2.3.4:409: i/o timeout", .unreachable),
    (
      "handling initial message failed: could not patch ephemeral runner set , patch JSON: {\"spec\":{\"patchID\":0,\"replicas\":401}}, error: ephemeralrunnersets.actions.github.com \"ci-401\" is forbidden: User \"x\" cannot patch",
      .patchRefused
    ),
    (
      "could not patch ephemeral runner set , patch JSON: {}, error: ephemeralrunnersets.actions.github.com \"ci-x\" not found",
      .boundToDeletedSet
    ),
    ("the runner scale set ci-401-403-409 waits at :429: and goes on", .other),
  ]) func `the status decides, and no number in an address or a name`(words: String, failure: ListenerFailure) {
    #expect(ListenerFailure(words) == failure)
    // The displayed text is short and still contains the cause.
    let shown = ListenerFailure.shown(words)
    #expect(shown.count <= 340)
    if let status = words.firstRange(of: "failed(status=\"") {
      #expect(shown.contains(words[status.lowerBound...].prefix(25)))
    }
  }

  private func findings(_ words: String, times: Int = 1, age: Int64 = 5) throws -> [Finding] {
    var known = try DiagnosisTests.circumstances([IdleRunner.object])
    var health = ListenerHealth()
    for time in 0..<times {
      health.hear(
        .problem(ListenerProblem(words, isLastWord: false), at: DiagnosisTests.now - age - Int64(times - time - 1)),
        now: DiagnosisTests.now)
    }
    known.listeners["web"] = health
    return Diagnosis.findings(known)
  }

  @Test func `each cause has its own finding, with the listener's words as evidence`() throws {
    for (words, rule, action) in [
      (
        Self.refused("409 Conflict", "RunnerScaleSetSessionConflictException"), FindingRule.listenerConflict,
        FindingAction?.none
      ),
      (Self.refused("401 Unauthorized", "X"), .credentials, .edit(.credentials)),
      (Self.refused("404 Not Found", "RunnerScaleSetNotFoundException"), .scaleSetGone, .remove),
      (
        "could not patch ephemeral runner set , error: ephemeralrunnersets \"x\" not found", .listenerStale,
        .restartListener
      ),
    ] {
      let found = try findings(words)
      #expect(found.map(\.rule) == [rule])
      #expect(found.first?.action == action)
      #expect(found.first?.evidence.first?.contains("5s ago") == true)
    }
  }

  @Test func `one request that failed is no matter, and the next tries are`() throws {
    let cut = "Get \"\(Self.address)\": EOF"
    #expect(try findings(cut, times: 1) == [])
    #expect(try findings(cut, times: 3).map(\.rule) == [.githubUnreachable])
    let limited = "POST \(Self.address) giving up after 5 attempt(s)"
    #expect(try findings(limited, times: 3).map(\.rule) == [.githubRefuses])
    // None of them is due to the credentials, whatever the address contains, nor is it fixed by a restart.
    #expect(try findings(cut, times: 3).allSatisfy { $0.action == nil })
  }

  @Test func `a listener that counts before it ends is not well for that`() {
    var health = ListenerHealth()
    let words = "could not patch ephemeral runner set , error: ephemeralrunnersets \"x\" not found"
    health.see(DiagnosisTests.listener(), at: 100)
    for start: Int64 in [100, 103, 106] {
      health.hear(.counted(assigned: 0, wanted: 1, maximum: 5, at: start), now: start)
      health.advance(to: start)
      health.hear(.problem(ListenerProblem(words, isLastWord: true), at: start), now: start)
      health.advance(to: start + 2)
      guard case .ended(_, let said?, at: start) = health.verdict else {
        Issue.record("\(health.verdict)")
        continue
      }
      #expect(said.failure == .boundToDeletedSet)
    }
    // One that works for a whole cycle refutes them.
    health.hear(.counted(assigned: 0, wanted: 1, maximum: 5, at: 150), now: 150)
    health.advance(to: 153)
    #expect(health.verdict != .unsuspicious)
    health.advance(to: 154)
    #expect(health.verdict == .unsuspicious && health.hasWorked)
  }

  // MARK: The controller's log

  @Test func `the controller's log tells why new runners get no configuration`() throws {
    let log = String(decoding: try fixture("real/controller-jit.log"), as: UTF8.self)
    let found = ControllerLog.refusals(log: log, scaleSet: "web-ci")
    #expect(found.map(\.missing) == [.runnerConfiguration])
    #expect(found.first?.failure == .forbidden)
    #expect(found.first?.text.contains("failed(status=\"403 Forbidden\"") == true)
    // Stack traces, and a scale set whose name has the same prefix, are ignored.
    #expect(ControllerLog.refusals(log: log, scaleSet: "web") == [])
  }

  @Test func `giving up is not taken for wrong credentials or a missing network`() throws {
    let log = String(decoding: try fixture("real/controller-gave-up.log"), as: UTF8.self)
    let target = try GitHubTarget("https://github.com/acme/limit")
    let problem = try #require(ControllerLog.registrationProblem(log: log, scaleSet: "lim-ci", target: target))
    #expect(problem.kind == .unreachable)
    #expect(problem.why?.contains("giving up after 5 attempt(s)") == true)
    #expect(problem.fix?.contains("429") == true)
  }

  @Test func `a set of runners of the same name is not the scale set`() throws {
    let line =
      "2026-11-24T00:00:35Z\tERROR\tReconciler error\t{\"controllerKind\": \"EphemeralRunnerSet\", \"EphemeralRunnerSet\": {\"name\":\"web-ci\"}, \"name\": \"web-ci\", \"error\": \"StatusCode 401\"}\r\n"
    let target = try GitHubTarget("https://github.com/acme/web")
    #expect(ControllerLog.registrationProblem(log: line, scaleSet: "web-ci", target: target) == nil)
  }

  @Test func `an address that holds the words of a key is no matter of keys`() throws {
    let log =
      "2026-11-24T00:00:35Z\tERROR\tAutoscalingRunnerSet\tFailed to get runner scale set from Actions service\t{\"autoscalingrunnerset\": {\"name\":\"web-ci\"}, \"error\": \"request POST https://api.github.com/repos/acme/jwt-pem failed(status=\\\"404 Not Found\\\", x)\"}\r\n"
    let target = try GitHubTarget("https://github.com/acme/jwt-pem")
    let problem = try #require(ControllerLog.registrationProblem(log: log, scaleSet: "web-ci", target: target))
    #expect(problem.why?.contains("does not exist") == true)
  }
}

private enum IdleRunner {
  static let object = EphemeralRunner([
    "metadata": ["name": "a", "labels": ["actions.github.com/scale-set-name": "web"]],
    "status": ["phase": "Running", "ready": true],
  ])
}
