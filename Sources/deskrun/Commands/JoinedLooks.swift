import CommandSession
import Engine

/// Clusters that were looked at, with what they have to do with each other.
struct JoinedLooks {
  private let sessions: [Session]
  /// What is known of each; nil for one that has not responded yet.
  let known: [ClusterKnowledge?]
  /// Scale sets with the same name on several of them.
  let conflicts: [SharedScaleSets.Conflict]
  /// Which of them are one.
  private let one: OneCluster
  /// Which of them have a context that fails or means another cluster, and another one that leads to theirs.
  private let failing: FailingContexts
  private let configuration: Configuration

  init(_ sessions: [Session], _ looks: [ClusterLook?]) {
    self.sessions = sessions
    configuration =
      sessions.first.flatMap { try? $0.store.load() } ?? looks.lazy.compactMap { $0?.knowledge.configuration }.first
      ?? Configuration()
    let failing = FailingContexts(
      sessions.map { FailingContexts.Place($0.target, label: $0.label) },
      looks.map { FailingContexts.Answer($0?.knowledge) }, configuration)
    self.failing = failing
    known = zip(sessions, looks).map { [configuration] session, look in
      guard var known = look?.knowledge, failing.isNeeded else { return look?.knowledge }
      known.take(.configuration(.success(failing.configuration(configuration, on: session.target))), at: known.now)
      return known
    }
    one = OneCluster(
      known.map { known in known.map { OneCluster.Known(uid: $0.observation?.uid, statuses: $0.statuses) } },
      failing: failing)
    conflicts = SharedScaleSets.conflicts(
      zip(sessions, known).enumerated().map { at, one in
        (one.0.label, failing.isReplaced(at) ? [] : one.1?.statuses ?? [])
      }
    ).map { conflict in
      var conflict = conflict
      conflict.finding = sessions[conflict.cluster].console.invocation.completing(conflict.finding)
      return conflict
    }
  }

  /// The findings about a cluster that follow from the others.
  func conflicts(of cluster: Int) -> [Finding] { conflicts.filter { $0.cluster == cluster }.map(\.finding) }

  /// The report about a cluster, without what another of the same ones shows; nil if it has not responded.
  func report(_ cluster: Int) -> StatusReport? {
    guard let known = known[cluster] else { return nil }
    let session = sessions[cluster]
    let invocation = session.console.invocation
    var report = StatusReport(known, about: nil, invocation: invocation)
    report.place(session)
    let findings = failing.findings(report.findings, of: cluster, self.known, configuration)
    report.findings = SharedScaleSets.joined(findings.map { invocation.completing($0) }, conflicts(of: cluster))
    Diagnosis.mark(&report.installations, with: report.findings)
    let hidden = one.hidden[cluster]
    report.installations.removeAll { hidden.contains($0.name) }
    report.findings.removeAll { $0.installation.map(hidden.contains) ?? false }
    report.sameAs = one.same[cluster].map { sessions[$0].label }
    report.isReplaced = failing.isReplaced(cluster)
    return report
  }

  /// The session that acts on what a cluster shows; nil for one whose installations another one shows.
  func acting(on cluster: Int) -> Session? {
    failing.isReplaced(cluster) ? nil : sessions[cluster].using(failing.standIns)
  }
}
