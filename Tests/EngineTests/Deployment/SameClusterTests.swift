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
}
