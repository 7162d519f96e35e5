import CommandSession
import Engine

/// Clusters that were looked at, with what they have to do with each other.
struct JoinedLooks {
  private let sessions: [Session]
  /// What is known of each; nil for one that has not responded yet.
  private let looks: [ClusterLook?]
  /// Scale sets with the same name on several of them.
  let conflicts: [SharedScaleSets.Conflict]
  /// Which of them are one.
  private let one: OneCluster

  init(_ sessions: [Session], _ looks: [ClusterLook?]) {
    (self.sessions, self.looks) = (sessions, looks)
    one = OneCluster(
      looks.map { look in
        look.map { OneCluster.Known(uid: $0.knowledge.observation?.uid, statuses: $0.knowledge.statuses) }
      })
    conflicts = SharedScaleSets.conflicts(
      zip(sessions, looks).map { session, look in (session.label, look?.knowledge.statuses ?? []) }
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
    guard let look = looks[cluster] else { return nil }
    let session = sessions[cluster]
    var report = StatusReport(look.knowledge, about: nil, invocation: session.console.invocation)
    report.place(session)
    let own = conflicts(of: cluster)
    if !own.isEmpty {
      report.findings = SharedScaleSets.joined(report.findings, own)
      Diagnosis.mark(&report.installations, with: report.findings)
    }
    let hidden = one.hidden[cluster]
    report.installations.removeAll { hidden.contains($0.name) }
    report.findings.removeAll { $0.installation.map(hidden.contains) ?? false }
    report.sameAs = one.same[cluster].map { sessions[$0].label }
    return report
  }
}
