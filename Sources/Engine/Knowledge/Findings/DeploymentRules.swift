import ARC
import Basics
import Installations
import Kubernetes
import Tools

/// Whether scale sets and configuration match: not deployed, not in the configuration, not removed.
extension Diagnosis {
  package static func deployment(_ status: InstallationStatus, _ known: Circumstances) -> [Finding] {
    if status.installation == nil {
      // The configuration's entry for it may be unreadable, which has its own finding.
      guard known.configurationProblem == nil,
        !known.configuration.unreadable.contains(where: { $0.name == status.name })
      else { return [] }
      let others = known.configuration.elsewhere.filter { $0.name.plain == status.scaleSets.first?.mark }
      if !others.isEmpty { return secondPlace(status, of: others, known) }
      return [
        Finding(
          .notConfigured, status.name, .warning, "\(status.name): not in the configuration",
          remedy: "Remove it, or add it again under the same name", action: .remove)
      ]
    }
    // It may exist in a namespace that cannot be read.
    if let seen = known.snapshot?.limits?.namespaces,
      !status.scaleSetNames.contains(where: { seen.contains(ScaleSetID.namespace($0)) })
    {
      return []
    }
    let registration = status.scaleSetNames.sorted().compactMap { known.registration[$0] }.first
    if let skew = registration, skew.cause == .versionSkew {
      return [
        Finding(
          .versionSkew, status.name, .bad,
          "\(status.name): the controller deleted its scale set, which is of another version",
          evidence: [skew.error.why].compactMap { $0 },
          remedy: known.snapshot?.controller.flatMap(remedy) ?? "Bring both to one version",
          action: known.snapshot?.controller.flatMap(remedy) == nil ? .upgrade : nil)
      ]
    }
    // `deskrun up` refuses it, because it may run on another cluster.
    if let installation = status.installation, status.scaleSets.isEmpty,
      known.configuration.mayBeElsewhere(installation.name)
    {
      let place = UnknownPlace(installation.name, notOn: known.configuration.target(of: installation))
      return [
        Finding(
          .notDeployed, status.name, .bad, "\(status.name): not here, and it is not known which cluster it is on",
          evidence: [place.why], remedy: place.remedy, action: .rebind)
      ]
    }
    return [
      Finding(
        // If some instances are deployed, they run the jobs.
        .notDeployed, status.name, status.scaleSets.isEmpty ? .bad : .warning,
        status.scaleSets.isEmpty
          ? "\(status.name): not deployed"
          : "\(status.name): \(status.scaleSets.count) of \(status.wantedScaleSets) instances are deployed",
        remedy: "Bring it up", action: .bringUp)
    ]
  }

  /// A scale set that deskrun deployed here, while installations of its name are configured on other contexts; empty if
  /// one of these points to this cluster.
  private static func secondPlace(
    _ status: InstallationStatus, of others: [Installation], _ known: Circumstances
  ) -> [Finding] {
    let kept = others.map { known.configuration.identity(of: $0.name) }
    if let current = known.identity, kept.contains(where: { $0?.isSame(as: current) == true }) { return [] }
    guard let other = others.first else { return [] }
    let names = others.map(\.name.description).joined(separator: ", ")
    let place = others.map { known.configuration.target(of: $0).words }.joined(separator: ", ")
    let set = status.scaleSets.first
    let namespace = SafeText.line(set?.metadata.namespace ?? ClusterTarget.namespace)
    let release = SafeText.line(set?.ownRelease ?? other.name.plain)
    let uninstall = "`helm uninstall \(release) -n \(namespace)`"
    let remedy =
      if known.identity == nil || kept.contains(nil) {
        "If it lives here, bind it: `deskrun edit \(other.name) --context CONTEXT`. Only if \(place) is another cluster "
          + "and has one of its own, uninstall this one: \(uninstall)"
      } else if let set, let twin = others.first(where: { $0.sharesNames(url: set.githubURL, group: set.group) }) {
        "To GitHub it is the same scale set as \(twin.name) on another cluster. To keep that one, uninstall this one: "
          + uninstall
      } else {
        "To keep it, add it again with its settings: `deskrun add \(other.name.plain) --repository "
          + SafeText.line(set?.githubURL ?? "URL")
          + (set?.group.map { " --runner-group \(ToolCall.quoted([SafeText.line($0)]))" } ?? "")
          + "`. Otherwise uninstall it: \(uninstall)"
      }
    return [
      Finding(
        .notConfigured, status.name, .warning, "\(status.name): runs here, and \(names) is configured on \(place)",
        remedy: remedy)
    ]
  }

  /// Seconds after which a removal without busy runners is considered stuck.
  static let deletionSeconds: Int64 = 300

  package static func stuckDeleting(_ status: InstallationStatus, _ known: Circumstances) -> [Finding] {
    let since = status.scaleSets.compactMap(\.metadata.deleted).min() ?? known.now
    guard known.now - since > deletionSeconds, status.counts.busy == 0 else { return [] }
    return [
      Finding(
        .stuckDeleting, status.name, .bad, "\(status.name): cannot be removed: its finalizers are not being processed",
        evidence: ["deletion was requested\(ago(since, known.now))"],
        remedy: known.snapshot?.controller == nil
          ? "No controller is running to remove them: install it again with `deskrun up`, then remove \(status.name)"
          : "Check its credentials: the controller signs in to GitHub to remove them. To skip that, use "
            + "`deskrun remove \(status.name) --force`",
        action: known.snapshot?.controller == nil ? .bringUp : .remove)
    ]
  }
}
