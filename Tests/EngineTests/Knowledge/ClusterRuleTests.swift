import Testing

@testable import ARC
@testable import Basics
@testable import Installations
@testable import Knowledge
@testable import Tools

/// What is said of a cluster that is not reached.
@Suite struct ClusterRuleTests {
  private func rules(_ state: ClusterState) -> [FindingRule] {
    var known = Circumstances(now: 1)
    known.cluster = state
    return Diagnosis.cluster(known).map(\.rule)
  }

  @Test func `only a cluster that is known to be stopped is called that`() {
    #expect(rules(.stopped) == [.clusterStopped] && rules(.paused) == [.clusterStopped])
    let docker = EngineError(.unreachable, "Docker is not running")
    #expect(rules(.dockerUnavailable(docker)) == [.clusterStopped])
    let obstacles: [ClusterObstacle?] = [
      .silent, .forbidden(nil), .credentials, .credentialProgram, .noCredentials, .certificate, .address, .notReady,
      .kubeconfig, nil,
    ]
    for obstacle in obstacles {
      let error = EngineError(.unreachable, "The cluster prod does not answer", obstacle: obstacle)
      #expect(rules(.unreachable(error)) == [.clusterUnreachable])
    }
  }

  @Test func `a second context of the same cluster is not counted as elsewhere`() throws {
    var configuration = Configuration()
    func add(_ name: String, _ context: String, _ uid: String?) throws {
      var installation = try Installation(
        name: InstallationName(name), target: GitHubTarget("https://github.com/acme/web"),
        authentication: .token(.literal(Secret("t"))))
      installation.place = ClusterPlace(context: context)
      configuration.set(installation)
      if let uid { configuration.noteIdentity(of: installation.name, ClusterIdentity(uid: uid)) }
    }
    try add("web", "lab", "one")
    try add("api", "second", "one")
    try add("far", "prod", "two")
    try add("old", "former", nil)
    let here = configuration.on(.existing(context: "lab"))
    #expect(Doctor.others(here) == " here, 1 through another context of this cluster, 2 on other clusters")
    #expect(Doctor.others(Configuration()) == "")
  }
}
