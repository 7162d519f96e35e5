import Basics

/// Distinguishes a cluster from all others: a context or a server's address may be reused for another cluster.
package struct ClusterIdentity: Sendable, Hashable {
  /// The uid of the namespace `kube-system`, which exists for the whole life of a cluster.
  package var uid: String
  /// The server URL in the kubeconfig at that time; nil if it did not contain one. Only for messages.
  package var server: String?

  package init(uid: String, server: String? = nil) { (self.uid, self.server) = (uid, server) }

  /// Whether both are the same cluster, even at another address.
  package func isSame(as other: ClusterIdentity) -> Bool { uid == other.uid }

  package static let path = "/api/v1/namespaces/kube-system"
}

extension KubernetesAPI {
  /// The uid that identifies the cluster; nil if it may not be read.
  ///
  /// - Throws: `EngineError` if the cluster does not respond, `CancellationError`.
  package func clusterUID(timeout: Duration = .seconds(10)) async throws -> String? {
    do {
      let uid = try await json(ClusterIdentity.path, timeout: timeout)["metadata"]?["uid"]?.stringValue
      return uid?.isEmpty == false ? uid : nil
    } catch let error as EngineError where [.unauthorized, .notFound].contains(error.kind) { return nil }
  }
}
