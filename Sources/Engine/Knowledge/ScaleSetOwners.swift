import ARC
import Basics
import Installations
import Kubernetes
import Tools

/// The owners of the scale sets in the cluster: the only place that joins configuration and cluster.
///
/// A Helm release can give its scale set another name, so the release that deployed it determines the installation. All
/// names are `ScaleSetID`s: another namespace may contain a scale set with the same name, which never belongs to an
/// installation.
package struct ScaleSetOwners: Sendable {
  private let installations: [Installation]
  private let sets: [ScaleSet]
  /// The mark of each release in the configuration.
  private let owners: [String: String]

  /// - Parameter sets: the scale sets in all namespaces.
  package init(_ installations: [Installation], _ sets: [ScaleSet]) {
    (self.installations, self.sets) = (installations, sets)
    owners = Dictionary(
      installations.flatMap { owner in owner.scaleSets.map { (Self.id(of: $0, owner), owner.name.plain) } },
      uniquingKeysWith: { $1 })
  }

  /// The id of an installation's scale set, in the namespace that the installation is deployed to.
  private static func id(of spec: ScaleSetSpec, _ installation: Installation) -> String {
    ScaleSetID.text(spec.name, in: installation.namespace)
  }

  /// The id of a scale set according to the configuration.
  private func configuredID(_ set: ScaleSet) -> String {
    let own = ScaleSetID.text(set.ownRelease, in: set.metadata.namespace)
    guard let owner = owners[own], set.mark ?? owner == owner else { return set.id }
    return own
  }

  /// The deployed scale sets of an installation.
  package func sets(of installation: Installation) -> [ScaleSet] {
    let wanted = Set(installation.scaleSets.map { Self.id(of: $0, installation) })
    return sets.filter { wanted.contains(configuredID($0)) }
  }

  /// The ids for finding runners, listeners, jobs and events of an installation: its scale sets in the cluster, and
  /// those in the configuration unless another installation's scale set has the id.
  package func names(of installation: Installation) -> Set<String> {
    let mine = Set(self.sets(of: installation).map(\.id))
    let others = Set(sets.map(\.id)).subtracting(mine)
    return mine.union(installation.scaleSets.map { Self.id(of: $0, installation) }).subtracting(others)
  }

  /// The installation that a scale set belongs to; nil if none in the configuration.
  package func installation(ofScaleSet id: String) -> Installation? {
    installations.first { names(of: $0).contains(id) }
  }

  /// The GitHub host of a scale set; nil if unknown.
  package func host(ofScaleSet id: String) -> String? {
    if let installation = installation(ofScaleSet: id) { return installation.target.host }
    return sets.first { $0.id == id }?.githubHost
  }

  /// All scale sets in the cluster or in the configuration.
  package var allNames: Set<String> {
    Set(sets.map(\.id)).union(owners.keys)
  }

  /// The scale sets that belong to no installation in the configuration.
  package var unconfigured: [ScaleSet] {
    let known = installations.reduce(into: Set<String>()) { $0.formUnion(names(of: $1)) }
    return sets.filter { !known.contains($0.id) }.sorted { $0.id < $1.id }
  }

  /// The meaning of a name entered by the user.
  package enum Named: Sendable {
    case installation(Installation)
    /// A scale set that is not in the configuration.
    case foreign(ScaleSet)
    /// Several scale sets with the name, none of which is in the configuration.
    case several([ScaleSet])
    case none
  }

  /// Resolves a name: that of an installation, `NAMESPACE/NAME` of a scale set, or only its name if it is unique among
  /// all namespaces.
  package func named(_ text: String) -> Named {
    if let installation = installations.named(text) {
      return .installation(installation)
    }
    if let set = unconfigured.first(where: { $0.id == text || "\($0.metadata.namespace)/\($0.metadata.name)" == text })
    {
      return .foreign(set)
    }
    let found = unconfigured.filter { $0.metadata.name == text }
    if found.count > 1 { return .several(found) }
    return found.first.map(Named.foreign) ?? .none
  }

  /// The ids for a name, as in `named`; nil if nothing or more than one scale set matches.
  package func names(of name: String) -> Set<String>? {
    switch named(name) {
    case .installation(let installation): names(of: installation)
    case .foreign(let set): [set.id]
    case .several, .none: nil
    }
  }
}
