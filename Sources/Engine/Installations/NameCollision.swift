import ARC
import Basics
import Tools

extension Installation {
  /// Whether scale sets of the same name in both are the same to GitHub: a name is unique in its runner group.
  package func sharesNames(with other: Installation) -> Bool {
    sharesNames(url: other.target.url, group: other.settings.runnerGroup)
  }

  /// The same for a scale set with this URL and runner group; nil for GitHub's default group.
  package func sharesNames(url: String, group: String?) -> Bool {
    let url = (try? GitHubTarget(url))?.url ?? url
    return url.lowercased() == target.url.lowercased()
      && (group ?? "default").lowercased() == (settings.runnerGroup ?? "default").lowercased()
  }

  /// The ways out where another scale set has the name of one of this installation's, for the same GitHub URL and runner
  /// group.
  package func waysToShare(_ scaleSet: String) -> String {
    if case .repository = target.scope {
      return
        "Use another name, or remove that one first: a repository has a single runner group. Workflows that name a "
        + "--label which both have (ARC 0.14 and newer) run on either"
    }
    return
      "Use another name, or another runner group (--runner-group GROUP): jobs of `runs-on: \(scaleSet)` then go to "
      + "whichever has a free runner"
  }
}

extension Configuration {
  /// The installation with its name in this configuration: one whose name another cluster has already gets the place in
  /// addition.
  ///
  /// - Parameter target: the cluster that it is added on.
  package func named(_ installation: Installation, on target: ClusterTarget) -> Installation {
    guard installation.name.place == nil else { return installation }
    let same = all.filter { $0.name.plain == installation.name.plain }
    var installation = installation
    if let here = same.first(where: { self.target(of: $0) == target }) {
      installation.name = here.name
    } else if !same.isEmpty || unreadable.contains(where: { $0.name == installation.name.plain }) {
      installation.name = freeName(installation.name, on: target)
    }
    return installation
  }

  private func freeName(_ name: InstallationName, on target: ClusterTarget) -> InstallationName {
    func isTaken(_ name: InstallationName) -> Bool {
      all.contains { $0.name == name } || unreadable.contains { $0.name == name.description }
    }
    let plain = InstallationName(name, atContext: target.context)
    // Two kubeconfig files may have a context of one name.
    return isTaken(plain)
      ? (2...).lazy.map { InstallationName(name, atContext: "\(target.context)-\($0)") }.first { !isTaken($0) } ?? plain
      : plain
  }

  /// Rejects an installation whose scale sets would have the same names as another's: NAME-1 may be an instance of NAME
  /// or a separate installation, not both. On different clusters, it depends on whether GitHub tells them apart.
  package func refuseCollision(of installation: Installation) throws(EngineError) {
    let names = Set(installation.scaleSets.map(\.name))
    for other in all where other.name != installation.name {
      guard let shared = other.scaleSets.map(\.name).first(where: names.contains) else { continue }
      if target(of: other) == target(of: installation) {
        throw EngineError(
          .invalid, "The scale set name \(shared) is taken", why: "It belongs to the installation \(other.name)",
          fix: "Choose another name")
      }
      if installation.sharesNames(with: other) {
        throw EngineError(
          .invalid,
          "The cluster \(target(of: other).words) has a scale set \(shared) for \(installation.target.url) already",
          why: "A scale set's name is unique in its runner group: two of that name take the session from each other",
          fix: installation.waysToShare(shared))
      }
    }
  }
}
