import CommandOutput
import Engine

/// The clusters that contexts lead to: the one rule for commands that take several contexts of a cluster as one.
///
/// - A command acts on what its own context means now.
/// - What is configured on another context is on the cluster that it was deployed on, or if that is not stored, on the
///   one that the context means now. So a context that fails, or means another cluster, hides nothing.
/// - deskrun's own kind cluster is one of them. It may have been created again, so it is always asked.
package struct ContextClusters: Sendable {
  /// What is known of a context.
  package struct Entry: Sendable {
    package let target: ClusterTarget
    /// The uid of the cluster that it means now, or why that is not known; nil if it was not asked.
    package fileprivate(set) var current: Result<String, EngineError>?
    /// The uid of the cluster that everything configured on it was deployed on; nil if it is not known.
    fileprivate var kept: String?

    /// The uid of the cluster of what is configured on it.
    package var uid: String? { kept ?? (try? current?.get()) }
    /// Whether commands reach that cluster through it.
    package var leadsThere: Bool { uid != nil && (try? current?.get()) == uid }
    /// Why the cluster of what is configured on it is not known.
    fileprivate var unknown: EngineError? {
      if kept == nil, case .failure(let error)? = current { error } else { nil }
    }
  }

  /// In the order of the sessions.
  package let entries: [Entry]

  /// How long a context may take to tell which cluster it means.
  package static let patience: Duration = .seconds(5)

  /// Asks all at once.
  ///
  /// - Parameter sessions: one for each context; those that act are also asked if what is configured on them is known.
  /// - Throws: only `CancellationError`.
  package init(
    _ sessions: [(session: Session, acts: Bool)], _ configuration: Configuration, within limit: Duration = patience
  ) async throws {
    var whole = configuration
    whole.standIns = []
    var entries = sessions.map { session, _ in
      Entry(
        target: session.target,
        kept: session.target.kindCluster == nil ? whole.keptUID(on: session.target) : nil)
    }
    try await withThrowingTaskGroup(of: (Int, Result<String, EngineError>).self) { group in
      for (index, (session, acts)) in sessions.enumerated() where acts || entries[index].kept == nil {
        let (toolbox, target) = (session.toolbox, session.target)
        group.addTask {
          do {
            let uid = try await TimeLimit.value(limit) { try await toolbox.kubectl().clusterUID() }
            guard let uid else { return (index, .failure(ClusterSummary.late(target, limit))) }
            return (
              index,
              uid.map { .success($0) }
                ?? .failure(
                  EngineError(
                    .unauthorized, "The namespace kube-system may not be read through \(target.words)",
                    obstacle: .forbidden("reading the namespace kube-system")))
            )
          } catch let error as EngineError { return (index, .failure(error)) }
        }
      }
      for try await (index, answer) in group { entries[index].current = answer }
    }
    self.entries = entries
  }

  /// The places of the other contexts that lead to the cluster of the first one.
  package var sameAsFirst: [Int] {
    guard let here = try? entries.first?.current?.get() else { return [] }
    return entries.indices.dropFirst().filter { entries[$0].uid == here }
  }

  /// The other contexts of which it is not known whether they lead to the cluster of the first one, with the reason.
  package var unknown: [(target: ClusterTarget, why: String)] {
    guard let first = entries.first else { return [] }
    // Where the first one fails, the command is refused and says why; one that may not be compared is used.
    if case .failure(let error)? = first.current {
      return error.isForbidden ? entries.dropFirst().map { ($0.target, error.why ?? error.what) } : []
    }
    return entries.dropFirst().compactMap { entry in entry.unknown.map { (entry.target, $0.why ?? $0.what) } }
  }

  /// The contexts in groups of one cluster, each with the one first through which it is changed: deskrun's own kind
  /// cluster under its own name, otherwise the first that leads there. One whose cluster is not known is a group.
  package var groups: [[Int]] {
    var groups: [[Int]] = []
    for at in entries.indices {
      let group = entries[at].uid.flatMap { uid in groups.firstIndex { entries[$0[0]].uid == uid } }
      if let group { groups[group].append(at) } else { groups.append([at]) }
    }
    return groups.map { group in
      let kind = group.first { entries[$0].target.kindCluster != nil }
      guard let base = kind ?? group.first(where: { entries[$0].leadsThere }) else { return group }
      return [base] + group.filter { $0 != base }
    }
  }
}

