import Kubernetes
import Tools

/// What is known of the cluster, and since when.
package struct ClusterObservation: Sendable, Equatable {
  /// How the cluster is.
  package var cluster: ClusterState
  /// What is in it, as far as it was ever told; older than `heardAt` it never is.
  package var snapshot: Snapshot?
  /// When the cluster was last heard of, in seconds since 1970.
  package var heardAt: Int64?
  /// When it is tried again, in seconds since 1970, while it does not answer.
  package var nextTry: Int64?
  /// What keeps watches from telling what changes while the cluster answers, the worst of it.
  package var trouble: WatchTrouble?
  /// When what is known was last known to be current, in seconds since 1970; nil while that is now, give or take the
  /// minute and a half in which a watch that is silent has to prove itself.
  package var staleSince: Int64?
  /// The uid by which the cluster is recognized (`ClusterIdentity`); nil when it is not known.
  package var uid: String?
  /// Whether it has not answered for some seconds, and was not given up yet: what is known is old.
  package var isSilent = false

  /// Describes what is known.
  package init(
    cluster: ClusterState, snapshot: Snapshot? = nil, heardAt: Int64? = nil, nextTry: Int64? = nil,
    trouble: WatchTrouble? = nil, staleSince: Int64? = nil, uid: String? = nil
  ) {
    self.cluster = cluster
    self.uid = uid
    self.snapshot = snapshot
    self.heardAt = heardAt
    self.nextTry = nextTry
    self.trouble = trouble
    self.staleSince = staleSince
  }
}
