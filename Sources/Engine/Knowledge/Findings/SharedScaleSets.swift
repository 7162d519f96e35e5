import ARC
import Installations

/// Scale sets that several clusters have under one name: a name is unique within a runner group of GitHub, so their
/// listeners take the session from each other. Seen by whoever looks at several clusters.
package enum SharedScaleSets {
  /// What is told of one of two scale sets that share a name.
  package struct Conflict: Sendable, Equatable {
    /// The place of the cluster it is told of.
    package var cluster: Int
    /// The place of a cluster that has the other.
    package var other: Int
    package var finding: Finding
  }

  /// What makes two scale sets one for GitHub.
  private struct Identity: Hashable {
    var name: String
    var url: String
    var group: String

    init(_ set: ScaleSet) {
      name = set.metadata.name.lowercased()
      url = set.githubURL.lowercased()
      while url.hasSuffix("/") { url.removeLast() }
      group = set.group?.lowercased() ?? "default"
    }
  }

  /// Compares clusters.
  ///
  /// - Parameter clusters: each with what it is called, and its installations.
  /// - Returns: for each scale set that another cluster has too, one conflict.
  package static func conflicts(_ clusters: [(name: String, statuses: [InstallationStatus])]) -> [Conflict] {
    guard clusters.count > 1 else { return [] }
    var places: [Identity: [(cluster: Int, status: InstallationStatus, set: ScaleSet)]] = [:]
    for (at, cluster) in clusters.enumerated() {
      for status in cluster.statuses where !status.isTerminating {
        for set in status.scaleSets where !set.githubURL.isEmpty {
          places[Identity(set), default: []].append((at, status, set))
        }
      }
    }
    return places.values.filter { Set($0.map(\.cluster)).count > 1 }.flatMap { sharing in
      sharing.compactMap { own -> Conflict? in
        let others = sharing.filter { $0.cluster != own.cluster }
        guard let first = others.first else { return nil }
        return Conflict(
          cluster: own.cluster, other: first.cluster,
          finding: finding(
            own.status, own.set, here: clusters[own.cluster].name, others.map { clusters[$0.cluster].name }))
      }
    }.sorted { ($0.cluster, $0.finding.title) < ($1.cluster, $1.finding.title) }
  }

  private static func finding(
    _ status: InstallationStatus, _ set: ScaleSet, here: String, _ others: [String]
  ) -> Finding {
    let (name, there) = (set.metadata.name, others.joined(separator: ", "))
    let isRepository: Bool =
      if let target = try? GitHubTarget(set.githubURL), case .repository = target.scope { true } else { false }
    let other = "Use another name on one of the clusters: remove it there and add it again under the other name"
    let group =
      "To keep the name, give one of them another runner group (`deskrun edit \(status.name) --runner-group GROUP`): "
      + "jobs of `runs-on: \(name)` then go to whichever has a free runner"
    return Finding(
      .listenerConflict, status.name, .bad,
      "\(status.name): the cluster \(there) has a scale set \(name) for the same GitHub URL",
      evidence: [
        "\(here) and \(there): scale set \(name), \(set.githubURL), runner group \(set.group ?? "default")",
        "GitHub gives a name one session: a listener is refused (409) while the other has it",
      ], remedy: isRepository ? other : "\(other). \(group)")
  }

  /// The findings of a cluster with what is told of its scale sets: where a listener has heard of the conflict already,
  /// the one that names the other cluster takes its place and keeps what was heard.
  package static func joined(_ findings: [Finding], _ conflicts: [Finding]) -> [Finding] {
    guard !conflicts.isEmpty else { return findings }
    let known = Dictionary(findings.map { ($0.id, $0) }, uniquingKeysWith: { first, _ in first })
    let told = conflicts.map { conflict in
      var conflict = conflict
      conflict.evidence += known[conflict.id]?.evidence ?? []
      return conflict
    }
    let ids = Set(told.map(\.id))
    let rest = findings.filter { !ids.contains($0.id) }
    return rest.filter { $0.severity == .bad } + told + rest.filter { $0.severity != .bad }
  }
}

extension Finding {
  /// Whether it is about this computer or its configuration file, which all clusters share.
  package var isOfComputer: Bool {
    switch rule {
    case .toolsMissing, .inotify, .disk, .cachePlace: true
    case .notConfigured: installation == nil
    default: false
    }
  }
}
