import ARCTestSupport
import TestSupport
import Testing

@testable import ARC
@testable import Basics
@testable import Installations
@testable import Knowledge
@testable import Kubernetes
@testable import Tools

/// Settings that were changed in the cluster, and changed values files.
@Suite struct DriftTests {
  private static let image = ARCCharts.defaultRunnerImage

  private static func set(_ spec: JSONObject = [:], image: String = image, digest: String? = nil) -> ScaleSet {
    DiagnosisTests.set { object in
      var all = object["spec"]?.objectValue ?? [:]
      all["template"] = [
        "spec": [
          "containers": [["image": "docker:dind", "name": "dind"], ["image": .string(image), "name": "runner"]]
        ]
      ]
      for (key, value) in spec.members { all[key] = value }
      object["spec"] = .object(all)
      guard let digest, var metadata = object["metadata"]?.objectValue else { return }
      metadata["labels"] = ["app.kubernetes.io/version": "0.14.2", "deskrun/values": .string(digest)]
      object["metadata"] = .object(metadata)
    }
  }

  private func findings(_ set: ScaleSet, desired: DesiredState? = DesiredState(image: image)) throws -> [Finding] {
    var known = try DiagnosisTests.circumstances(set: set)
    known.desired["web"] = desired
    return Diagnosis.findings(known)
  }

  @Test func `a scale set as it was configured is no finding`() throws {
    #expect(try findings(Self.set()) == [])
    // GitHub's own name for its default group, and a URL with other case.
    #expect(try findings(Self.set(["runnerGroup": "default", "githubConfigUrl": "https://github.com/Acme/web"])) == [])
  }

  private static let changes: [(String, JSONValue, String)] = [
    ("minRunners", 3, "min runners of web: 1 in the configuration, 3 in the cluster"),
    ("maxRunners", 9, "max runners of web: 5 in the configuration, 9 in the cluster"),
    ("runnerGroup", "builders", "runner group of web: Default in the configuration, builders in the cluster"),
    ("runnerScaleSetLabels", ["gpu", "arm"], "labels of web: none in the configuration, arm, gpu in the cluster"),
    (
      "githubConfigUrl", "https://github.com/acme/app",
      "URL of web: https://github.com/acme/web in the configuration, https://github.com/acme/app in the cluster"
    ),
  ]

  @Test(arguments: changes)
  func `each setting that was changed is named with both values`(key: String, value: JSONValue, told: String) throws {
    let found = try findings(Self.set(JSONObject([(key, value)])))
    let drift = try #require(found.first { $0.rule == .drift })
    #expect(drift.evidence == [told])
    #expect(drift.severity == .warning)
    #expect(drift.action == .bringUp)
    #expect(drift.remedy.contains("deskrun edit web --from-cluster"))
  }

  @Test func `another image is named, and one of a values file is expected`() throws {
    let other = Self.set(image: "example.com/runner:1")
    let drift = try #require(try findings(other).first { $0.rule == .drift })
    #expect(drift.evidence == ["image of web: \(Self.image) in the configuration, example.com/runner:1 in the cluster"])
    #expect(try findings(other, desired: DesiredState(image: "example.com/runner:1")) == [])
  }

  @Test func `a limit that is gone is told once`() throws {
    #expect(try findings(Self.set(["maxRunners": .null])).map(\.rule) == [.limitLost])
    let both = try findings(Self.set(["maxRunners": .null, "minRunners": 2]))
    #expect(both.first { $0.rule == .drift }?.evidence.count == 1)
    #expect(both.contains { $0.rule == .limitLost })
  }

  @Test func `nothing is told of what was not compared`() throws {
    #expect(try findings(Self.set(["minRunners": 3]), desired: nil) == [])
  }

