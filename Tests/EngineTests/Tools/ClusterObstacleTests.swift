import Basics
import Testing

@testable import Tools

/// The words for why a cluster is not known.
@Suite struct ClusterObstacleTests {
  @Test(arguments: [
    (
      #"pods is forbidden: User "u" cannot list resource "pods" in API group "" in the namespace "ci""#,
      "listing pods in ci"
    ),
    (
      #"x is forbidden: User "u" cannot watch resource "ephemeralrunners" in API group "a.b" at the cluster scope"#,
      "watching ephemeralrunners in all namespaces"
    ),
    (#"forbidden: User "u" cannot get path "/version""#, "reading /version"),
    (#"forbidden: User "u" cannot impersonate resource "users""#, nil), ("forbidden", nil),
  ])
  func `what the API server denies is read from its message`(message: String, words: String?) {
    #expect(Denial.words(message) == words)
  }

  @Test func `only a cluster that was asked and kept silent does not answer`() {
    let others: [ClusterObstacle] = [
      .forbidden(nil), .forbidden("listing pods in ci"), .credentials, .credentialProgram, .certificate, .address,
      .notReady, .context, .noKubeconfig("/k"), .kubeconfig,
    ]
    for obstacle in others {
      #expect(!obstacle.words.contains("answer") && !obstacle.clause("prod").contains("answer"))
      #expect(obstacle.clause("prod").contains("prod"))
    }
    #expect(ClusterObstacle.silent.clause("prod") == "prod does not answer")
    #expect(ClusterState.unreachable(EngineError(.failed, "kubectl get failed")).words == "does not answer")
  }
}
