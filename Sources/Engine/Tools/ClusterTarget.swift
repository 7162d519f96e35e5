/// Which cluster is meant.
public struct ClusterTarget: Sendable, Equatable {
  /// What stands behind the context.
  public enum Provider: Sendable, Equatable {
    /// A kind cluster of this name, which deskrun may create, start and delete.
    case kind(cluster: String)
    /// Somebody else's cluster: the kind steps do not apply.
    case existing
  }

  /// What stands behind the context.
  public var provider: Provider
  /// The kubeconfig context, always named in every call so that the user's current context never matters or changes.
  public var context: String
  /// The kubeconfig file, or nil for kubectl's own choice.
  public var kubeconfig: String?

  /// The namespace of everything deskrun installs.
  public static let namespace = "arc-systems"

  /// The kind cluster of this name, under kind's own context name.
  public static func kind(cluster: String, kubeconfig: String? = nil) -> ClusterTarget {
    ClusterTarget(provider: .kind(cluster: cluster), context: "kind-\(cluster)", kubeconfig: kubeconfig)
  }

  /// A cluster that exists already, by context.
  public static func existing(context: String, kubeconfig: String? = nil) -> ClusterTarget {
    ClusterTarget(provider: .existing, context: context, kubeconfig: kubeconfig)
  }

  /// The kind cluster's name, or nil on another cluster.
  public var kindCluster: String? {
    if case .kind(let cluster) = provider { cluster } else { nil }
  }
}
