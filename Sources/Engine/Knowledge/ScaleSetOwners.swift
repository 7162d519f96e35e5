import ARC
import Basics
import Installations
import Kubernetes
import Tools

/// Whose the scale sets in the cluster are: the one join of configuration and cluster.
///
/// A Helm release can give its scale set another name, so what belongs to an installation is told by the release that
/// deployed it. Everything is called by its `ScaleSetID`: another namespace may have a scale set of the same name, which
/// is never an installation's.
package struct ScaleSetOwners: Sendable {
  private let installations: [Installation]
  private let sets: [ScaleSet]
  /// The installation of each release that the configuration deploys.
  private let owners: [String: String]

  /// - Parameter sets: those of all namespaces.
  package init(_ installations: [Installation], _ sets: [ScaleSet]) {
    (self.installations, self.sets) = (installations, sets)
    owners = Dictionary(
      installations.flatMap { owner in owner.scaleSets.map { (Self.id(of: $0, owner), owner.name.description) } },
      uniquingKeysWith: { $1 })
  }

  /// What a scale set of an installation is called, in the namespace that the installation is deployed in.
  private static func id(of spec: ScaleSetSpec, _ installation: Installation) -> String {
    ScaleSetID.text(spec.name, in: installation.namespace)
  }

  /// What the configuration would call a scale set.
  private func configuredID(_ set: ScaleSet) -> String {
    let own = ScaleSetID.text(set.ownRelease, in: set.metadata.namespace)
    guard let owner = owners[own], set.mark ?? owner == owner else { return set.id }
    return own
  }

  /// The scale sets of an installation that are deployed.
  package func sets(of installation: Installation) -> [ScaleSet] {
    let wanted = Set(installation.scaleSets.map { Self.id(of: $0, installation) })
    return sets.filter { wanted.contains(configuredID($0)) }
  }

  /// What runners, listeners, jobs and events of an installation are found by: its scale sets in the cluster, and those
  /// of the configuration where no other installation's scale set is called so.
  package func names(of installation: Installation) -> Set<String> {
    let mine = Set(self.sets(of: installation).map(\.id))
    let others = Set(sets.map(\.id)).subtracting(mine)
    return mine.union(installation.scaleSets.map { Self.id(of: $0, installation) }).subtracting(others)
  }

  /// The installation that a scale set belongs to; nil for one that the configuration does not know.
  package func installation(ofScaleSet id: String) -> Installation? {
    installations.first { names(of: $0).contains(id) }
  }

  /// The host of GitHub that a scale set serves; nil for one of which nothing is known.
  package func host(ofScaleSet id: String) -> String? {
    if let installation = installation(ofScaleSet: id) { return installation.target.host }
    return sets.first { $0.id == id }?.githubHost
  }

  /// All scale sets, those in the cluster and those that the configuration wants.
  package var allNames: Set<String> {
    Set(sets.map(\.id)).union(owners.keys)
  }

  /// The scale sets that no installation of the configuration has.
  package var unconfigured: [ScaleSet] {
    let known = installations.reduce(into: Set<String>()) { $0.formUnion(names(of: $1)) }
    return sets.filter { !known.contains($0.id) }.sorted { $0.id < $1.id }
  }

  /// What a name that somebody typed stands for.
  package enum Named: Sendable {
    case installation(Installation)
    /// A scale set that the configuration does not have.
    case foreign(ScaleSet)
    /// Several scale sets of that name, none of which the configuration has.
    case several([ScaleSet])
    case none
  }

  /// What a name stands for: an installation's, `NAMESPACE/NAME` of a scale set, or its name alone where only one
  /// namespace has it.
  package func named(_ text: String) -> Named {
    if let installation = installations.first(where: { $0.name.description == text }) {
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

  /// What is found by a name, as `named`; nil where it stands for nothing, or for more than one.
  package func names(of name: String) -> Set<String>? {
    switch named(name) {
    case .installation(let installation): names(of: installation)
    case .foreign(let set): [set.id]
    case .several, .none: nil
    }
  }
}
