import ARC
import Basics
import Installations
import Kubernetes
import Tools

/// The state of an installation: its configuration joined with the cluster.
package struct InstallationStatus: Sendable, Equatable {
  package enum Severity: String, Sendable, Equatable {
    /// It may recover without intervention, or affects only a part.
    case warning
    /// Jobs do not run until someone fixes it.
    case bad
  }

  package struct Problem: Sendable, Equatable {
    package var severity: Severity
    /// One sentence.
    package var sentence: String
    package var fix: String?
  }

  /// The installation's name; for a scale set that is not in the configuration, its `ScaleSetID`.
  package var name: String
  /// Nil if it exists only in the cluster.
  package var installation: Installation?
  /// The tool that deploys a scale set that is not in the configuration; nil for an installation, and for a scale set
  /// that this deskrun deployed but whose entry no longer exists.
  package let manager: ScaleSetManager?
  /// Whether it is read-only for deskrun.
  package var isForeign: Bool { manager != nil }
  /// Its deployed scale sets.
  package var scaleSets: [ScaleSet]
  /// The number of scale sets that it should have.
  package var wantedScaleSets: Int
  /// The state of its listener; with several instances, the worst one.
  package var listener: ListenerState
  package var counts: RunnerStateCounts
  /// The most severe problem; nil if there is none.
  package var problem: Problem?
  /// The differences between cluster and configuration; empty while unknown.
  package var drift: [SettingDrift] = []

  /// The names of its scale sets in the cluster, and of those that are configured but not deployed. Runners, jobs,
  /// listeners and events with one of these names belong to it.
  package let scaleSetNames: Set<String>
  private let all: [Runner]

  /// Its runners, those with a job first. Computed on demand: there may be thousands.
  package var runners: [Runner] {
    let order = ["busy": 0, "failing": 1, "starting": 2, "idle": 3, "finishing": 4]
    return all.filter { scaleSetNames.contains($0.scaleSet) }.sorted {
      (order[$0.state.word] ?? 9, $0.name) < (order[$1.state.word] ?? 9, $1.name)
    }
  }

  /// Its failing runners.
  package var failing: [Runner] {
    guard counts.failing > 0 else { return [] }
    return all.filter { runner in
      if case .failing = runner.state { scaleSetNames.contains(runner.scaleSet) } else { false }
    }
  }

  /// The runners that a finding offers to delete, or all failing ones if it names none. A runner that works on a job is
  /// never included, even if it was seen failing before.
  ///
  /// - Parameter snapshot: the current runners.
  package func clearable(of finding: Finding?, in snapshot: Snapshot?) -> [Runner] {
    let names = finding?.runners ?? []
    return (names.isEmpty ? failing : names.compactMap { snapshot?.runner($0) }).filter {
      $0.state.job == nil || $0.lacksPod
    }
  }

  /// Whether all its scale sets are deployed.
  package var isDeployed: Bool { !scaleSets.isEmpty && scaleSets.count >= wantedScaleSets }
  /// Whether it is being removed.
  package var isTerminating: Bool { scaleSets.contains { $0.metadata.deleted != nil } }

  /// Joins configuration and cluster: one status for each installation, then one for each scale set that is not in the
  /// configuration. `ClusterKnowledge` adds the problems.
  ///
  /// - Parameters:
  ///   - snapshot: nil if the cluster does not respond; then only the configuration is known.
  ///   - identity: the configuration's identity; nil if unknown, in which case all ownership labels count as its own.
  ///   - namespace: the only namespace that was asked for; nil for all.
  ///   - astray: the installations whose context means another cluster than the one that they were deployed on: what
  ///     this cluster has under their names is not theirs.
  package static func joined(
    _ installations: [Installation], _ snapshot: Snapshot?, identity: String? = nil, only namespace: String? = nil,
    astray: Set<InstallationName> = []
  ) -> [InstallationStatus] {
    let owners = ScaleSetOwners(installations, snapshot?.scaleSets ?? [])
    return installations.filter { installation in
      // The state of installations outside the selected namespace is unknown.
      (snapshot?.narrowedTo ?? namespace).map { space in
        owners.names(of: installation).contains { ScaleSetID.namespace($0) == space }
      } ?? true
    }.map { installation in
      let isAstray = astray.contains(installation.name)
      return InstallationStatus(
        installation.name.description, installation, isAstray ? [] : owners.sets(of: installation),
        isAstray ? [] : owners.names(of: installation), snapshot)
    }
      + owners.unconfigured.map { set in
        InstallationStatus(set.id, nil, [set], [set.id], snapshot, manager: manager(set, identity))
      }
  }

  /// Nil for a scale set that this deskrun deployed and may remove.
  private static func manager(_ set: ScaleSet, _ identity: String?) -> ScaleSetManager? {
    guard case .deskrun(let owner) = set.manager else { return set.manager }
    guard let owner, let identity, owner != identity else { return nil }
    return set.manager
  }

  /// - Parameters:
  ///   - sets: its deployed scale sets.
  ///   - names: the scale set names of its runners.
  private init(
    _ name: String, _ installation: Installation?, _ sets: [ScaleSet], _ names: Set<String>, _ snapshot: Snapshot?,
    manager: ScaleSetManager? = nil
  ) {
    self.name = name
    self.manager = manager
    self.installation = installation
    wantedScaleSets = installation?.scaleSets.count ?? 1
    scaleSets = sets
    listener = Self.worst(scaleSets.map { snapshot?.listener(of: $0.id) ?? .absent })
    scaleSetNames = names
    all = snapshot?.runners ?? []
    counts = RunnerStateCounts()
    for name in names { if let some = snapshot?.counts[name] { counts.add(some) } }
    problem = nil
  }

  /// The worst of several listeners' states.
  static func worst(_ states: [ListenerState]) -> ListenerState {
    states.max { rank($0) < rank($1) } ?? .absent
  }

  private static func rank(_ state: ListenerState) -> Int {
    switch state {
    case .running: 0
    case .starting: 1
    case .unknown: 2
    case .absent: 3
    case .failing: 4
    }
  }
}

