import Basics
import Tools

/// An installation of which it is not known which cluster it is on, and the ways out: what errors and findings say.
package struct UnknownPlace: Sendable {
  private let name: InstallationName
  private let target: ClusterTarget

  /// - Parameter target: the cluster that was asked, and does not have it.
  package init(_ name: InstallationName, notOn target: ClusterTarget) {
    (self.name, self.target) = (name, target)
  }

  package var why: String {
    "An earlier version did not keep the cluster of each installation, and \(target.words) has no scale set \(name.plain)"
  }

  /// The way if it was never deployed.
  private var otherWay: String {
    "Where it was never deployed, remove it with `deskrun remove \(name) --skip-cluster` and add it again"
  }

  package var error: EngineError {
    EngineError(
      .invalid, "It is not known which cluster \(name) is on", why: why,
      fix: "Name the one that has it: `deskrun edit \(name) --context CONTEXT`. \(otherWay)")
  }

  /// The ways for a finding, which shows the command of the first way itself.
  package var remedy: String { "\(otherWay). Otherwise name the cluster that has it" }
}

extension Configuration {
  /// Whether an installation that its cluster does not have may be on another one: an earlier version did not store its
  /// cluster. It must not be deployed a second time.
  package func mayBeElsewhere(_ name: InstallationName) -> Bool {
    isDeployedUnseen(name) || isPlaceAssumed(name) && !isUndeployed(name)
  }
}
