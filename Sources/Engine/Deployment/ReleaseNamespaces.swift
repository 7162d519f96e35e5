import ARC
import Installations
import Tools

/// In which namespace each release of deskrun's is: that of its installation, else deskrun's own.
package struct ReleaseNamespaces: Sendable, Equatable {
  /// The releases of installations, and those that were found with the mark of this configuration elsewhere.
  private var byRelease: [String: String] = [:]

  package init(_ installations: [Installation] = []) {
    for installation in installations {
      for scaleSet in installation.scaleSets { byRelease[scaleSet.name] = installation.namespace }
    }
  }

  /// The namespace of a release.
  package func of(_ release: String) -> String { byRelease[release] ?? ClusterTarget.namespace }

  /// The namespaces that have releases, deskrun's own always and first.
  var all: [String] {
    [ClusterTarget.namespace] + Set(byRelease.values).subtracting([ClusterTarget.namespace]).sorted()
  }

  /// Whether a scale set is where the release of its name belongs.
  func isHome(of set: DeployedScaleSet) -> Bool { set.namespace == of(set.ownRelease) }

  /// Takes in where scale sets of this configuration are that it does not name any more, so that they can be removed.
  mutating func include(_ sets: [DeployedScaleSet], owner: String) {
    for set in sets where set.mark != nil && set.owner == owner && byRelease[set.ownRelease] == nil {
      byRelease[set.ownRelease] = set.namespace
    }
  }
}
