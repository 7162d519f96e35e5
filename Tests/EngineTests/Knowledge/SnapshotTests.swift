import ARCTestSupport
import Synchronization
import TestSupport
import Testing

@testable import ARC
@testable import Basics
@testable import Installations
@testable import Knowledge
@testable import Kubernetes
@testable import Tools

/// The cluster's API with recorded responses.
final class RecordedAPI: KubernetesAPI {
  let answers: [String: [UInt8]]
  let missing: Set<String>
  let paths = Lock<[String]>([])

  init(missing: Set<String> = []) throws {
    self.missing = missing
    answers = [
      "/pods": try fixture("observation/get-pods.json"),
      "/ephemeralrunners": try fixture("observation/get-ephemeralrunners.json"),
      "/autoscalingrunnersets": try fixture("observation/get-autoscalingrunnersets.json"),
      "/deployments": try fixture("observation/get-deployments.json"),
      "/events": try fixture("observation/get-events.json"),
    ]
  }

  func get(_ path: String, timeout: Duration) async throws -> [UInt8] {
    paths.withLock { $0.append(path) }
    let plain = path.prefix { $0 != "?" }
    guard let key = answers.keys.first(where: { plain.hasSuffix($0) }), !missing.contains(key) else {
      throw EngineError(.notFound, "no such thing")
    }
    return answers[key] ?? []
  }

  func stream(_ path: String, onLines: @Sendable ([ArraySlice<UInt8>]) async throws -> Void) async throws {
    paths.withLock { $0.append(path) }
    if path.contains("broken") {
      throw EngineError(
        .failed, "kubectl get failed", why: "Error from server (BadRequest): container \"runner\" is waiting to start")
    }
    try await onLines([Array("2026-11-24T00:00:01.5Z hello \u{1B}[31mred".utf8)[...], Array("no time".utf8)[...]])
  }
}

@Suite struct SnapshotTests {
  static let now: Int64 = Timestamp.parse("2026-11-24T00:02:00Z") ?? 0

  func snapshot() async throws -> Snapshot { try await SnapshotReader(api: try RecordedAPI()).read(now: Self.now) }

  func installation(_ name: String, url: String = "https://github.com/owner/repo", instances: Int = 1) throws
    -> Installation
  {
    try Installation(
      name: InstallationName(name), target: GitHubTarget(url), instances: instances,
      authentication: .token(.literal(Secret("t"))))
  }

  @Test func `running is not busy`() async throws {
    let runners = try await snapshot().runners
    let idle = try #require(runners.first { $0.name.hasSuffix("slvxf") })
    #expect(idle.state == .idle)
    let busy = try #require(runners.first { $0.name.hasSuffix("bkf5t") })
    guard case .busy(let job) = busy.state else {
      Issue.record("\(busy.state)")
      return
    }
    #expect(job.name == "e2e (chrome)")
    #expect(job.url(host: "github.com")?.hasPrefix("https://github.com/owner/repo/actions/runs/") == true)
    #expect(busy.node != nil)
  }

  @Test func `an image that cannot be pulled is said in words`() async throws {
    let runners = try await snapshot().runners.filter { $0.scaleSet == "broken-runner" }
    #expect(runners.count == 2)
    for runner in runners {
      guard case .failing(let why, let code) = runner.state else {
        Issue.record("\(runner.state)")
        continue
      }
      #expect(why.contains("ghcr.io/acme/bad-image:1"))
      #expect(["ErrImagePull", "ImagePullBackOff"].contains(code))
    }
  }

  @Test func `the controller and the listeners are seen`() async throws {
    let snapshot = try await snapshot()
    #expect(snapshot.controller == ControllerState(version: "0.14.2", isReady: true))
    #expect(snapshot.scaleSets.map(\.metadata.name) == ["broken-runner", "dind-runner", "my-runner", "nix-runner"])
    #expect(snapshot.scaleSets.filter { !$0.isRegistered } == [])
    #expect(snapshot.listeners["my-runner"] == .running)
  }

  @Test func `a cluster without ARC is empty not an error`() async throws {
    let api = try RecordedAPI(missing: ["/autoscalingrunnersets", "/ephemeralrunners", "/deployments"])
    let snapshot = try await SnapshotReader(api: api).read(now: Self.now)
    #expect(snapshot.controller == nil)
    #expect(snapshot.runners.isEmpty)
  }

  /// The installations after one look.
  private func statuses(_ installations: [Installation], _ snapshot: Snapshot?) -> [InstallationStatus] {
    var configuration = Configuration()
    for installation in installations { configuration.set(installation) }
    var knowledge = ClusterKnowledge(place: ClusterPlace(context: "test"))
    knowledge.take(.configuration(.success(configuration)), at: Self.now)
    if let snapshot {
      knowledge.take(
        .observed(ClusterObservation(cluster: .ready(version: "v1"), snapshot: snapshot, heardAt: snapshot.takenAt)),
        at: snapshot.takenAt)
    }
    return knowledge.statuses
  }

  @Test func `configuration and cluster are joined`() async throws {
    let snapshot = try await snapshot()
    let all = statuses(
      [try installation("my-runner"), try installation("broken-runner"), try installation("absent")], snapshot)
    #expect(all.map(\.name) == ["absent", "broken-runner", "my-runner", "dind-runner", "nix-runner"])
    let mine = all[2]
    #expect(mine.problem == nil)
    #expect(mine.counts == .init(idle: 0, busy: 4, starting: 1, failing: 0, finishing: 0))
    #expect(mine.runners.first?.state.word == "busy")
    #expect(all[1].problem?.severity == .bad)
    #expect(all[1].problem?.sentence.contains("bad-image") == true)
    #expect(all[0].problem?.sentence == "not deployed")
    // Scale sets of other owners are not a problem.
    #expect(all[3].problem == nil && all[3].manager == .helm(release: "dind-runner", namespace: "arc-systems"))
  }

