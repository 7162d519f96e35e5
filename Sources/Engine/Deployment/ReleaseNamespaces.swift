import ARC
import Installations
import Tools

/// The namespace of each of deskrun's releases: its installation's, or deskrun's own by default.
package struct ReleaseNamespaces: Sendable, Equatable {
  /// The releases of installations, and releases in other namespaces that have this configuration's mark.
  private var byRelease: [String: String] = [:]

  package init(_ installations: [Installation] = []) {
    for installation in installations {
      for scaleSet in installation.scaleSets { byRelease[scaleSet.name] = installation.namespace }
    }
  }

  /// The namespace of a release.
  package func of(_ release: String) -> String { byRelease[release] ?? ClusterTarget.namespace }

  /// The namespaces with releases, including deskrun's own, which is first.
  var all: [String] {
    [ClusterTarget.namespace] + Set(byRelease.values).subtracting([ClusterTarget.namespace]).sorted()
  }

  /// Whether a scale set is in the namespace where its release belongs.
  func isHome(of set: DeployedScaleSet) -> Bool { set.namespace == of(set.ownRelease) }

  /// Adds the namespaces of this configuration's scale sets that it no longer contains, so that they can be removed.
  mutating func include(_ sets: [DeployedScaleSet], owner: String) {
    for set in sets where set.mark != nil && set.owner == owner && byRelease[set.ownRelease] == nil {
      byRelease[set.ownRelease] = set.namespace
    }
  }
}
