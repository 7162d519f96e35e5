import CommandSession
import Engine

/// Finds the other half of a conflict that a look at one cluster can only suspect.
extension Session {
  /// The most time that the other clusters are given to tell their scale sets.
  private static let conflictPatience: Duration = .seconds(5)

  /// The findings about an installation. Where its listener reports that another one has the session, the other clusters
  /// are asked whether they have the name, and the one that does is named. One that does not answer in a few seconds is
  /// left out.
  ///
  /// - Parameter chosen: the clusters that may be asked: with `--context` no other than those.
  func naming(conflictsOf findings: [Finding], _ known: ClusterKnowledge, among chosen: Session) async throws
    -> [Finding]
  {
    let meant = Set(findings.filter { $0.rule == .listenerConflict }.compactMap(\.installation))
    guard !meant.isEmpty else { return findings }
    let configuration = try store.load()
    var others = try chosen.everywhere()
    // Its scale set may have stayed on the default cluster when the installation moved.
    if !chosen.isTargetGiven { others.append(at(configuration.target)) }
    var asked: [Session] = []
    for other in others where other.target != target && !asked.contains(where: { $0.target == other.target }) {
      asked.append(other)
    }
    guard !asked.isEmpty else { return findings }
    let owner = store.owner
    let results = try await SeveralClusters.each(asked.map { ($0, $0.toolbox) }, limit: Self.conflictPatience) {
      session, toolbox in
      let sets = try await SnapshotReader(toolbox: toolbox).scaleSets(timeout: Self.conflictPatience)
      let snapshot = Snapshot(takenAt: 0, controller: nil, scaleSets: sets, runners: [], pods: [])
      return InstallationStatus.joined(
        configuration.on(session.target).installations, snapshot, identity: owner)
    }
    let elsewhere = zip(asked, results).compactMap { session, result in
      (try? result.get()).map { (name: session.target.context, statuses: $0) }
    }
    let conflicts = SharedScaleSets.conflicts(
      [(name: target.context, statuses: known.statuses)] + elsewhere)
    let own = conflicts.filter { $0.cluster == 0 && $0.finding.installation.map(meant.contains) == true }
    return SharedScaleSets.joined(findings, own.map { console.invocation.completing($0.finding) })
  }
}
