import ARC
import Basics
import Installations

extension Deployer {
  /// Rejects a scale set if another namespace of the cluster has one of the same name for the same GitHub URL and
  /// runner group: to GitHub they are the same scale set, and their listeners would take the session from each other. A
  /// scale set that is already deployed can still be changed; the duplicate is reported as a finding.
  func refuseTwin(of installation: Installation, _ observed: DeployedState) throws(EngineError) {
    for set in installation.scaleSets {
      let own = observed.evidence[set.name]?.set
      if let own, isSame(own, installation) { continue }
      guard
        let twin = observed.scaleSets.first(where: {
          $0.name.lowercased() == set.name.lowercased() && $0.namespace != installation.namespace && !$0.isTerminating
            && isSame($0, installation)
        })
      else { continue }
      throw EngineError(
        .invalid,
        "The namespace \(SafeText.line(twin.namespace)) has a scale set \(SafeText.line(twin.name)) for "
          + "\(installation.target.url) already",
        why:
          "\(twin.manager.words) deployed it. A scale set's name is unique in its runner group: two of that name take "
          + "the session from each other",
        fix: installation.waysToShare(set.name))
    }
  }

  /// Whether to GitHub a scale set of the same name is the same as this installation's.
  private func isSame(_ set: DeployedScaleSet, _ installation: Installation) -> Bool {
    installation.sharesNames(url: set.url, group: set.group)
  }
}
