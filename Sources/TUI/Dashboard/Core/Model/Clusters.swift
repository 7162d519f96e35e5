import Engine

/// A cluster to show.
package struct ClusterSeat: Sendable, Equatable {
  package var target: ClusterTarget
  /// The options that displayed commands for this cluster must repeat.
  package var invocation: Invocation

  package init(target: ClusterTarget, invocation: Invocation) {
    (self.target, self.invocation) = (target, invocation)
  }
}

/// One of the clusters on the screen, with its state.
package struct ShownCluster: Sendable {
  package let target: ClusterTarget
  package let invocation: Invocation
  package internal(set) var knowledge: ClusterKnowledge
  /// The last findings, and the same with their commands completed for copying.
  var toldFindings: (raw: [Finding], completed: [Finding]) = ([], [])
  /// Its Kubernetes events, while they are displayed.
  package internal(set) var events: [KubeEvent] = []
  /// The namespaces whose events are watched; nil if none.
  var eventNamespaces: [String]?
  /// Whether the configuration no longer uses it, for example after its last installation was removed or its context was
  /// renamed. It is neither displayed nor watched, and keeps its place in the list, which others refer to.
  package internal(set) var isLeft = false
  /// Whether it was found in the kubeconfig, so that it is displayed although the configuration does not use it.
  var isFound = false
  /// The displayed name: the context, with the kubeconfig if another cluster has a context of the same name.
  package private(set) var label: String

  /// - Parameters:
  ///   - identity: the configuration's identity; nil if unknown.
  ///   - namespace: the only namespace to show; nil for all.
  init(_ seat: ClusterSeat, identity: String?, namespace: String? = nil) {
    (target, invocation) = (seat.target, seat.invocation)
    label = SafeText.line(seat.target.context)
    knowledge = ClusterKnowledge(place: seat.target.place, identity: identity, namespace: namespace)
  }

  package var context: String { target.context }

  /// Forgets what was read of it, because it is no longer watched.
  mutating func leave(identity: String?) {
    (isLeft, events, eventNamespaces, toldFindings) = (true, [], nil, ([], []))
    knowledge = ClusterKnowledge(place: target.place, identity: identity, namespace: knowledge.namespace)
  }

  /// Gives each cluster a unique displayed name.
  static func label(_ clusters: inout [ShownCluster]) {
    let targets = clusters.map(\.target)
    for at in clusters.indices { clusters[at].label = clusters[at].target.label(among: targets) }
  }

  /// Its contents, with the states of runners corrected that only appear busy or idle.
  package var snapshot: Snapshot? { knowledge.judgedSnapshot }
  package var observation: ClusterObservation? { knowledge.observation }
  /// The installations that are displayed.
  var shownStatuses: [InstallationStatus] { isLeft ? [] : knowledge.statuses }
  /// Whether it responds, or did a few seconds ago, so that operations on it can be tried.
  package var isFresh: Bool { knowledge.isFresh }
  /// Whether its displayed data is current.
  package var isCurrent: Bool { knowledge.isCurrent }
}

/// A value of one of the clusters on the screen.
@dynamicMemberLookup
package struct Located<Value: Sendable>: Sendable {
  /// The index of the cluster on the screen.
  package let cluster: Int
  package let value: Value

  package init(_ value: Value, in cluster: Int) { (self.cluster, self.value) = (cluster, value) }

  package subscript<Part>(dynamicMember path: KeyPath<Value, Part>) -> Part { value[keyPath: path] }
}

extension Located: Equatable where Value: Equatable {}

/// The name of an installation, or of a scale set that is only in its cluster.
package struct InstallationScope: Sendable, Equatable {
  package var cluster: Int
  package var name: String

  package init(cluster: Int, name: String) { (self.cluster, self.name) = (cluster, name) }
}

/// Tests whether scale sets are in the selected scope. Used for thousands of runners, so it is computed in advance.
package struct ScopeTest: Sendable, Hashable {
  package let cluster: Int
  /// The scale set names of an installation; nil for the whole cluster.
  package let sets: Set<String>?

  package func contains(_ cluster: Int, _ set: String) -> Bool {
    cluster == self.cluster && (sets?.contains(set) ?? true)
  }
}