extension InstallationStatus {
  /// The namespace of its scale sets.
  package var namespace: String { scaleSetNames.min().map(ScaleSetID.namespace) ?? ClusterTarget.namespace }

  /// The name under which `deskrun adopt` may take it over: that of a Helm release with a scale set of the same name in
  /// the same namespace, including one of another deskrun. GitOps tools would revert changes, and names in a
  /// configuration are unique.
  package func adoptableName(in configuration: Configuration) -> String? {
    guard let manager, !manager.isGitOps, scaleSets.count == 1, let set = scaleSets.first,
      set.release == set.metadata.name,
      !configuration.all.contains(where: { $0.name.plain == set.metadata.name })
    else { return nil }
    return name
  }

  /// Its GitHub host; nil if unknown.
  package var host: String? { installation?.target.host ?? scaleSets.first?.githubHost }

  /// The path of its GitHub URL, with the host unless it is github.com.
  package var servedPath: String {
    if let target = installation?.target {
      return target.isGitHubDotCom ? target.path : "\(target.host)/\(target.path)"
    }
    let url = SafeText.line(scaleSets.first?.githubURL ?? "")
    if url.hasPrefix("https://github.com/") { return String(url.dropFirst("https://github.com/".count)) }
    return url.hasPrefix("https://") ? String(url.dropFirst("https://".count)) : url
  }
}

extension ScaleSet {
  /// The host of its GitHub URL; nil if the URL is invalid.
  package var githubHost: String? { (try? GitHubTarget(githubURL))?.host }
}

extension [InstallationStatus] {
  /// The status for a name that the user typed, like `ScaleSetOwners.named`; nil if there is none, or more than one.
  package func named(_ text: String) -> InstallationStatus? {
    if let exact = first(where: { $0.name == text }) { return exact }
    if let own = compactMap(\.installation).named(text) { return first { $0.installation?.name == own.name } }
    let found = filter { status in
      status.installation == nil
        && status.scaleSets.contains {
          $0.metadata.name == text || "\($0.metadata.namespace)/\($0.metadata.name)" == text
        }
    }
    return found.count == 1 ? found.first : nil
  }

  /// The status of the installation that a scale set belongs to.
  package func owner(ofScaleSet name: String) -> InstallationStatus? { first { $0.scaleSetNames.contains(name) } }
}
