import ARC
import Installations
import Tools

/// Clusters that are one: two contexts, or two kubeconfig files, can lead to the same one. What it has is shown once,
/// with the context that an installation is configured on.
package struct OneCluster: Sendable, Equatable {
  /// For each cluster the place of the first that is the same one; nil for a cluster that is not shown before.
  package private(set) var same: [Int?]
  /// For each cluster, by `InstallationStatus.name`, what another of the same ones shows.
  package private(set) var hidden: [Set<String>]

  /// What is known of a cluster.
  package struct Known: Sendable {
    /// The uid of the namespace `kube-system`; nil where it is not known.
    var uid: String?
    var statuses: [InstallationStatus]

    package init(uid: String?, statuses: [InstallationStatus]) { (self.uid, self.statuses) = (uid, statuses) }

    /// The uids of its scale sets: objects with the same one are one object.
    fileprivate var sets: Set<String> {
      statuses.reduce(into: []) { all, status in
        for set in status.scaleSets where !set.metadata.uid.isEmpty { all.insert(set.metadata.uid) }
      }
    }
  }

  /// - Parameters:
  ///   - clusters: in the order they are shown in; nil for one of which nothing is known.
  ///   - failing: those whose context fails. What another context shows is not shown with theirs, whose data is old.
  package init(_ clusters: [Known?], failing: FailingContexts = FailingContexts()) {
    let replaced = clusters.indices.map(failing.isReplaced)
    let names = clusters.map { Set($0?.statuses.map(\.name) ?? []) }
    let clusters = zip(clusters, replaced).map { $1 ? nil : $0 }
    same = clusters.map { _ in nil }
    hidden = clusters.map { _ in [] }
    guard clusters.count > 1 else { return }
    join(clusters)
    for at in clusters.indices where replaced[at] { (same[at], hidden[at]) = (failing.shownBy[at], names[at]) }
  }

  private mutating func join(_ clusters: [Known?]) {
    let sets = clusters.map { $0?.sets ?? [] }
    for at in clusters.indices.dropFirst() {
      same[at] = (0..<at).first { first in
        if let one = clusters[first]?.uid, let two = clusters[at]?.uid { return one == two }
        return !sets[first].isDisjoint(with: sets[at])
      }
    }
    for at in clusters.indices {
      guard let first = same[at] else { continue }
      let group = (first..<at).filter { $0 == first || same[$0] == first }
      for other in group { hide(clusters, at, other) }
    }
  }

  /// Hides of two places of one cluster what both show: where it is configured it stays, otherwise in the first place.
  private mutating func hide(_ clusters: [Known?], _ at: Int, _ first: Int) {
    guard let here = clusters[at]?.statuses, let there = clusters[first]?.statuses else { return }
    for status in here {
      let uids = Set(status.scaleSets.map(\.metadata.uid)).subtracting([""])
      guard !uids.isEmpty,
        let other = there.first(where: { $0.scaleSets.contains { uids.contains($0.metadata.uid) } })
      else { continue }
      if status.installation != nil, other.installation == nil {
        hidden[first].insert(other.name)
      } else {
        hidden[at].insert(status.name)
      }
    }
  }
}

extension JobRecord {
  /// The running jobs of several clusters. A job that two contexts of one cluster report is listed once: names of
  /// runners are random, so the same one in the same scale set is the same runner.
  ///
  /// - Parameters:
  ///   - jobs: the jobs of each cluster.
  ///   - isConfigured: whether the installation of a job is configured on the cluster with this index.
  package static func joined(
    _ jobs: [[JobRecord]], isConfigured: (_ cluster: Int, _ job: JobRecord) -> Bool
  ) -> [JobRecord] {
    var all: [JobRecord] = []
    var places: [[String]: Int] = [:]
    for (cluster, jobs) in jobs.enumerated() {
      for job in jobs {
        if let known = places[[job.scaleSet, job.runner]] {
          if isConfigured(cluster, job) { all[known] = job }
        } else {
          places[[job.scaleSet, job.runner]] = all.count
          all.append(job)
        }
      }
    }
    return all
  }
}
