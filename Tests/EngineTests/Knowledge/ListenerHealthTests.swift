import Foundation
import TestSupport
import Testing

@testable import ARC
@testable import Basics
@testable import Installations
@testable import Knowledge
@testable import Kubernetes
@testable import Tools

/// A listener is judged by its recent exits.
@Suite struct ListenerHealthTests {
  private static let (own, other, cluster) = (
    ClusterPlace(context: "kind-deskrun"), ClusterPlace(context: "other"), ClusterPlace(context: "c")
  )

  private static let refused = ListenerProblem(
    "failed(status=\"401 Unauthorized\", activity_id=\"x\"): Bad credentials", isLastWord: true)

  private func pod(_ uid: String, created: Int64, exit: Int? = nil, reason: String = "Error", leaves: Bool = false)
    -> Pod
  {
    var metadata: JSONObject = [
      "name": "web-listener", "uid": .string(uid), "creationTimestamp": .string(Timestamp.text(created)),
      "labels": [
        "actions.github.com/scale-set-name": "web", "app.kubernetes.io/component": "runner-scale-set-listener",
      ],
    ]
    if leaves { metadata["deletionTimestamp"] = .string(Timestamp.text(created + 60)) }
    let state: JSONValue =
      exit.map {
        [
          "terminated": [
            "exitCode": .int($0), "reason": .string(reason), "finishedAt": .string(Timestamp.text(created + 1)),
          ]
        ]
      } ?? ["running": ["startedAt": .string(Timestamp.text(created))]]
    return Pod([
      "metadata": .object(metadata),
      "status": ["phase": "Running", "containerStatuses": [["name": "listener", "ready": true, "state": state]]],
    ])
  }

  @Test func `the pod, its words and the controller tell of one end`() {
    var health = ListenerHealth()
    health.see(pod("a", created: 100), at: 100)
    health.see(pod("a", created: 100, exit: 1), at: 101)
    health.hear(.problem(Self.refused, at: 101), now: 102)
    health.note(.init(at: 102))
    #expect(health.count == 1)
    #expect(health.ends.first?.code == 1)
    #expect(health.ends.first?.said == Self.refused)
    health.see(nil, at: 103)
    health.see(pod("b", created: 104), at: 104)
    health.see(pod("b", created: 104, exit: 1), at: 105)
    #expect(health.count == 2)
    // The newest has no output yet: the cause is that of the previous one.
    guard case .ended(let end, let cause?, at: 101) = health.verdict else {
      Issue.record("\(health.verdict)")
      return
    }
    #expect(end.at == 105 && cause.failure == .unauthorized)
  }

  @Test(arguments: [
    (143, "Error", false), (137, "Error", false), (255, "Unknown", false), (1, "Error", true), (0, "Completed", false),
  ])
  func `an end that somebody wanted is no matter`(code: Int, reason: String, leaves: Bool) {
    var health = ListenerHealth()
    health.see(pod("a", created: 100, leaves: leaves), at: 150)
    health.see(pod("a", created: 149, exit: code, reason: reason, leaves: leaves), at: 151)
    #expect(health.verdict == .unsuspicious)
  }

  @Test func `only a session that lasts a cycle makes up for the ends before it`() {
    var health = ListenerHealth()
    health.note(.init(at: 100, pod: "a", code: 1, said: Self.refused))
    health.see(pod("b", created: 101), at: 101)
    health.advance(to: 200)
    #expect(health.hasCause)
    health.hear(.polled(at: 202), now: 202)
    health.advance(to: 205)
    #expect(health.hasCause)
    health.advance(to: 206)
    #expect(health.verdict == .unsuspicious && health.hasWorked)
    // A line from before the exit proves nothing.
    var other = ListenerHealth()
    other.see(pod("a", created: 50), at: 50)
    other.note(.init(at: 100, pod: "a", code: 1))
    other.hear(.polled(at: 90), now: 101)
    other.advance(to: 120)
    #expect(other.verdict != .unsuspicious)
  }

  @Test func `for who looks now and then a session lasts as long as it was seen to`() {
    var health = ListenerHealth()
    health.see(pod("b", created: 100), at: 101)
    health.hear(.polled(at: 101), now: 101)
    // The next response took long, so it is unknown whether the listener is still running.
    health.advance(to: 130, isFollowed: false)
    #expect(!health.hasWorked)
    health.see(pod("b", created: 100), at: 106)
    health.advance(to: 140, isFollowed: false)
    #expect(health.hasWorked)
  }

