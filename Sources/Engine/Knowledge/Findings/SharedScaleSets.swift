import ARC
import Basics
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
    /// What that is called there: `InstallationStatus.name`.
    package var otherName: String
    package var finding: Finding
  }

  /// What makes two scale sets one for GitHub.
  struct Identity: Hashable {
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

  /// A scale set on one of the clusters.
  private struct Sharing {
    /// The place of the cluster.
    var cluster: Int
    /// What the cluster is called.
    var context: String
    var status: InstallationStatus
    var set: ScaleSet

    /// Whether both are one object, which two contexts for one cluster show.
    func isSame(as other: Sharing) -> Bool { !set.metadata.uid.isEmpty && set.metadata.uid == other.set.metadata.uid }

    /// How to rename it, for whoever reads this.
    var renaming: String {
      switch status.manager {
      case nil: "remove \(status.name) on \(context) and add it again under the other name"
      case .unknown?: "rename \(SafeText.line(set.id)) on \(context) with the tool that deployed it"
      case .some(let manager): "rename \(SafeText.line(set.id)) on \(context), which \(manager.words) deployed"
      }
    }
  }

  /// Compares clusters.
  ///
  /// - Parameter clusters: each with what it is called, and its installations.
  /// - Returns: for each installation, and each scale set of others, that another cluster has too, one conflict.
  package static func conflicts(_ clusters: [(name: String, statuses: [InstallationStatus])]) -> [Conflict] {
    guard clusters.count > 1 else { return [] }
    var places: [Identity: [Sharing]] = [:]
    for (at, cluster) in clusters.enumerated() {
      for status in cluster.statuses where !status.isTerminating {
        for set in status.scaleSets where !set.githubURL.isEmpty {
          let sharing = Sharing(cluster: at, context: cluster.name, status: status, set: set)
          places[Identity(set), default: []].append(sharing)
        }
      }
    }
    let found = places.values.filter { Set($0.map(\.cluster)).count > 1 }.flatMap { sharing in
      sharing.compactMap { own -> Conflict? in
        let others = sharing.filter { $0.cluster != own.cluster && !$0.isSame(as: own) }
        guard let first = others.first else { return nil }
        return Conflict(
          cluster: own.cluster, other: first.cluster, otherName: first.status.name,
          finding: finding(own, others, first))
      }
    }.sorted { ($0.cluster, $0.finding.title) < ($1.cluster, $1.finding.title) }
    return merged(found)
  }

  /// One for each installation: with several instances its scale sets all meet those of the other cluster.
  private static func merged(_ conflicts: [Conflict]) -> [Conflict] {
    conflicts.reduce(into: []) { merged, next in
      guard let at = merged.firstIndex(where: { $0.cluster == next.cluster && $0.finding.id == next.finding.id }) else {
        return merged.append(next)
      }
      merged[at].finding.evidence += next.finding.evidence.filter { !merged[at].finding.evidence.contains($0) }
    }
  }

  private static func finding(_ own: Sharing, _ others: [Sharing], _ first: Sharing) -> Finding {
    let there = others.map(\.context).joined(separator: ", ")
    var finding = Finding(
      .listenerConflict, own.status.name, .bad,
      "\(own.status.name): the cluster \(there) has a scale set \(first.set.id) for the same GitHub URL",
      evidence: ([own] + others).map {
        "\($0.context): scale set \($0.set.id), \($0.set.githubURL), runner group \($0.set.group ?? "default"), "
          + "deployed by \($0.status.manager.map(\.words) ?? "this deskrun")"
      } + [oneSession],
      remedy: "Use another name on one of the clusters: \(own.renaming), or \(first.renaming)"
        + keepingTheName(of: own.set, [own.status, first.status]))
    finding.isForeign = own.status.isForeign
    return finding
  }

  static let oneSession = "GitHub gives a name one session: a listener is refused (409) while the other has it"

  /// What the remedy adds for scale sets that can keep their common name; empty for a repository, which has a single
  /// runner group.
  static func keepingTheName(of set: ScaleSet, _ statuses: [InstallationStatus]) -> String {
    if let target = try? GitHubTarget(set.githubURL), case .repository = target.scope { return "" }
    // deskrun only changes its own.
    let command = statuses.first { $0.manager == nil }.map { " (`deskrun edit \($0.name) --runner-group GROUP`)" }
    return ". To keep the name, give one of them another runner group\(command ?? ""): "
      + "jobs of `runs-on: \(set.metadata.name)` then go to whichever has a free runner"
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
    return Diagnosis.ordered(rest.filter { $0.severity == .bad } + told + rest.filter { $0.severity != .bad })
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