  @Test func `instances belong together`() async throws {
    var snapshot = try await snapshot()
    for (at, name) in ["ci-1", "ci-2"].enumerated() { snapshot.scaleSets[at].metadata.name = name }
    let status = try #require(statuses([try installation("ci", instances: 3)], snapshot).first)
    #expect(status.scaleSets.count == 2)
    #expect(!status.isDeployed)
    #expect(status.problem?.sentence == "2 of 3 instances are deployed")
  }

  @Test func `a set that is not registered is a problem only after a while`() async throws {
    var snapshot = try await snapshot()
    let at = try #require(snapshot.scaleSets.firstIndex { $0.metadata.name == "my-runner" })
    snapshot.scaleSets[at].isRegistered = false
    snapshot.scaleSets[at].metadata.created = Self.now - 10
    #expect(statuses([try installation("my-runner")], snapshot)[0].problem == nil)
    snapshot.scaleSets[at].metadata.created = Self.now - 100
    #expect(statuses([try installation("my-runner")], snapshot)[0].problem?.severity == .bad)
  }

  @Test func `when the cluster does not answer nothing is invented`() throws {
    let status = statuses([try installation("my-runner")], nil)[0]
    #expect(status.problem == nil)
    #expect(status.runners.isEmpty)
  }

  @Test(arguments: [
    (#"{"phase": "Failed", "reason": "InvalidPod", "message": "no image"}"#, "failing"),
    (#"{"phase": "Failed", "reason": "TooManyPodFailures", "failures": {"a": "t", "b": "t"}}"#, "failing"),
    (#"{"phase": "Outdated"}"#, "failing"), (#"{}"#, "starting"), (#"{"phase": ""}"#, "starting"),
    (#"{"phase": "Running", "ready": true}"#, "idle"), (#"{"phase": "Running", "ready": false}"#, "starting"),
    (#"{"phase": "Running", "ready": true, "jobId": "x", "jobDisplayName": "b"}"#, "busy"),
    (#"{"phase": "Running", "ready": true, "jobRequestId": 7}"#, "busy"),
    (#"{"phase": "Running", "ready": true, "jobRequestId": 0, "jobId": ""}"#, "idle"),
    (#"{"phase": "Succeeded", "jobId": "x"}"#, "finishing"),
    (#"{"phase": "Running", "failures": {"a": "t", "b": "t"}}"#, "failing"),
  ])
  func `states of a runner without its pod`(status: String, word: String) throws {
    let object: JSONValue = ["metadata": ["name": "r"], "status": try JSONValue(parsing: status)]
    #expect(RunnerState(EphemeralRunner(object), pod: nil).word == word)
  }

  @Test(arguments: [
    (
      #"{"phase": "Pending", "conditions": [{"type": "PodScheduled", "status": "False", "message": "0/1 nodes are available"}]}"#,
      "unschedulable: 0/1 nodes are available"
    ),
    (#"{"phase": "Pending"}"#, "waiting for a node"),
  ])
  func `steps of starting`(status: String, words: String) throws {
    let pod = Pod(["metadata": ["name": "r"], "status": try JSONValue(parsing: status)])
    let runner = EphemeralRunner(["metadata": ["name": "r"], "status": ["phase": "Pending"]])
    #expect(RunnerState(runner, pod: pod) == .starting(words))
  }

  @Test func `refs are short`() throws {
    func job(_ ref: String) throws -> Job {
      let status: JSONValue = [
        "jobId": "x", "jobWorkflowRef": .string("acme/web/.github/workflows/ci.yml@\(ref)"),
        "jobRepositoryName": "web",
      ]
      return try #require(EphemeralRunner(["metadata": ["name": "r"], "status": status]).job)
    }
    #expect(try job("refs/heads/main").ref == "main")
    #expect(try job("refs/pull/88/merge").ref == "pr/88")
    #expect(try job("refs/tags/v1").ref == "v1")
    #expect(try job("refs/heads/main").workflow == "ci.yml")
    #expect(try job("refs/heads/main").repository == "acme/web")
  }

  @Test func `events are read in order`() async throws {
    let events = try await KubeEvent.read(try RecordedAPI(), in: ["arc-systems"])
    #expect(events.count == 25)
    #expect(zip(events, events.dropFirst()).allSatisfy { ($0.last ?? 0) <= ($1.last ?? 0) })
    #expect(events.allSatisfy { !$0.reason.isEmpty && !$0.object.isEmpty && $0.last != nil })
    let names = ["broken", "broken-runner", "broken-runner-9"]
    let few = events.filter { $0.scaleSet(among: names) == "broken-runner" }
    #expect(!few.isEmpty && few.count < events.count)
    #expect(few == events.filter { $0.object.hasPrefix("broken-runner") })
  }

  @Test func `logs are read of those that have one`() async throws {
    let api = try RecordedAPI()
    let lines = Lock<[LogLine]>([])
    let count = try await LogFollower(api: api).read(.runners(scaleSets: ["my-runner", "broken-runner"]), tail: 5) {
      new in
      lines.withLock { $0 += new }
    }
    #expect(count == 5)
    let first = try #require(lines.withLock { $0.first })
    #expect(first.text == "hello red")
    #expect(first.time == Timestamp.parse("2026-11-24T00:00:01Z"))
    #expect(lines.withLock { $0[1].text } == "no time")
    #expect(api.paths.withLock { $0.contains { $0.contains("/log?container=runner&timestamps=true&tailLines=5") } })
  }
}