  @Test func `what is kept of a listener is over once another has worked`() throws {
    let folder = try TemporaryFolder()
    let path = folder.path + "/listener-ends.json"
    let writer = ListenerEndsWriter(path: path, place: Self.cluster)
    writer.add(["web": [.init(at: 100, pod: "a", code: 1, said: Self.refused)], "api": [.init(at: 100, code: 1)]])
    writer.write(now: 101)
    writer.add(["web": []])
    #expect(writer.isWaiting)
    writer.add(["web": [.init(at: 150, pod: "b", code: 1)]])
    writer.write(now: 151)
    let kept = ListenerEndsFile(path: path).read(Self.cluster, now: 152)
    #expect(kept["web"] == [.init(at: 150, pod: "b", code: 1)])
    #expect(kept["api"]?.count == 1)
  }

  @Test func `the cause of ends of long before is not that of new ones`() {
    var health = ListenerHealth()
    health.note(.init(at: 100, pod: "a", code: 1, said: Self.refused))
    health.note(.init(at: 103, pod: "b", code: 1))
    #expect(health.hasCause)
    health.note(.init(at: 240, pod: "c", code: 1))
    #expect(!health.hasCause)
    health.note(.init(at: 243, pod: "d", code: 1, said: Self.refused))
    #expect(health.hasCause)
  }

  @Test func `a listener that meets something else than the one before it says so`() {
    let unreachable = ListenerProblem(
      "Get \"https://github.com/x\": dial tcp: lookup github.com: no such host", isLastWord: false)
    var health = ListenerHealth()
    health.note(.init(at: 100, pod: "a", code: 1, said: Self.refused))
    health.see(pod("b", created: 110), at: 110)
    health.hear(.problem(unreachable, at: 112), now: 112)
    guard case .ended(_, let cause?, at: 112) = health.verdict else {
      Issue.record("\(health.verdict)")
      return
    }
    #expect(cause.failure == .unreachable)
  }

  @Test func `a request that fails now and then is no matter, and repeated ones are until a session lasts`() {
    let cut = ListenerProblem("Get \"https://github.com/x\": EOF", isLastWord: false)
    var health = ListenerHealth()
    health.see(pod("a", created: 100), at: 100)
    health.hear(.polled(at: 101), now: 101)
    health.advance(to: 110)
    health.hear(.problem(cut, at: 111), now: 111)
    health.advance(to: 112)
    #expect(health.verdict == .unsuspicious)
    for at: Int64 in [113, 115] { health.hear(.problem(cut, at: at), now: at) }
    guard case .complains(let said, _) = health.verdict else {
      Issue.record("\(health.verdict)")
      return
    }
    #expect(said.failure == .unreachable)
    health.hear(.polled(at: 160), now: 160)
    health.advance(to: 164)
    #expect(health.verdict == .unsuspicious)
  }

  @Test func `the controller's log tells of each end once`() throws {
    let line = { (second: Int, words: String) in
      "2026-11-25T14:12:\(second)Z\tINFO\tAutoscalingListener\t\(words)\t{\"autoscalinglistener\": "
        + "{\"name\":\"web-55dd4497-listener\",\"namespace\":\"arc-systems\"}, \"reason\": \"Error\", \"message\": \"\"}"
    }
    let log = [
      line(19, "Listener pod is terminated"), line(20, "Listener pod is terminated"), line(21, "Created listener pod"),
      line(22, "Listener pod is terminated"), line(23, "Created listener pod"),
    ].joined(separator: "\n")
    let ends = ControllerLog.listenerEnds(log: log, scaleSet: "web")
    #expect(ends.map(\.at) == ["2026-11-25T14:12:19Z", "2026-11-25T14:12:22Z"].map { Timestamp.parse($0) })
    #expect(ControllerLog.listenerEnds(log: log, scaleSet: "we").isEmpty)
  }

  @Test func `two looks that find no listener say nothing of a longer time between them`() {
    func absent(_ looks: [Int64]) -> Int64? {
      var health = ListenerHealth()
      health.see(nil, at: looks[0])
      for look in looks.dropFirst() { health.glimpse(nil, at: look) }
      return health.absentSince
    }
    // A listener that keeps exiting is absent for less than one of three seconds.
    #expect(absent([100, 106]) == 106)
    #expect(absent([100, 101, 101, 102, 103, 104]) == 100)
    // With a watch, it is certain that none existed in between.
    var health = ListenerHealth()
    for look: Int64 in [100, 106] { health.see(nil, at: look) }
    #expect(health.absentSince == 100)
  }

  // MARK: Stored exits

