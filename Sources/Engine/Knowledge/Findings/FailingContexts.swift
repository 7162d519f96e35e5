import ARC
import Basics
import Installations
import Tools

/// Clusters whose context fails, or means another cluster now, while a second context leads to the cluster that their
/// installations were deployed on: these are shown, and changed, with the second one. It is the one rule for this, of
/// commands and dashboard.
package struct FailingContexts: Sendable, Equatable {
  /// A cluster, with what it is called.
  package struct Place: Sendable, Equatable {
    let target: ClusterTarget
    let label: String

    package init(_ target: ClusterTarget, label: String) { (self.target, self.label) = (target, label) }
  }

  /// What is known of a cluster, as far as it matters here.
  package struct Answer: Sendable, Equatable {
    /// Whether it responded, or did not in time; false while it is still being asked.
    var isKnown = true
    /// Whether the context answers.
    var isFresh = false
    /// The cluster's identity; nil if it does not answer or may not be read.
    var uid: String?

    /// - Parameter knowledge: nil for a cluster that did not respond in the time that the others had. One without an
    ///   observation is still being asked.
    package init(_ knowledge: ClusterKnowledge?) {
      guard let knowledge else { return }
      isKnown = knowledge.observation != nil
      isFresh = knowledge.isFresh
      uid = isFresh ? knowledge.observation?.uid : nil
    }

    /// For a command that does not look at everything.
    ///
    /// - Parameter isFresh: whether the context answers.
    package init(isFresh: Bool, uid: String?) { (self.isFresh, self.uid) = (isFresh, uid) }
  }

  private var places: [Place] = []
  /// For each cluster the index of the one that shows its installations; nil for one that shows them itself.
  package private(set) var shownBy: [Int?] = []
  /// Whether each context answers, and means another cluster now.
  private var meansOther: [Bool] = []

  package init() {}

  /// - Parameters:
  ///   - answers: what is known of each cluster.
  ///   - configuration: that of all clusters.
  package init(_ places: [Place], _ answers: [Answer], _ configuration: Configuration) {
    self.places = places
    (shownBy, meansOther) = (places.map { _ in nil }, places.map { _ in false })
    var configuration = configuration
    configuration.standIns = []
    for (at, place) in places.enumerated() where place.target.kindCluster == nil {
      let current = answers[at].uid
      // One that may not tell which cluster it is counts as the right one.
      guard answers[at].isKnown, !answers[at].isFresh || current != nil else { continue }
      guard let kept = configuration.keptUID(on: place.target), kept != current else { continue }
      shownBy[at] = answers.indices.first { other in
        other != at && places[other].target.kindCluster == nil && answers[other].uid == kept
      }
      meansOther[at] = current != nil && shownBy[at] != nil
    }
  }

  /// Whether any installations are shown with another context than their own.
  package var isNeeded: Bool { shownBy.contains { $0 != nil } }

  /// Whether another context shows everything of a cluster: its own one fails.
  package func isReplaced(_ cluster: Int) -> Bool {
    shownBy.indices.contains(cluster) && shownBy[cluster] != nil && !meansOther[cluster]
  }

  /// The cluster whose context is used for the installations of another one; nil if they are shown with their own.
  package func usedInstead(of cluster: Int) -> Int? { shownBy.indices.contains(cluster) ? shownBy[cluster] : nil }

  /// What a command says of a cluster whose context fails, while another one shows everything of it; nil if none does.
  ///
  /// - Parameter reason: why the context fails, as a clause.
  package func note(of cluster: Int, because reason: String) -> String? {
    guard isReplaced(cluster), let used = usedInstead(of: cluster).map({ places[$0] }) else { return nil }
    return "\(reason); \(used.label) leads to the same cluster and is used instead"
  }

  /// The contexts that are used in place of others.
  package var standIns: [StandIn] {
    shownBy.indices.compactMap { at in shownBy[at].map { StandIn(places[$0].target, for: places[at].target) } }
  }

  /// The configuration of a cluster: with the installations that it shows.
  ///
  /// - Parameter whole: that of all clusters.
  package func configuration(_ whole: Configuration, on target: ClusterTarget) -> Configuration {
    var whole = whole
    whole.standIns = standIns
    return whole.on(target)
  }

  /// The findings of a cluster, with those about the installations that it shows for others.
  ///
  /// - Parameters:
  ///   - own: the findings that follow from the cluster alone.
  ///   - knowledge: what is known of each cluster.
  ///   - configuration: that of all clusters.
  package func findings(
    _ own: [Finding], of cluster: Int, _ knowledge: [ClusterKnowledge?], _ configuration: Configuration
  ) -> [Finding] {
    guard isNeeded else { return own }
    let shown = shownBy.indices.filter { shownBy[$0] == cluster }.flatMap { at in
      installations(at, configuration).map { name in
        FailingContext(
          name, own: places[at].label, used: places[cluster], reason: reason(at, name, knowledge[at], configuration)
        ).finding
      }
    }
    return SharedScaleSets.joined(isReplaced(cluster) ? own.map { replaced($0, cluster, configuration) } : own, shown)
  }

  private func installations(_ cluster: Int, _ configuration: Configuration) -> [InstallationName] {
    var configuration = configuration
    configuration.standIns = []
    return configuration.on(places[cluster].target).installations.map(\.name)
  }

  private func reason(
    _ cluster: Int, _ name: InstallationName, _ known: ClusterKnowledge?, _ configuration: Configuration
  ) -> FailingContext.Reason {
    guard meansOther[cluster], let uid = known?.observation?.uid else { return .fails(known?.observation?.cluster) }
    var configuration = configuration
    configuration.standIns = []
    let current = ClusterIdentity(uid: uid, server: known?.host?.server)
    return OtherCluster(name, configuration, current: current).map { .meansOther($0) } ?? .fails(nil)
  }

  /// That the context of a cluster fails keeps nothing from running that another one shows.
  private func replaced(_ finding: Finding, _ cluster: Int, _ configuration: Configuration) -> Finding {
    guard finding.installation == nil, [.clusterStopped, .clusterUnreachable, .contextMissing].contains(finding.rule),
      let used = shownBy[cluster].map({ places[$0] })
    else { return finding }
    var finding = finding
    finding.severity = .warning
    if finding.rule == .contextMissing {
      let names = installations(cluster, configuration)
      let name = names.count == 1 ? names[0].description : "NAME"
      finding.remedy =
        "\(used.label) leads to the same cluster and is used instead. To keep that: "
        + "`deskrun edit \(name) \(used.target.options)`"
    }
    return finding
  }
}

