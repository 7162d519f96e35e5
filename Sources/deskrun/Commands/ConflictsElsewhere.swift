import CommandSession
import Engine

/// Finds the other side of a conflict that a single cluster can only suspect.
extension Session {
  /// The maximum time for the other clusters to list their scale sets, if nothing suggests that one has the same name.
  private static let lookPatience: Duration = .seconds(2)
  /// The same if a listener reports that another one has its session.
  private static let conflictPatience: Duration = .seconds(5)

  /// Completes the findings about an installation: the other clusters are checked for the same name, and the finding
  /// names the one that has it. Clusters that do not respond within a few seconds are skipped.
  ///
  /// - Parameters:
  ///   - name: the installation; nil for all of the cluster, of which only those with a conflict are checked.
  ///   - chosen: the clusters that may be checked: with `--context` only those.
  func naming(
    conflictsOf findings: [Finding], about name: String?, _ known: ClusterKnowledge, among chosen: Session
  ) async throws -> [Finding] {
    let suspected = Set(findings.filter { $0.rule == .listenerConflict }.compactMap(\.installation))
    let meant = suspected.union(name.map { [$0] } ?? [])
    guard !meant.isEmpty, !known.statuses.isEmpty else { return findings }
    let patience = suspected.isEmpty ? Self.lookPatience : Self.conflictPatience
    let configuration = try store.load()
    // When the installation was moved, its scale set may have remained on the default cluster, which is among them.
    let asked = try chosen.searched(configuration).filter {
      // Another context of this cluster may be used in place of its own.
      ($0.target.context, $0.target.kubeconfig) != (target.context, target.kubeconfig)
    }
    guard !asked.isEmpty else { return findings }
    let owner = store.owner
    let results = try await SeveralClusters.each(asked.map { ($0, $0.toolbox) }, limit: patience) {
      session, toolbox in
      let sets = try await SnapshotReader(toolbox: toolbox).scaleSets(timeout: patience)
      let snapshot = Snapshot(takenAt: 0, controller: nil, scaleSets: sets, runners: [], pods: [])
      return InstallationStatus.joined(
        configuration.on(session.target).installations, snapshot, identity: owner)
    }
    let elsewhere = zip(asked, results).compactMap { session, result in
      (try? result.get()).map { (name: session.label, statuses: $0) }
    }
    let conflicts = SharedScaleSets.conflicts(
      [(name: label, statuses: known.statuses)] + elsewhere)
    let own = conflicts.filter { $0.cluster == 0 && $0.finding.installation.map(meant.contains) == true }
    return SharedScaleSets.joined(findings, own.map { console.invocation.completing($0.finding) })
  }
}
