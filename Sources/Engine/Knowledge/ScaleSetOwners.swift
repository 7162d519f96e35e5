import ARC
import Installations

/// Whose the scale sets in the cluster are: the one join of configuration and cluster.
///
/// A Helm release can give its scale set another name, so what belongs to an installation is told by the release that
/// deployed it. A scale set that nothing of the configuration deployed is known by its own name.
package struct ScaleSetOwners: Sendable {
  private let installations: [Installation]
  private let sets: [ScaleSet]
  /// The installation of each release that the configuration deploys.
  private let owners: [String: String]

  /// - Parameter sets: those of deskrun's namespace.
  package init(_ installations: [Installation], _ sets: [ScaleSet]) {
    (self.installations, self.sets) = (installations, sets)
    owners = Dictionary(
      installations.flatMap { owner in owner.scaleSets.map { ($0.name, owner.name.description) } },
      uniquingKeysWith: { $1 })
  }

  /// The name under which the configuration would have a scale set.
  private func configuredName(_ set: ScaleSet) -> String {
    guard let owner = owners[set.ownRelease], set.mark ?? owner == owner else { return set.metadata.name }
    return set.ownRelease
  }

  /// The scale sets of an installation that are deployed.
  package func sets(of installation: Installation) -> [ScaleSet] {
    let wanted = Set(installation.scaleSets.map(\.name))
    return sets.filter { wanted.contains(configuredName($0)) }
  }

  /// The names under which runners, listeners, jobs and events of an installation are found: those of its scale sets
  /// in the cluster, and those of the configuration where no other installation's scale set has them.
  package func names(of installation: Installation) -> Set<String> {
    let mine = Set(self.sets(of: installation).map(\.metadata.name))
    let others = Set(sets.map(\.metadata.name)).subtracting(mine)
    return mine.union(installation.scaleSets.map(\.name)).subtracting(others)
  }

  /// The installation that a scale set of this name belongs to; nil for one that the configuration does not know.
  package func installation(ofScaleSet name: String) -> Installation? {
    installations.first { names(of: $0).contains(name) }
  }

  /// The names of all scale sets, those in the cluster and those that the configuration wants.
  package var allNames: Set<String> {
    Set(sets.map(\.metadata.name)).union(owners.keys)
  }

  /// The scale sets that no installation of the configuration has.
  package var unconfigured: [ScaleSet] {
    let known = installations.reduce(into: Set<String>()) { $0.formUnion(names(of: $1)) }
    return sets.filter { !known.contains($0.metadata.name) }
  }

  /// The names under which an installation is found, or a scale set that only the cluster has; nil when neither the
  /// configuration nor the cluster has that name.
  package func names(of name: String) -> Set<String>? {
    if let installation = installations.first(where: { $0.name.description == name }) { return names(of: installation) }
    return unconfigured.contains { $0.metadata.name == name } ? [name] : nil
  }
}
