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
  /// Which of them have a context that fails, and another one that answers.
  private let failing: FailingContexts
  private let places: [FailingContexts.Place]

  init(_ sessions: [Session], _ looks: [ClusterLook?]) {
    self.sessions = sessions
    let places = sessions.map { FailingContexts.Place($0.target, label: $0.label) }
    let failing = FailingContexts(places, looks.map { $0?.knowledge })
    (self.places, self.failing, known) = (places, failing, failing.knowledge)
    one = OneCluster(
      failing.knowledge.map { known in
        known.map { OneCluster.Known(uid: $0.observation?.uid, statuses: $0.statuses) }
      })
    conflicts = SharedScaleSets.conflicts(
      zip(sessions, failing.knowledge).enumerated().map { at, one in
        (one.0.label, failing.shownBy[at] == nil ? one.1?.statuses ?? [] : [])
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
    var report = StatusReport(known, about: nil, invocation: session.console.invocation)
    report.place(session)
    let invocation = session.console.invocation
    let own = conflicts(of: cluster) + failing.findings(of: cluster, places).map { invocation.completing($0) }
    if !own.isEmpty {
      report.findings = SharedScaleSets.joined(report.findings, own)
      Diagnosis.mark(&report.installations, with: report.findings)
    }
    let hidden = hidden(of: cluster)
    report.installations.removeAll { hidden.contains($0.name) }
    report.findings.removeAll { $0.installation.map(hidden.contains) ?? false }
    report.sameAs = (one.same[cluster] ?? failing.shownBy[cluster]).map { sessions[$0].label }
    return report
  }

  /// The session that acts on what a cluster shows; nil for one whose installations another one shows.
  func acting(on cluster: Int) -> Session? {
    guard failing.shownBy[cluster] == nil else { return nil }
    return sessions[cluster].using(failing.standIns(of: cluster, places))
  }

  /// What another of the same clusters shows, by name.
  private func hidden(of cluster: Int) -> Set<String> {
    guard failing.shownBy[cluster] != nil, let known = known[cluster] else { return one.hidden[cluster] }
    return Set(known.statuses.map(\.name))
  }
}
