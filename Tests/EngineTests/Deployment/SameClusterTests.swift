import Testing

@testable import Deployment
@testable import Installations
@testable import Tools

/// Two contexts that lead to one cluster, in the list of clusters.
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
}