extension Session {
  /// A session for commands that work on a whole cluster: what is configured on other contexts of this cluster belongs
  /// to it. Otherwise `down` would leave it running, and `upgrade` would take it for somebody else's. deskrun's own kind
  /// cluster is only changed under its own name.
  ///
  /// - Parameter deploys: whether the command may deploy. On a kind cluster, what is configured on another context is
  ///   then left to that one: it is deployed differently.
  /// - Throws: `EngineError` if the configuration cannot be read, `CancellationError`.
  package func withOtherContexts(deploys: Bool) async throws -> Session {
    guard given.count <= 1, !(deploys && target.kindCluster != nil) else { return self }
    let (others, clusters) = try await otherContexts(try store.load())
    guard let clusters else { return self }
    var standIns: [StandIn] = []
    for own in clusters.sameAsFirst.map({ others[$0 - 1] }) {
      if target.kindCluster != nil {
        standIns.append(StandIn(own: own, used: target))
      } else if own.kindCluster == nil {
        standIns.append(StandIn(target, for: own))
      } else {
        tellNote(
          "\(label) leads to deskrun's own kind cluster \(SafeText.line(own.context)). What is configured on that is left out: name that context"
        )
      }
    }
    tellUnknown(clusters)
    return using(standIns)
  }

  /// A session for commands that only look: what is configured on other contexts of this cluster is here. deskrun's own
  /// kind cluster may be one of them.
  ///
  /// - Returns: the session, and the reason if it is not known which cluster this one is.
  /// - Throws: `EngineError` if the configuration cannot be read, `CancellationError`.
  package func joiningContexts() async throws -> (session: Session, unknown: EngineError?) {
    let configuration = try store.load()
    let (others, clusters) = try await otherContexts(configuration)
    guard let clusters else {
      let isUsed = configuration.targets.contains { isOther($0) && configuration.isUsed($0) }
      return (self, isUsed ? try await ClusterInspector(toolbox: toolbox).absentContext() : nil)
    }
    if case .failure(let error)? = clusters.entries.first?.current, !error.isForbidden { return (self, error) }
    tellUnknown(clusters)
    return (using(clusters.sameAsFirst.map { StandIn(own: others[$0 - 1], used: target) }), nil)
  }

  /// Another context that leads to the cluster of what is configured on this one, as a way out; nil if none answers in
  /// time.
  ///
  /// - Throws: `EngineError` if the configuration cannot be read, `CancellationError`.
  package func otherContext(within limit: Duration) async throws -> String? {
    let configuration = try store.load()
    let names = configuration.on(target).installations.map(\.name)
    let toolbox = toolbox
    let kept = try await TimeLimit.value(limit) { try await toolbox.keptContexts(of: names, configuration) }
    return kept.flatMap { names.way($0) }.map(console.invocation.text)
  }

  /// A session for each cluster that a command shows completely. What is configured on other contexts of a given cluster
  /// is on it too. Contexts of which that is not known are asked for a short time only: one that hangs must not keep
  /// this one from being shown.
  package func shown() async throws -> [Session] {
    guard isTargetGiven, given.count == 1, target.kindCluster == nil else { return try everywhere() }
    let configuration = try store.load()
    let others = configuration.targets.filter { isOther($0) && $0.kindCluster == nil && configuration.isUsed($0) }
    guard !others.isEmpty else { return [self] }
    let clusters = try await ContextClusters(
      [(self, true)] + others.map { (at($0), false) }, configuration, within: .seconds(2))
    return [using(clusters.sameAsFirst.map { StandIn(own: others[$0 - 1], used: target) })]
  }

  private func isOther(_ other: ClusterTarget) -> Bool { other != target && !given.contains(other) }

  /// The other contexts in use, and what they and this one lead to; nil if there is nothing to compare, or if the
  /// kubeconfig does not have this one.
  private func otherContexts(
    _ configuration: Configuration
  ) async throws -> (others: [ClusterTarget], clusters: ContextClusters?) {
    let others = configuration.targets.filter { isOther($0) && configuration.isUsed($0) }
    guard !others.isEmpty else { return ([], nil) }
    return try await waiting(for: "comparing the clusters") {
      // A context that the kubeconfig does not have leads nowhere: the command says so.
      guard try await ClusterInspector(toolbox: toolbox).absentContext() == nil else { return (others, nil) }
      return (
        others,
        try await ContextClusters([(self, true)] + others.map { (at($0), false) }, configuration)
      )
    }
  }

  private func tellUnknown(_ clusters: ContextClusters) {
    for (other, why) in clusters.unknown {
      tellNote(
        "it is not known whether \(SafeText.line(other.context)) leads to this cluster too, and what is configured on it is left out: \(why)"
      )
    }
  }
}
