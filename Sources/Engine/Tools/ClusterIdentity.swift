import Basics

/// What distinguishes a cluster from every other one: a context and a server's address may come to mean another cluster.
package struct ClusterIdentity: Sendable, Hashable {
  /// The uid of the namespace `kube-system`, which a cluster has from its creation to its end.
  package var uid: String
  /// The server's URL in the kubeconfig at that time; nil if the kubeconfig did not tell. Only for messages.
  package var server: String?

  package init(uid: String, server: String? = nil) { (self.uid, self.server) = (uid, server) }

  /// Whether both are one cluster, wherever its server is.
  package func isSame(as other: ClusterIdentity) -> Bool { uid == other.uid }

  package static let path = "/api/v1/namespaces/kube-system"
}

extension KubernetesAPI {
  /// The uid by which a cluster is recognized; nil if it may not be read. Then nothing can be compared.
  ///
  /// - Throws: `EngineError` if the cluster does not respond, `CancellationError`.
  package func clusterUID(timeout: Duration = .seconds(10)) async throws -> String? {
    do {
      let uid = try await json(ClusterIdentity.path, timeout: timeout)["metadata"]?["uid"]?.stringValue
      return uid?.isEmpty == false ? uid : nil
    } catch let error as EngineError where [.unauthorized, .notFound].contains(error.kind) { return nil }
  }
}