/// An installation whose own context fails, or means another cluster now, and the context that is used instead.
package struct FailingContext: Sendable, Equatable {
  package enum Reason: Sendable, Equatable {
    /// The context fails; nil for one that has not responded yet.
    case fails(ClusterState?)
    case meansOther(OtherCluster)
  }

  private let name: String
  private let own: String
  private let used: FailingContexts.Place
  private let reason: Reason

  /// - Parameters:
  ///   - own: what its own context is called.
  ///   - used: the context that is used instead.
  package init(_ name: InstallationName, own: String, used: FailingContexts.Place, reason: Reason) {
    (self.name, self.own, self.used, self.reason) = (name.description, own, used, reason)
  }

  /// What is wrong, and what is used instead, in one sentence.
  package var sentence: String {
    switch reason {
    case .fails(let state):
      let clause = state?.clause("its context \(own)") ?? "its context \(own) has not answered yet"
      return "\(name): \(clause), and \(used.label) leads to the same cluster"
    case .meansOther:
      return "\(name): its context \(own) means another cluster now, and \(used.label) leads to the one that it was "
        + "deployed on"
    }
  }

  /// What a command that uses the other context says.
  package var note: String { "\(sentence). \(used.label) is used; to keep that: `\(command)`" }

  private var command: String { "deskrun edit \(name) \(used.target.options)" }

  package var finding: Finding {
    let rule: FindingRule
    let evidence: String
    switch reason {
    case .fails(let state):
      rule =
        switch state {
        case .contextMissing?: .contextMissing
        case .unreachable?, nil: .clusterUnreachable
        default: .clusterStopped
        }
      evidence = state?.reason ?? "no answer yet"
    case .meansOther(let other): (rule, evidence) = (.clusterChanged, other.why)
    }
    return Finding(
      rule, name, .warning, sentence, evidence: [evidence], remedy: "Bind it to \(used.label)",
      action: .bind(used.target))
  }
}
