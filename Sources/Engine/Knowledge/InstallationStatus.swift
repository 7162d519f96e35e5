import ARC
import Installations

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

  /// The installation's name.
  package var name: String
  /// The installation, or nil when the cluster has it and the configuration does not.
  package var installation: Installation?
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

  private let scaleSetNames: Set<String>
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
  /// - Parameter snapshot: nil when the cluster does not answer; then only what is configured is known.
  package static func joined(_ installations: [Installation], _ snapshot: Snapshot?) -> [InstallationStatus] {
    var known: Set<String> = []
    let owners = Dictionary(
      installations.flatMap { owner in owner.scaleSets.map { ($0.name, owner.name.description) } },
      uniquingKeysWith: { $1 })
    // A release can give its scale set another name. One that nothing of the configuration deployed is told by its name.
    func name(_ set: ScaleSet) -> String {
      guard let owner = owners[set.ownRelease], set.mark ?? owner == owner else { return set.metadata.name }
      return set.ownRelease
    }
    var all = installations.map { installation in
      let status = InstallationStatus(
        installation.name.description, installation, installation.scaleSets.map(\.name), snapshot, name)
      known.formUnion(status.scaleSetNames)
      return status
    }
    for set in snapshot?.scaleSets ?? [] where !known.contains(set.metadata.name) {
      all.append(InstallationStatus(set.metadata.name, nil, [set.metadata.name], snapshot, name))
    }
    return all
  }

  /// - Parameters:
  ///   - names: those of its scale sets.
  ///   - nameOf: the name under which a scale set is looked for, whatever it is called itself.
  private init(
    _ name: String, _ installation: Installation?, _ names: [String], _ snapshot: Snapshot?,
    _ nameOf: (ScaleSet) -> String
  ) {
    self.name = name
    self.installation = installation
    wantedScaleSets = names.count
    let deployed = Set(names)
    scaleSets = snapshot?.scaleSets.filter { deployed.contains(nameOf($0)) } ?? []
    listener = Self.worst(scaleSets.map { snapshot?.listener(of: $0.metadata.name) ?? .absent })
    let found = Set(scaleSets.map(nameOf))
    let wanted = Set(scaleSets.map(\.metadata.name)).union(deployed.subtracting(found))
    scaleSetNames = wanted
    all = snapshot?.runners ?? []
    counts = RunnerStateCounts()
    for name in wanted { if let some = snapshot?.counts[name] { counts.add(some) } }
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
