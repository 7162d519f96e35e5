import ARC
import Basics
import Installations
import Kubernetes
import Tools

/// A summary of a cluster, for a list of several.
package struct ClusterSummary: Sendable {
  package var target: ClusterTarget
  /// The server's URL in the kubeconfig; nil if not set.
  package var server: String?
  package var state: ClusterState
  /// The controller; nil if it does not exist or is not known yet.
  package var controller: FoundController?
  package var installer: Installer?
  /// The number of configured installations on it.
  package var installations: Int
  /// What distinguishes it from other clusters; nil if it may not be read.
  package var identity: ClusterIdentity?
  /// The name of an earlier cluster in the list that is the same one, reached through another context. The runners are
  /// counted there.
  package var sameAs: String?
  /// Another cluster in the list that shows its installations, and counts them: the one that they were deployed on,
  /// while this context fails or means another one.
  package private(set) var countedAt: String?
  /// The uid of the cluster that all its installations were deployed on; nil if it is not known of each of them.
  package var keptUID: String?
  /// The installations that were deployed on another cluster, before the context was pointed at this one.
  package var changed: [OtherCluster] = []
  /// The number of runners in deskrun's namespace and in those of the installations, including those deployed without
  /// deskrun; nil if they could not be counted.
  package var runners: Int?
  /// The number of those with a job.
  package var busy: Int?
  /// Why the controller or the runners are not known although the cluster responds.
  package var unread: EngineError?
  /// The uids of the runners: objects with the same one are one object.
  private var runnerUIDs: Set<String> = []

  package init(target: ClusterTarget, server: String?, state: ClusterState, installations: Int) {
    (self.target, self.server, self.state, self.installations) = (target, server, state, installations)
  }

  /// Who installed a controller.
  package enum Installer: String, Sendable {
    /// This deskrun.
    case own = "deskrun"
    /// A deskrun with another configuration.
    case anotherDeskrun = "another-deskrun"
    /// Something else.
    case other
  }

  /// Looks at a cluster. Information that does not arrive in time is omitted.
  ///
  /// - Parameters:
  ///   - toolbox: its target is the cluster.
  ///   - owner: the identity of the configuration.
  /// - Throws: only `CancellationError`.
  package static func look(
    _ toolbox: Toolbox, _ configuration: Configuration, owner: String, limit: Duration
  ) async throws -> ClusterSummary {
    let target = toolbox.target
    let contexts = Kubeconfig.merged(target.kubeconfig, toolbox.environment).contexts
    var summary = ClusterSummary(
      target: target, server: contexts.first { $0.name == target.context }?.server,
      state: .unreachable(late(target, limit)),
      installations: configuration.on(target).installations.count)
    summary.keptUID = configuration.keptUID(on: target)
    let asked = try await TimeLimit.value(limit) { [summary] in
      var summary = summary
      try await summary.ask(toolbox, owner: owner, configuration.on(target))
      return summary
    }
    return asked ?? summary
  }

  /// The error for a cluster that did not respond in time.
  package static func late(_ target: ClusterTarget, _ limit: Duration) -> EngineError {
    EngineError(
      .timedOut, "The cluster \(target.context) did not answer within \(DurationText.short(limit))",
      fix: "`deskrun --context \(ToolCall.quoted([target.context])) doctor` checks the way to it", obstacle: .silent)
  }

  /// Why the cluster, or a part of what is configured on it, cannot be used; nil if no reason is known.
  package var reason: String? {
    if let reason = state.reason {
      return sameAs.map {
        "\(reason) (the same cluster as \($0), which answers\(countedAt == nil ? "" : "; its installations are counted there"))"
      } ?? reason
    }
    if let unread { return SafeText.line(unread.why ?? unread.what) }
    guard let first = changed.first else {
      return sameAs.map { "the same cluster as \($0), where its runners are counted" }
    }
    let names = changed.map(\.installation).joined(separator: ", ")
    return "another cluster than the one that \(names) \(changed.count == 1 ? "was" : "were") deployed on: \(first.why)"
      + (countedAt.map { "; \($0) leads to that one, and counts \(changed.count == 1 ? "it" : "them")" } ?? "")
  }

  private mutating func ask(_ toolbox: Toolbox, owner: String, _ configuration: Configuration) async throws {
    state = try await ClusterInspector(toolbox: toolbox).state()
    guard state.isReady else { return }
    let reader = OwnershipReader(toolbox: toolbox, owner: owner)
    async let controllers = Self.tolerant { try await reader.controllers() }
    let installations = configuration.installations
    async let identity = toolbox.clusterIdentity()
    let namespaces = ReleaseNamespaces(installations).all
    async let runners = Self.tolerant { try await Self.runners(toolbox, in: namespaces) }
    let controllerAnswer = try await controllers
    let found = (try? controllerAnswer.get()) ?? []
    controller = found.first { $0.hasOwnPlace } ?? found.first
    installer = controller.map { found in
      if Ownership.isOwn(found, isKind: toolbox.target.kindCluster != nil, owner: owner) { return .own }
      return found.isMarked ? .anotherDeskrun : .other
    }
    self.identity = try await identity
    changed = configuration.onOtherClusters(self.identity)
    let runnerAnswer = try await runners
    let all = try? runnerAnswer.get()
    if case .failure(let error) = controllerAnswer { unread = error }
    if case .failure(let error) = runnerAnswer { unread = error }
    (self.runners, busy) = (all?.count, all?.count { RunnerState($0, pod: nil).job != nil })
    runnerUIDs = Set((all ?? []).map(\.metadata.uid)).subtracting([""])
  }

  /// Notes which of these clusters are one: contexts of several names can lead to the same one.
  ///
  /// - Parameter name: what a cluster is called.
  package static func join(_ clusters: inout [ClusterSummary], _ name: (ClusterTarget) -> String) {
    for at in clusters.indices where clusters[at].target.kindCluster == nil {
      let isReady = clusters[at].state.isReady
      // A cluster that may not tell which one it is counts as the right one.
      guard let uid = clusters[at].keptUID, !isReady || clusters[at].identity.map({ $0.uid != uid }) ?? false,
        let other = clusters.firstIndex(where: { $0.identity?.uid == uid && $0.target.kindCluster == nil })
      else { continue }
      let otherName = name(clusters[other].target)
      if !isReady { clusters[at].sameAs = otherName }
      guard clusters[at].installations > 0 else { continue }
      clusters[other].installations += clusters[at].installations
      (clusters[at].installations, clusters[at].countedAt) = (0, otherName)
    }
    for at in clusters.indices.dropFirst() where clusters[at].state.isReady {
      guard let first = clusters[..<at].first(where: { $0.sameAs == nil && $0.isSame(as: clusters[at]) }) else {
        continue
      }
      clusters[at].sameAs = name(first.target)
      (clusters[at].runners, clusters[at].busy) = (nil, nil)
    }
  }

  private func isSame(as other: ClusterSummary) -> Bool {
    if let identity, let another = other.identity { return identity.isSame(as: another) }
    return !runnerUIDs.isDisjoint(with: other.runnerUIDs)
  }

  private static func runners(_ toolbox: Toolbox, in namespaces: [String]) async throws -> [EphemeralRunner] {
    try await withThrowingTaskGroup(of: [EphemeralRunner].self) { group in
      for namespace in namespaces { group.addTask { try await Self.runners(toolbox, in: namespace) } }
      return try await group.reduce(into: []) { $0 += $1 }
    }
  }

  private static func runners(_ toolbox: Toolbox, in namespace: String) async throws -> [EphemeralRunner] {
    let path = "/apis/actions.github.com/v1alpha1/namespaces/\(namespace)/ephemeralrunners"
    do {
      return try ScannedList<EphemeralRunner>(try await toolbox.api().get(path, timeout: .seconds(8))).items
    } catch let error as EngineError where error.kind == .notFound {
      // Without ARC, the cluster has no runners.
      return []
    }
  }

  /// - Throws: only `CancellationError`.
  private static func tolerant<Value: Sendable>(
    _ body: () async throws -> Value
  ) async throws -> Result<Value, EngineError> {
    do { return .success(try await body()) } catch let error as EngineError { return .failure(error) }
  }
}
