import ARC
import Basics
import Installations
import Kubernetes
import Tools

/// How an installation does: what is configured joined with what is in the cluster.
package struct InstallationStatus: Sendable, Equatable {
  /// How bad a problem is.
  package enum Severity: String, Sendable, Equatable {
    /// It may recover by itself, or concerns only a part.
    case warning
    /// Jobs do not run until somebody does something.
    case bad
  }

  /// One sentence about what is wrong.
  package struct Problem: Sendable, Equatable {
    /// How bad it is.
    package var severity: Severity
    /// What is wrong.
    package var sentence: String
    /// What to do.
    package var fix: String?
  }

  /// The installation's name; that of a scale set which the configuration does not have is its `ScaleSetID`.
  package var name: String
  /// The installation, or nil when the cluster has it and the configuration does not.
  package var installation: Installation?
  /// What deploys a scale set that the configuration does not have; nil for an installation, and for a scale set that
  /// this deskrun deployed and whose entry is gone.
  package let manager: ScaleSetManager?
  /// Whether it may only be looked at.
  package var isForeign: Bool { manager != nil }
  /// Its scale sets that are deployed.
  package var scaleSets: [ScaleSet]
  /// How many it should have.
  package var wantedScaleSets: Int
  /// The state of its listener; with several instances the worst.
  package var listener: ListenerState
  /// How many are in which state.
  package var counts: RunnerStateCounts
  /// What is wrong, or nil when all is well.
  package var problem: Problem?
  /// Where the cluster differs from the configuration; empty while that is not known.
  package var drift: [SettingDrift] = []

  /// The names of its scale sets in the cluster, and those of the configuration for what is not deployed: what of
  /// runners, jobs, listeners and events bears one of them is its.
  package let scaleSetNames: Set<String>
  private let all: [Runner]

  /// Its runners, those with a job first. Found when asked for: there may be thousands.
  package var runners: [Runner] {
    let order = ["busy": 0, "failing": 1, "starting": 2, "idle": 3, "finishing": 4]
    return all.filter { scaleSetNames.contains($0.scaleSet) }.sorted {
      (order[$0.state.word] ?? 9, $0.name) < (order[$1.state.word] ?? 9, $1.name)
    }
  }

  /// Those of its runners that fail, by name.
  package var failing: [Runner] {
    guard counts.failing > 0 else { return [] }
    return all.filter { runner in
      if case .failing = runner.state { scaleSetNames.contains(runner.scaleSet) } else { false }
    }
  }

  /// The runners that a finding offers to delete, or all that fail when it names none. One that works on a job is never
  /// among them, whatever was seen before.
  ///
  /// - Parameter snapshot: how the runners are now.
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

  /// Joins configuration and cluster: one status for each installation, then one for each scale set that the
  /// configuration does not know. What is wrong, `ClusterKnowledge` marks.
  ///
  /// - Parameters:
  ///   - snapshot: nil when the cluster does not answer; then only what is configured is known.
  ///   - identity: of the configuration; nil where it is not known, and every mark counts as its own.
  package static func joined(
    _ installations: [Installation], _ snapshot: Snapshot?, identity: String? = nil
  ) -> [InstallationStatus] {
    let owners = ScaleSetOwners(installations, snapshot?.scaleSets ?? [])
    return installations.filter { installation in
      // What lives in another namespace than the one that is looked at is not known.
      snapshot?.narrowedTo.map { space in
        owners.names(of: installation).contains { ScaleSetID.namespace($0) == space }
      } ?? true
    }.map { installation in
      InstallationStatus(
        installation.name.description, installation, owners.sets(of: installation), owners.names(of: installation),
        snapshot)
    }
      + owners.unconfigured.map { set in
        InstallationStatus(set.id, nil, [set], [set.id], snapshot, manager: manager(set, identity))
      }
  }

  /// Nil for what this deskrun deployed and may remove.
  private static func manager(_ set: ScaleSet, _ identity: String?) -> ScaleSetManager? {
    guard case .deskrun(let owner) = set.manager else { return set.manager }
    guard let owner, let identity, owner != identity else { return nil }
    return set.manager
  }

  /// - Parameters:
  ///   - sets: its scale sets that are deployed.
  ///   - names: those under which its runners are found.
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

  /// The name under which `deskrun adopt` may take it over: a Helm release whose scale set has its name, in the same
  /// namespace, or what another deskrun deployed. GitOps would revert changes to what it manages, and a configuration
  /// has each name once.
  package func adoptableName(in configuration: Configuration) -> String? {
    guard let manager, !manager.isGitOps, scaleSets.count == 1, let set = scaleSets.first,
      set.release == set.metadata.name,
      !configuration.all.contains(where: { $0.name.description == set.metadata.name })
    else { return nil }
    return name
  }

  /// The host of GitHub that it serves; nil where that is not known.
  package var host: String? { installation?.target.host ?? scaleSets.first?.githubHost }

  /// What it serves, without the host where that is github.com.
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
  /// The host of GitHub that it serves; nil where its URL makes no sense.
  package var githubHost: String? { (try? GitHubTarget(githubURL))?.host }
}

extension [InstallationStatus] {
  /// What a name that somebody typed stands for, as `ScaleSetOwners.named`; nil for nothing, or for more than one.
  package func named(_ text: String) -> InstallationStatus? {
    if let exact = first(where: { $0.name == text || $0.installation?.isNamed(text) == true }) { return exact }
    let found = filter { status in
      status.installation == nil
        && status.scaleSets.contains {
          $0.metadata.name == text || "\($0.metadata.namespace)/\($0.metadata.name)" == text
        }
    }
    return found.count == 1 ? found.first : nil
  }

  /// The one that a scale set belongs to.
  package func owner(ofScaleSet name: String) -> InstallationStatus? { first { $0.scaleSetNames.contains(name) } }
}
