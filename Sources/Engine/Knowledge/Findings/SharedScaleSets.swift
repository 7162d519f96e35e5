import ARC
import Basics
import Installations

/// Scale sets of the same name in several clusters, or in several namespaces of one. A name is unique within a runner
/// group of GitHub, so their listeners take the session from each other.
package enum SharedScaleSets {
  /// A finding about one of two scale sets that share a name.
  package struct Conflict: Sendable, Equatable {
    /// The index of the cluster that the finding is about.
    package var cluster: Int
    /// The index of a cluster with the other scale set.
    package var other: Int
    /// The other one's name there: `InstallationStatus.name`.
    package var otherName: String
    package var finding: Finding

    /// Whether another of these says the same of the same cluster.
    package func isTold(in others: [Conflict]) -> Bool {
      others.contains { $0.cluster == cluster && $0.finding.id == finding.id }
    }
  }

  /// The properties by which GitHub identifies a scale set.
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

  /// A scale set whose name is shared.
  private struct Sharing {
    /// The index of its cluster.
    var cluster: Int
    /// The name of its cluster; nil if all are on one.
    var context: String?
    var status: InstallationStatus
    var set: ScaleSet

    /// Whether both are the same object, seen through two contexts for the same cluster.
    func isSame(as other: Sharing) -> Bool { !set.metadata.uid.isEmpty && set.metadata.uid == other.set.metadata.uid }

    /// The instruction for renaming it.
    var renaming: String {
      let place = context.map { " on \($0)" } ?? ""
      let name = SafeText.line(set.id)
      return switch status.manager {
      case nil: "remove \(status.name)\(place) and add it again under the other name"
      case .unknown?: "rename \(name)\(place) with the tool that deployed it"
      case .some(let manager): "rename \(name)\(place), which \(manager.words) deployed"
      }
    }

    /// Its description as evidence.
    var fact: String {
      "\(context.map { "\($0): " } ?? "")scale set \(set.id), \(set.githubURL), runner group \(set.group ?? "default"), "
        + "deployed by \(status.manager.map(\.words) ?? "this deskrun")"
    }
  }

  /// Compares clusters.
  ///
  /// - Parameter clusters: for each its name and its installations.
  /// - Returns: one conflict for each installation, and each scale set of other owners, that another cluster also has.
  package static func conflicts(_ clusters: [(name: String, statuses: [InstallationStatus])]) -> [Conflict] {
    guard clusters.count > 1 else { return [] }
    return conflicts(
      clusters.map { ($0.name, $0.statuses) }, areApart: { $0.cluster != $1.cluster && !$0.isSame(as: $1) }
    ) {
      own, others in
      let there = others.compactMap(\.context).joined(separator: ", ")
      return (
        "the cluster \(there) has a scale set \(others[0].set.id) for the same GitHub URL",
        "Use another name on one of the clusters"
      )
    }
  }

  /// One finding for each installation of a cluster, and each scale set of other owners, whose name another namespace
  /// also has.
  package static func within(_ statuses: [InstallationStatus]) -> [Finding] {
    conflicts([(nil, statuses)], areApart: { $0.set.metadata.namespace != $1.set.metadata.namespace }) { _, others in
      let there = Set(others.map { SafeText.line($0.set.metadata.namespace) }).sorted().joined(separator: ", ")
      return (
        "the namespace \(there) has a scale set of that name for the same GitHub URL",
        "Use another name for one of them"
      )
    }.map(\.finding)
  }

  /// - Parameters:
  ///   - areApart: whether two scale sets that are the same for GitHub are in different places.
  ///   - words: the rest of the title and the start of the remedy, for one scale set and the others of its name.
  private static func conflicts(
    _ clusters: [(name: String?, statuses: [InstallationStatus])], areApart: (Sharing, Sharing) -> Bool,
    words: (Sharing, [Sharing]) -> (title: String, remedy: String)
  ) -> [Conflict] {
    var places: [Identity: [Sharing]] = [:]
    for (at, cluster) in clusters.enumerated() {
      for status in cluster.statuses where !status.isTerminating {
        for set in status.scaleSets where !set.githubURL.isEmpty {
          let sharing = Sharing(cluster: at, context: cluster.name, status: status, set: set)
          places[Identity(set), default: []].append(sharing)
        }
      }
    }
    let found = places.values.filter { $0.count > 1 }.flatMap { sharing in
      sharing.compactMap { own -> Conflict? in
        let others = sharing.filter { areApart($0, own) }
        guard let first = others.first else { return nil }
        return Conflict(
          cluster: own.cluster, other: first.cluster, otherName: first.status.name,
          finding: finding(own, others, words(own, others)))
      }
    }.sorted { ($0.cluster, $0.finding.title) < ($1.cluster, $1.finding.title) }
    return merged(found)
  }

  /// Merges the conflicts of an installation: with several instances, each of its scale sets conflicts with one of the
  /// other place.
  private static func merged(_ conflicts: [Conflict]) -> [Conflict] {
    conflicts.reduce(into: []) { merged, next in
      guard let at = merged.firstIndex(where: { $0.cluster == next.cluster && $0.finding.id == next.finding.id }) else {
        return merged.append(next)
      }
      merged[at].finding.evidence += next.finding.evidence.filter { !merged[at].finding.evidence.contains($0) }
    }
  }

  private static func finding(
    _ own: Sharing, _ others: [Sharing], _ words: (title: String, remedy: String)
  ) -> Finding {
    var finding = Finding(
      .listenerConflict, own.status.name, .bad, "\(own.status.name): \(words.title)",
      evidence: ([own] + others).map(\.fact) + [
        "GitHub gives a name one session: a listener is refused (409) while the other has it"
      ],
      remedy: "\(words.remedy): \(own.renaming), or \(others[0].renaming)"
        + keepingTheName(of: own.set, [own.status, others[0].status]))
    finding.isForeign = own.status.isForeign
    return finding
  }

  /// The addition to the remedy for scale sets that can keep their name; empty for a repository, which has only one
  /// runner group.
  private static func keepingTheName(of set: ScaleSet, _ statuses: [InstallationStatus]) -> String {
    if let target = try? GitHubTarget(set.githubURL), case .repository = target.scope { return "" }
    // deskrun only changes its own scale sets.
    let command = statuses.first { $0.manager == nil }.map { " (`deskrun edit \($0.name) --runner-group GROUP`)" }
    return ". To keep the name, give one of them another runner group\(command ?? ""): "
      + "jobs of `runs-on: \(set.metadata.name)` then go to whichever has a free runner"
  }

  /// Adds conflicts to a cluster's findings. If a listener has already reported a conflict, the finding that names the
  /// other cluster replaces it and keeps its evidence.
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
