import TestSupport
import Testing

@testable import ARC
@testable import Basics
@testable import Installations
@testable import Knowledge
@testable import Kubernetes
@testable import Tools

/// Programs that respond from a folder of `Fixtures/cases`: objects.json and the logs next to it. `@-90@` in these
/// files is the time 90 seconds ago.
private struct CaseTools: ToolRunner {
  let folder: String

  func run(_ call: ToolCall, onLine: (@Sendable (ToolLine) -> Void)?) async throws -> ToolResult {
    guard let at = call.arguments.firstIndex(of: "--raw"), at + 1 < call.arguments.count else {
      return ToolResult(exit: .code(1), errorOutput: Array("No such container".utf8))
    }
    guard let answer = try answer(call.arguments[at + 1]) else {
      return ToolResult(exit: .code(1), errorOutput: Array("Error from server (NotFound): not found".utf8))
    }
    return ToolResult(exit: .code(0), output: answer)
  }

  func stream(_ call: ToolCall, onChunk: @Sendable ([UInt8]) async throws -> Void) async throws -> ToolResult {
    let result = try await run(call, onLine: nil)
    try await onChunk(result.output)
    return result
  }

  private func answer(_ target: String) throws -> [UInt8]? {
    let path = target.prefix { $0 != "?" }.split(separator: "/").map(String.init)
    if path.last == "version" { return Array(#"{"gitVersion":"v1.36.1"}"#.utf8) }
    if path.last == "log", let container = target.firstRange(of: "container=") {
      let name = target[container.upperBound...].prefix { $0 != "&" }
      return try? Self.now(fixture("cases/\(folder)/\(path[path.count - 2]).\(name).log"))
    }
    let objects = try JSONValue(parsing: Self.now(fixture("cases/\(folder)/objects.json")))
    return Array(JSONValue.object(["items": objects[path.last ?? ""] ?? .array([])]).encoded().utf8)
  }

  private static func now(_ bytes: [UInt8]) -> [UInt8] {
    var text = String(decoding: bytes, as: UTF8.self)[...]
    var result = ""
    while let begin = text.firstRange(of: "@-"), let end = text[begin.upperBound...].firstRange(of: "@") {
      result += text[..<begin.lowerBound]
      let ago = Int64(text[begin.upperBound..<end.lowerBound]) ?? 0
      result += Timestamp.text(SystemTime.secondsSince1970() - ago)
      text = text[end.upperBound...]
    }
    return Array((result + text).utf8)
  }
}

/// Clusters from bug reports, and the findings about them.
@Suite struct CaseTests {
  private func circumstances(_ folder: String) async throws -> Circumstances {
    try await knowledge(folder).circumstances
  }

  private func knowledge(_ folder: String) async throws -> ClusterKnowledge {
    let home = try TemporaryFolder()
    let toolbox = Toolbox(
      runner: CaseTools(folder: folder),
      environment: ["DESKRUN_KUBECTL": "/bin/sh", "DESKRUN_DOCKER": "/bin/sh", "DESKRUN_KIND": "/bin/sh"],
      target: .kind(cluster: "deskrun"))
    var configuration = Configuration()
    configuration.set(
      try Installation(
        name: InstallationName("my-runner"), target: GitHubTarget("https://github.com/acme/web"),
        authentication: .token(.literal(Secret("t")))))
    var look = ClusterLook(
      toolbox: toolbox, paths: try Paths(environment: ["HOME": home.path, "DESKRUN_HOME": home.path + "/deskrun"]))
    // Independent of how slow the test machine is.
    look.limit = .seconds(60)
    try await look.look(configuration)
    return look.knowledge
  }

  private func finding(_ folder: String, _ rule: FindingRule) async throws -> Finding {
    let known = try await circumstances(folder)
    // The recorded clusters had another configuration.
    let findings = Diagnosis.findings(known).filter { $0.installation == "my-runner" && $0.rule != .drift }
    #expect(findings.map(\.rule) == [rule], "\(findings)")
    return try #require(findings.first)
  }

  @Test func `a pod that the kubelet refuses is failing, in the kubelet's words`() async throws {
    let known = try await circumstances("pod-failed-not-evicted")
    let state = try #require(known.snapshot?.runners.first?.state)
    let words = "Pod was rejected: Node didn't have enough resource: pods, requested: 1, used: 16, capacity: 16"
    #expect(state == .failing(words, code: "OutOfpods"))
    let found = try await finding("pod-failed-not-evicted", .podRejected)
    #expect(found.title.hasSuffix(words))
    #expect(found.action == .clearFailed)
  }

  @Test func `an image that may not be pulled and is not there is failing`() async throws {
    let found = try await finding("image-never-pull", .imagePull)
    #expect(found.evidence.contains { $0.contains("Container image \"local/runner:1\" is not present") })
    #expect(found.remedy.contains("kind load docker-image"))
  }

  @Test func `a claim that cannot be bound asks for a storage class`() async throws {
    let found = try await finding("unbound-claim", .unschedulable)
    #expect(found.title.contains("pod has unbound immediate PersistentVolumeClaims"))
    #expect(found.remedy.contains("storage class"))
  }

  @Test(arguments: [
    ("busy-without-pod", "PodGone"), ("idle-but-lost-registration", "RegistrationLost"),
  ]) func `a runner that only looks alive is told as failing, wherever it is shown`(folder: String, code: String)
    async throws
  {
    let known = try await knowledge(folder)
    let runner = try #require(known.judgedSnapshot?.runners.first)
    guard case .failing(_, code) = runner.state else {
      Issue.record("\(runner.state)")
      return
    }
    let status = try #require(known.statuses.first { $0.name == "my-runner" })
    #expect(status.counts.failing == 1 && status.counts.busy == 0 && status.counts.idle == 0)
    #expect(status.runners.map(\.state) == [runner.state])
    // A later judgment uses the state from the cluster, not the corrected one.
    var later = known
    later.take(.observed(try #require(known.observation)), at: known.now + 5)
    #expect(later.findings.map(\.rule) == known.findings.map(\.rule))
    #expect(later.statuses == known.statuses)
  }

  @Test func `a runner that GitHub has forgotten is not idle`() async throws {
    let found = try await finding("idle-but-lost-registration", .registrationLost)
    #expect(found.runners == ["my-runner-xj8p2-runner-bkf5t"])
    #expect(found.action == .clearFailed)
  }

  @Test func `a lost job is told before what this computer lacks`() async throws {
    var known = try await circumstances("busy-without-pod")
    known.checks = [
      DoctorCheck(
        id: "inotify", title: "inotify limits", verdict: .warning, finding: "128 instances", fix: "Raise them")
    ]
    let rules = Diagnosis.findings(known).map(\.rule)
    #expect(rules.first == .podGone && rules.contains(.inotify))
  }

  @Test func `jobs that wait because runners only look alive are not a second matter`() async throws {
    var known = try await knowledge("idle-but-lost-registration")
    let before = known.findings.map(\.rule)
    known.take(
      .listener(scaleSet: "my-runner", [.counted(assigned: 1, wanted: 1, maximum: 5, at: known.now - 3600)]),
      at: known.now + 5)
    #expect(known.queues["my-runner"]?.waiting == 1)
    #expect(known.findings.map(\.rule) == before)
  }

  @Test func `a runner with a job and without a pod has lost the job`() async throws {
    let known = try await circumstances("busy-without-pod")
    let found = try #require(Diagnosis.findings(known).first { $0.rule == .podGone })
    #expect(found.evidence.contains { $0.contains("e2e (chrome)") })
    // The fix deletes this runner although it has a job, and no other.
    let status = try #require(known.statuses.first)
    #expect(status.clearable(of: found, in: known.snapshot).map(\.name) == ["my-runner-xj8p2-runner-bkf5t"])
    #expect(status.clearable(of: nil, in: known.snapshot).isEmpty)
  }

  @Test func `a scale set that GitHub deleted is made again, not restarted`() async throws {
    let found = try await finding("scale-set-gone-at-github", .scaleSetGone)
    #expect(found.evidence.contains { $0.contains("No runner scale set found with identifier 61") })
    #expect(found.action == .remove)
  }

  @Test func `the controller's log is read in JSON too`() async throws {
    let found = try await finding("controller-log-json", .credentials)
    #expect(found.evidence.contains { $0.contains("401") })
  }

  @Test func `who refuses the listener's pod is named`() async throws {
    let found = try await finding("listener-refused", .listenerRefused)
    #expect(found.evidence.contains { $0.contains("container <listener> has no resource limits") })
    #expect(found.remedy.contains("listenerTemplate"))
    #expect(found.action != .bringUp && found.action != .restartListener)
  }
}