  @Test func `ends are kept for a while, for their context alone`() throws {
    let folder = try TemporaryFolder()
    let file = ListenerEndsFile(path: folder.path + "/home/listener-ends.json")
    let now: Int64 = 1_795_521_605
    let end = ListenerHealth.End(at: now, pod: "a", code: 1, said: Self.refused)
    try file.add(["web": [end]], in: Self.own, now: now)
    try file.add(["ci": [.init(at: now + 2, code: 1)]], in: Self.other, now: now + 2)
    try file.add(["web": [.init(at: now + 3, pod: "b", code: 1)]], in: Self.own, now: now + 3)
    #expect(file.read(Self.own, now: now + 5)["web"]?.first == end)
    #expect(file.read(Self.own, now: now + 5)["web"]?.count == 2)
    #expect(Array(file.read(Self.other, now: now + 5).keys) == ["ci"])
    #expect(file.read(Self.own, now: now + 700).isEmpty)
    let attributes = try FileManager.default.attributesOfItem(atPath: file.path)
    #expect((attributes[.posixPermissions] as? NSNumber)?.intValue == 0o600)
  }

  @Test func `several programs that write at once lose nothing`() async throws {
    let folder = try TemporaryFolder()
    let file = ListenerEndsFile(path: folder.path + "/listener-ends.json")
    try await withThrowingTaskGroup(of: Void.self) { group in
      for index in 0..<24 {
        group.addTask {
          try await OwnThread.value {
            Result { try file.add(["set-\(index)": [.init(at: 1000, code: 1)]], in: Self.cluster, now: 1000) }
          }.get()
        }
      }
      try await group.waitForAll()
    }
    #expect(file.read(Self.cluster, now: 1001).count == 24)
  }

  @Test(arguments: ["", "{", "[1]", "{\"c\":{\"web\":[{\"at\":\"x\"},7,null]}}", "{\"c\":7}"])
  func `a file that is not as it should be is as good as none`(text: String) throws {
    let folder = try TemporaryFolder()
    let file = ListenerEndsFile(path: folder.path + "/listener-ends.json")
    try FileIO.replace(file.path, with: Array(text.utf8))
    #expect(file.read(Self.cluster, now: 100).isEmpty)
    try file.add(["web": [.init(at: 100, code: 1)]], in: Self.cluster, now: 100)
    #expect(file.read(Self.cluster, now: 101)["web"]?.count == 1)
  }

  @Test func `no more than a few ends of a scale set are kept`() throws {
    let folder = try TemporaryFolder()
    let file = ListenerEndsFile(path: folder.path + "/listener-ends.json")
    for index: Int64 in 0..<20 {
      try file.add(
        ["web": [.init(at: 1000 + index * 3, pod: "\(index)", code: 1)]], in: Self.cluster, now: 1000 + index * 3)
    }
    #expect(file.read(Self.cluster, now: 1060)["web"]?.map(\.pod) == ["15", "16", "17", "18", "19"])
  }

  // MARK: The limit

  @Test func `as many jobs as may run, for long, are more that wait at GitHub`() throws {
    func rules(_ counts: [(Int, Int64)]) throws -> [Finding] {
      var known = try DiagnosisTests.circumstances(
        (0..<5).map { EphemeralRunner.busy("r\($0)") })
      var queue = JobQueue()
      for (assigned, ago) in counts {
        queue.apply(
          .counted(assigned: assigned, wanted: 5, maximum: 5, at: DiagnosisTests.now - ago), busy: 5,
          now: DiagnosisTests.now)
      }
      known.queues["web"] = queue
      return Diagnosis.findings(known)
    }
    // A job that ends frees a runner for a moment.
    let found = try rules([(5, 720), (4, 400), (5, 395), (5, 10)])
    #expect(found.map(\.rule) == [.atLimit])
    #expect(found.first?.title.contains("at its maximum of 5 runners for 12m") == true)
    #expect(found.first?.title.contains("more jobs may be queued on GitHub") == true)
    #expect(try rules([(5, 720), (4, 400), (5, 300)]) == [])
    #expect(try rules([(5, 500)]) == [])
    #expect(try rules([(5, 720), (3, 60)]) == [])
  }
}

extension EphemeralRunner {
  fileprivate static func busy(_ name: String) -> EphemeralRunner {
    EphemeralRunner([
      "metadata": ["name": .string(name), "labels": ["actions.github.com/scale-set-name": "web"]],
      "status": ["phase": "Running", "ready": true, "jobId": "1", "jobDisplayName": "build"],
    ])
  }
}
