import Kubernetes
import Tools

/// What is known about the cluster, and since when.
package struct ClusterObservation: Sendable, Equatable {
  package var cluster: ClusterState
  /// The cluster's contents; nil if they were never read.
  package var snapshot: Snapshot?
  /// When the cluster last responded, in seconds since 1970.
  package var heardAt: Int64?
  /// The time of the next attempt, in seconds since 1970, while it does not respond.
  package var nextTry: Int64?
  /// The most severe reason why watches do not report changes although the cluster responds.
  package var trouble: WatchTrouble?
  /// The last time at which the data was known to be current, in seconds since 1970; nil if it is current now, apart
  /// from the minute and a half after which a silent watch is checked.
  package var staleSince: Int64?
  /// The uid that identifies the cluster (`ClusterIdentity`); nil if unknown.
  package var uid: String?
  /// Whether it has not responded for some seconds but is not yet considered unreachable: the data is old.
  package var isSilent = false

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
