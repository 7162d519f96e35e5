/// The cluster to work on.
package struct ClusterTarget: Sendable, Equatable {
  /// What kind of cluster the context refers to.
  package enum Provider: Sendable, Equatable {
    /// A kind cluster with this name, which deskrun may create, start and delete.
    case kind(cluster: String)
    /// A cluster that deskrun does not manage: steps with kind do not apply.
    case existing
  }

  /// What kind of cluster the context refers to.
  package var provider: Provider
  /// The kubeconfig context, named in every call so that the user's current context never matters or changes.
  package var context: String
  /// The kubeconfig file, or nil for kubectl's default.
  package var kubeconfig: String?

  /// The namespace for everything that deskrun installs.
  package static let namespace = "arc-systems"

  /// The kind cluster with this name, with the context name that kind uses.
  package static func kind(cluster: String, kubeconfig: String? = nil) -> ClusterTarget {
    ClusterTarget(provider: .kind(cluster: cluster), context: "kind-\(cluster)", kubeconfig: kubeconfig)
  }

  /// An existing cluster, by context.
  package static func existing(context: String, kubeconfig: String? = nil) -> ClusterTarget {
    ClusterTarget(provider: .existing, context: context, kubeconfig: kubeconfig)
  }

  /// The kind cluster's name, or nil for any other cluster.
  package var kindCluster: String? {
    if case .kind(let cluster) = provider { cluster } else { nil }
  }
}
