/// Which cluster is meant.
package struct ClusterTarget: Sendable, Equatable {
  /// What stands behind the context.
  package enum Provider: Sendable, Equatable {
    /// A kind cluster of this name, which deskrun may create, start and delete.
    case kind(cluster: String)
    /// Somebody else's cluster: the kind steps do not apply.
    case existing
  }

  /// What stands behind the context.
  package var provider: Provider
  /// The kubeconfig context, always named in every call so that the user's current context never matters or changes.
  package var context: String
  /// The kubeconfig file, or nil for kubectl's own choice.
  package var kubeconfig: String?

  /// The namespace of everything deskrun installs.
  package static let namespace = "arc-systems"

  /// The kind cluster of this name, under kind's own context name.
  package static func kind(cluster: String, kubeconfig: String? = nil) -> ClusterTarget {
    ClusterTarget(provider: .kind(cluster: cluster), context: "kind-\(cluster)", kubeconfig: kubeconfig)
  }

  /// A cluster that exists already, by context.
  package static func existing(context: String, kubeconfig: String? = nil) -> ClusterTarget {
    ClusterTarget(provider: .existing, context: context, kubeconfig: kubeconfig)
  }

  /// The kind cluster's name, or nil on another cluster.
  package var kindCluster: String? {
    if case .kind(let cluster) = provider { cluster } else { nil }
  }
}