  @Test func `values files that changed or cannot be used are told`() throws {
    let changed = DesiredState(image: Self.image, valuesDigest: "2")
    #expect(try findings(Self.set(digest: "1"), desired: changed).map(\.rule) == [.valuesChanged])
    #expect(try findings(Self.set(digest: "2"), desired: changed) == [])
    #expect(try findings(Self.set(), desired: changed).map(\.rule) == [.valuesChanged])
    let gone = DesiredState(
      image: Self.image, problem: EngineError(.invalid, "The values file /v.yaml cannot be read", fix: "Check its path")
    )
    // The image of such files is unknown, so another one is not drift.
    let found = try findings(Self.set(image: "example.com/runner:1", digest: "1"), desired: gone)
    #expect(found.map(\.rule) == [.valuesChanged])
    #expect(found.first?.evidence == ["The values file /v.yaml cannot be read"])
  }

  // MARK: The knowledge

  private static let now = DiagnosisTests.now

  private func observed(_ set: ScaleSet) -> KnowledgeEvent {
    .observed(
      ClusterObservation(
        cluster: .ready(version: "v1.36.1"),
        snapshot: Snapshot(
          takenAt: Self.now, controller: ControllerState(version: "0.14.2", isReady: true), scaleSets: [set],
          runners: [], pods: [DiagnosisTests.listener()]), heardAt: Self.now))
  }

  private func requests(_ news: KnowledgeNews) -> [DesiredRequest] {
    news.questions.compactMap { if case .desired(let request) = $0 { request } else { nil } }
  }

  private func report(_ request: DesiredRequest, inWork: Set<String> = []) -> KnowledgeEvent {
    var report = DesiredReport(number: request.number)
    report.states["web"] = DesiredState(image: Self.image)
    report.inWork = inWork
    return .desired(report)
  }

  @Test func `an answer from before a change is not used`() throws {
    var known = ClusterKnowledge(place: ClusterPlace(context: "kind-deskrun"))
    let configuration = try DiagnosisTests.circumstances().configuration
    known.take(.configuration(.success(configuration)), at: Self.now)
    let first = try #require(requests(known.take(observed(Self.set()), at: Self.now)).first)
    #expect(first.arc.description == "0.14.2")
    let second = try #require(requests(known.take(observed(Self.set(["minRunners": 3])), at: Self.now)).first)
    known.take(report(first), at: Self.now)
    #expect(known.findings == [])
    known.take(report(second), at: Self.now)
    #expect(known.findings.map(\.rule) == [.drift])
    #expect(known.statuses.first?.drift.map(\.setting) == [.minRunners])
    // Restored.
    let third = try #require(requests(known.take(observed(Self.set()), at: Self.now)).first)
    #expect(known.findings == [])
    known.take(report(third), at: Self.now)
    #expect(known.findings == [])
  }

  @Test func `nothing is told while a plan is at work, here or elsewhere`() throws {
    var known = ClusterKnowledge(place: ClusterPlace(context: "kind-deskrun"))
    known.take(.configuration(.success(try DiagnosisTests.circumstances().configuration)), at: Self.now)
    let request = try #require(requests(known.take(observed(Self.set(["minRunners": 3])), at: Self.now)).first)
    known.take(report(request, inWork: ["web"]), at: Self.now)
    #expect(known.findings == [])
    #expect(known.statuses.first?.drift == [])
    // It is checked again soon, and reported once the other change is done.
    let again = try #require(requests(known.take(.time, at: Self.now + 5)).first)
    known.take(report(again), at: Self.now + 5)
    #expect(known.findings.map(\.rule) == [.drift])
    known.take(.planning(["web"]), at: Self.now + 6)
    #expect(known.findings == [])
  }

  @Test func `an installation whose lock is held is being changed`() async throws {
    let folder = try TemporaryFolder()
    let paths = try Paths(environment: ["HOME": folder.path, "DESKRUN_HOME": folder.path + "/config"])
    let configuration = try DiagnosisTests.circumstances().configuration
    let request = DesiredRequest(number: 1, configuration: configuration, arc: SupportedARC.newest)
    #expect(DesiredReport(request, paths: paths).inWork == [])
    for lock in ["installation.web", "everything"] {
      try await OperationLock(directory: paths.operations).withLock(lock, holder: .current("deskrun up")) {
        #expect(DesiredReport(request, paths: paths).inWork == ["web"])
      }
      #expect(DesiredReport(request, paths: paths).inWork == [])
    }
  }
}