/// The joined data of all clusters, in their order. With one cluster it is that cluster's data, without copying
/// thousands of runners.
package struct JoinedView: Sendable {
  /// The installations, and scale sets that are only in a cluster.
  package internal(set) var statuses: [Located<InstallationStatus>] = []
  /// All findings, most severe first.
  package internal(set) var findings: [Located<Finding>] = []
  /// The runners of each cluster by name, one cluster after another.
  package private(set) var runners: [Runner] = []
  /// The index of each cluster's first runner.
  private var starts: [Int] = []
  /// The source of `runners`. Kept to detect that the storage, and so the runners, did not change.
  private var parts: [[Runner]] = []

  /// Whether the runners of a cluster are known.
  package private(set) var hasRunners = false
  /// Which of the contexts lead to the same cluster.
  package private(set) var one = OneCluster([])

  /// The index of the cluster with this runner of `runners`.
  package func cluster(ofRunner index: Int) -> Int {
    guard starts.count > 1 else { return 0 }
    return (starts.lastIndex { $0 <= index }) ?? 0
  }

  /// - Parameters:
  ///   - failing: the clusters whose installations others show.
  ///   - configuration: that of all clusters; nil until it was read.
  mutating func join(_ clusters: [ShownCluster], _ failing: FailingContexts, _ configuration: Configuration?) {
    one = OneCluster(
      clusters.map { OneCluster.Known(uid: $0.observation?.uid, statuses: $0.shownStatuses) }, failing: failing)
    let conflicts = SharedScaleSets.conflicts(
      clusters.enumerated().map { ($1.label, failing.isReplaced($0) ? [] : $1.shownStatuses) })
    let knowledge = failing.isNeeded ? clusters.map(\.knowledge) : []
    func withShown(_ findings: [Finding], _ at: Int) -> [Finding] {
      failing.isNeeded ? failing.findings(findings, of: at, knowledge, configuration ?? Configuration()) : findings
    }
    statuses = clusters.enumerated().flatMap { at, cluster in
      var statuses = cluster.shownStatuses.filter { !one.hidden[at].contains($0.name) }
      let own = conflicts.filter { $0.cluster == at }
      if failing.isNeeded || !own.isEmpty {
        let findings = withShown(cluster.knowledge.findings, at)
        Diagnosis.mark(&statuses, with: SharedScaleSets.joined(findings, own.map(\.finding)))
      }
      return statuses.map { Located($0, in: at) }
    }
    joinFindings(clusters, conflicts, withShown)
    hasRunners = clusters.contains { $0.snapshot != nil }
    let all = clusters.enumerated().map { at, cluster -> [Runner] in
      guard !cluster.isLeft, !failing.isReplaced(at), let runners = cluster.snapshot?.runners else { return [] }
      let hidden = hiddenSets(of: at, cluster)
      return hidden.isEmpty ? runners : runners.filter { !hidden.contains($0.scaleSet) }
    }
    guard all.count > 1 else {
      (runners, starts, parts) = (all.first ?? [], [0], [])
      return
    }
    guard all.count != parts.count || !zip(all, parts).allSatisfy(Self.isSame) else { return }
    parts = all
    starts = []
    runners = []
    runners.reserveCapacity(all.reduce(0) { $0 + $1.count })
    for part in all {
      starts.append(runners.count)
      runners += part
    }
  }

  /// The scale sets of a cluster that another place of the same cluster shows.
  func hiddenSets(of at: Int, _ cluster: ShownCluster) -> Set<String> {
    guard one.hidden.indices.contains(at), !one.hidden[at].isEmpty else { return [] }
    return cluster.shownStatuses.filter { one.hidden[at].contains($0.name) }.reduce(into: []) {
      $0.formUnion($1.scaleSetNames)
    }
  }

  private static func isSame(_ a: [Runner], _ b: [Runner]) -> Bool {
    guard a.count == b.count else { return false }
    return a.withUnsafeBufferPointer { a in b.withUnsafeBufferPointer { a.baseAddress == $0.baseAddress } }
  }

  /// - Parameter withShown: adds to the findings of a cluster those about installations that it shows for others.
  private mutating func joinFindings(
    _ clusters: [ShownCluster], _ conflicts: [SharedScaleSets.Conflict], _ withShown: ([Finding], Int) -> [Finding]
  ) {
    var all: [Located<Finding>] = []
    for (at, cluster) in clusters.enumerated() where !cluster.isLeft {
      let own = conflicts.filter { $0.cluster == at }.map { cluster.invocation.completing($0.finding) }
      let told = cluster.toldFindings.completed
      let shown = withShown(told, at)
      let completed = shown == told ? told : shown.map { cluster.invocation.completing($0) }
      for finding in SharedScaleSets.joined(completed, own) {
        if let name = finding.installation, one.hidden[at].contains(name) { continue }
        // Problems of this computer are found for each of its clusters.
        if at > 0, finding.isOfComputer, all.contains(where: { $0.value == finding }) { continue }
        all.append(Located(finding, in: at))
      }
    }
    guard clusters.count > 1 else { return findings = all }
    findings = all.filter { $0.value.severity == .bad } + all.filter { $0.value.severity != .bad }
  }
}
