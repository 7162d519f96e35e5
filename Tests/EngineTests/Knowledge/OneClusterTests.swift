import Testing

@testable import ARC
@testable import Basics
@testable import Installations
@testable import Knowledge
@testable import Kubernetes
@testable import Tools

/// Two contexts that lead to one cluster.
@Suite struct OneClusterTests {
  private let url = "https://github.com/acme/web"

  private func set(_ name: String, uid: String) -> ScaleSet {
    ScaleSet([
      "metadata": [
        "name": .string(name), "namespace": "arc-systems", "uid": .string(uid),
        "labels": ["deskrun/installation": .string(name)],
      ], "spec": ["githubConfigUrl": .string(url)],
    ])
  }

  private func known(_ names: [String], configured: [String] = [], uid: String? = nil, prefix: String = "set") throws
    -> OneCluster.Known
  {
    let snapshot = Snapshot(
      takenAt: 0, controller: nil, scaleSets: names.map { set($0, uid: "\(prefix)-\($0)") }, runners: [], pods: [])
    let installations = try configured.map {
      try Installation(
        name: InstallationName($0), target: GitHubTarget(url), mode: .dind,
        runners: RunnerCounts(minimum: 0, maximum: 1), authentication: .token(.environment("TOKEN")))
    }
    return OneCluster.Known(uid: uid, statuses: InstallationStatus.joined(installations, snapshot))
  }

  @Test func `a running job that both report is listed once, where its installation is configured`() {
    func job(_ runner: String, _ context: String) -> JobRecord {
      var job = JobRecord(runner: runner, scaleSet: "arc-runners/web", job: Job(), result: .running)
      job.place = ClusterPlace(context: context)
      return job
    }
    let jobs = [[job("a", "one"), job("b", "one")], [job("b", "two"), job("c", "two")]]
    func contexts(configuredOn cluster: Int?) -> [String?] {
      JobRecord.joined(jobs) { at, _ in at == cluster }.map(\.place?.context)
    }
    #expect(JobRecord.joined(jobs) { _, _ in false }.map(\.runner) == ["a", "b", "c"])
    #expect(contexts(configuredOn: nil) == ["one", "one", "two"])
    #expect(contexts(configuredOn: 1) == ["one", "two", "two"])
  }

  @Test func `an event of both is listed once`() {
    func event(_ uid: String) -> KubeEvent { KubeEvent(["metadata": ["uid": .string(uid), "name": "a"]]) }
    let shown = KubeEvent.once([[event("1"), event("2")], [event("2"), event("3")], []])
    #expect(shown.map { $0.map(\.uid) } == [["1", "2"], ["3"], []])
  }

  @Test func `what both show stays where it is configured, and everything else with the first`() throws {
    let names = ["web-ci", "api-ci", "others"]
    let one = OneCluster([
      try known(names, configured: ["web-ci"]), try known(names, configured: ["api-ci"]),
    ])
    #expect(one.same == [nil, 0])
    #expect(one.hidden == [["api-ci"], ["web-ci", "others"]])
  }

  @Test func `of three each is shown once`() throws {
    let one = OneCluster([
      try known(["a", "b"]), nil, try known(["a", "b"]), try known(["a", "b"], configured: ["b"]),
    ])
    #expect(one.same == [nil, nil, 0, 0])
    #expect(one.hidden == [["b"], [], ["a", "b"], ["a"]])
  }

  @Test func `the uid of the cluster decides where it is known, and other clusters stay apart`() throws {
    let names = ["web-ci"]
    #expect(OneCluster([try known(names, uid: "x"), try known(names, uid: "y", prefix: "other")]).same == [nil, nil])
    #expect(OneCluster([try known([], uid: "x"), try known(names, uid: "x")]).same == [nil, 0])
    let apart = OneCluster([try known(names), try known(names, prefix: "other")])
    #expect(apart.same == [nil, nil] && apart.hidden == [[], []])
  }

  @Test(
    arguments: [
      ("/home/me/a.yaml", ["/home/me/b.yaml"], "lab (a.yaml)"), ("/x/config", ["/y/config"], "lab (x/config)"),
      ("/x/config", [nil], "lab (config)"), ("/x/config", [], "lab"), (nil, ["/x/config"], "lab"),
    ] as [(String?, [String?], String)])
  func `contexts of one name are told apart by the file`(own: String?, others: [String?], label: String) {
    let target = ClusterTarget.existing(context: "lab", kubeconfig: own)
    let all =
      [target, .existing(context: "prod", kubeconfig: "/z")]
      + others.map { .existing(context: "lab", kubeconfig: $0) }
    #expect(target.label(among: all) == label)
  }
}
