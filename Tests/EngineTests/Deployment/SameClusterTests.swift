import TestSupport
import Testing

@testable import Basics
@testable import Deployment
@testable import Installations
@testable import Knowledge
@testable import Tools

/// Two contexts that lead to one cluster.
@Suite struct SameClusterTests {
  @Test func `a list of clusters counts runners once`() throws {
    func summary(_ context: String, _ uid: String?) -> ClusterSummary {
      var summary = ClusterSummary(
        target: .existing(context: context), server: nil, state: .ready(version: "v1.36.1"), installations: 1)
      (summary.runners, summary.busy) = (4, 2)
      summary.identity = uid.map { ClusterIdentity(uid: $0) }
      return summary
    }
    var clusters = [summary("a", "one"), summary("b", "one"), summary("c", "two"), summary("d", nil)]
    ClusterSummary.join(&clusters, \.context)
    #expect(clusters.map(\.sameAs) == [nil, "a", nil, nil])
    #expect(clusters.map(\.runners) == [4, nil, 4, 4])
    #expect(clusters[1].reason?.contains("the same cluster as a") == true)
  }

  @Test func `through its second context an installation is not taken for a second copy`() async throws {
    let home = try PlanTests()
    home.cluster.with { state in
      (state.node, state.uid) = ("running", "one")
      state.contexts.formUnion(["lab-a", "lab-b"])
    }
    let a = try home.deskrun(.existing(context: "lab-a"))
    try await home.run(try await a.planAdd(PlanTests.installation("web-ci")), a)
    let b = try home.deskrun(.existing(context: "lab-b"))
    #expect(try await b.planUp().warnings.filter { $0.contains("runs here too") } == [])
    func remedies() async throws -> [String] {
      var look = ClusterLook(toolbox: b.toolbox, paths: try Paths(environment: home.environment))
      try await look.look(try home.store.load(), watches: false)
      return look.knowledge.findings.filter { $0.installation == "web-ci" }.map(\.remedy)
    }
    #expect(try await remedies().filter { $0.contains("uninstall") } == [])
    // Another cluster with a copy of its own is one.
    home.cluster.with { $0.uid = "two" }
    #expect(try await remedies().contains { $0.contains("helm uninstall web-ci") })
    #expect(try await b.planUp().warnings.contains { $0.contains("runs here too") })
  }

  @Test func `a context that fails is the same cluster as one that answers with the stored identity`() {
    func summary(_ context: String, _ state: ClusterState, kept: String?, _ uid: String?) -> ClusterSummary {
      var summary = ClusterSummary(target: .existing(context: context), server: nil, state: state, installations: 1)
      (summary.keptUID, summary.identity) = (kept, uid.map { ClusterIdentity(uid: $0) })
      return summary
    }
    let silent = ClusterState.unreachable(EngineError(.unreachable, "The cluster does not answer"))
    var clusters = [
      summary("a", silent, kept: "one", nil), summary("b", .ready(version: "v1.36.1"), kept: nil, "one"),
      summary("c", silent, kept: nil, nil), summary("d", silent, kept: "two", nil),
    ]
    ClusterSummary.join(&clusters, \.context)
    #expect(clusters.map(\.sameAs) == ["b", nil, nil, nil])
    #expect(clusters[0].reason?.contains("the same cluster as b, which answers") == true)
    // The installation is counted where it is shown.
    #expect(clusters.map(\.installations) == [0, 2, 1, 1])
    #expect(clusters[0].reason?.contains("counted there") == true)
    // So is that of a context that means another cluster now.
    var moved = [
      summary("a", .ready(version: "v1.36.1"), kept: "one", "two"),
      summary("b", .ready(version: "v1.36.1"), kept: "one", "one"),
    ]
    ClusterSummary.join(&moved, \.context)
    #expect(moved.map(\.installations) == [0, 2] && moved[0].countedAt == "b" && moved[0].sameAs == nil)
  }

  @Test func `a configuration read through another context is written with its own`() throws {
    let home = try PlanTests()
    let (lab, second) = (ClusterTarget.existing(context: "lab"), ClusterTarget.existing(context: "second"))
    var installation = try PlanTests.installation("web-ci")
    installation.place = ClusterPlace(context: "lab")
    var store = try home.store
    try store.prepareFolder()
    var configuration = Configuration()
    configuration.set(installation)
    configuration.standIns = [StandIn(second, for: lab)]
    #expect(configuration.on(second).installations.map(\.name) == [installation.name])
    #expect(configuration.on(lab).installations.isEmpty)
    #expect(configuration.place(on: second) == installation.place)
    #expect(configuration.target(named: "web-ci") == second)
    // A kind cluster remains one: its values differ from those of other clusters.
    #expect(StandIn(second, for: .kind(cluster: "deskrun")).used.kindCluster == "deskrun")
    #expect(StandIn(.kind(cluster: "deskrun"), for: lab).used.kindCluster == nil)
    store.standIns = configuration.standIns
    #expect(try store.load().standIns == configuration.standIns)
  }
}
