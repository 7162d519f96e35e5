import ARC
import Basics
import Installations
import Tools

/// What a plan is made from: the state of the cluster, or why it cannot be known.
extension Deployer {
  /// Reads what is deployed in the cluster, and where that fails, or the context means another one, which other context
  /// leads to it.
  ///
  /// - Parameter wanted: installations that are not in the configuration yet, or that differ from it.
  package func observe(of wanted: [Installation] = []) async throws -> DeployedState {
    let configuration = try? ownConfiguration()
    let configured = configuration?.installations ?? []
    var observer = DeploymentObserver(
      toolbox: toolbox, owner: store.owner,
      mayBeInCreation: OperationLock(directory: store.paths.locks).isHeld(PlanExecutor.clusterLock(target)),
      namespaces: ReleaseNamespaces(configured + wanted))
    observer.identifies = !isKind || configured.contains { configuration?.identity(of: $0.name) != nil }
    guard !isKind, let configuration, !configured.isEmpty else { return try await observer.observe() }
    var (observed, kept) = try await Meanwhile.value { [observer] in
      try await observer.observe()
    } isNeeded: { observed in
      observed.cluster.isOutOfReach || !configuration.onOtherClusters(observed.identity).isEmpty
    } _: {
      try await toolbox.keptContexts(of: configured.map(\.name), configuration)
    }
    observed.kept = kept ?? [:]
    return observed
  }

  /// Reads what is deployed in the cluster, for operations that need a cluster that responds.
  ///
  /// - Parameters:
  ///   - consequence: what does not happen if it does not respond: `nothing is upgraded`.
  ///   - wanted: installations that are not in the configuration yet.
  ///   - mayBeAbsent: whether a cluster that was not created yet is acceptable.
  /// - Throws: `EngineError` of kind `toolMissing` that names all missing tools, `unreachable` if it does not respond.
  func observeAnswering(
    otherwise consequence: String, of wanted: [Installation] = [], mayBeAbsent: Bool = false
  ) async throws -> DeployedState {
    let observed = try await observe(of: wanted)
    if case .toolMissing(let error) = observed.cluster {
      try toolbox.require(isKind ? [.docker, .kind, .kubectl, .helm] : [.kubectl, .helm])
      throw error
    }
    let names = try ownConfiguration().installations.map(\.name)
    if case .contextMissing(let error) = observed.cluster {
      throw MissingContext(target, of: names, kept: observed.kept).completing(error)
    }
    guard observed.cluster.isReady || (mayBeAbsent && observed.cluster == .absent) else {
      let clause = observed.cluster.clause("The cluster \(target.context)")
      let error: EngineError? = if case .unreachable(let error) = observed.cluster { error } else { nil }
      if let error, error.obstacle == .kubeconfig { throw error.stopping(consequence) }
      throw EngineError(
        error?.isForbidden == true ? .unauthorized : .unreachable, "\(SentenceCase.upper(clause)), so \(consequence)",
        why: observed.cluster.reason,
        fix: isKind
          ? "Start it first: `deskrun up`" : names.way(observed.kept) ?? error?.fix ?? ToolHints.checkNetwork)
    }
    if let problem = observed.problem { throw problem }
    return observed
  }

  /// Rejects changes on a cluster that does not respond and that deskrun cannot start: waiting does not help, and a
  /// saved change would be carried out unexpectedly later.
  ///
  /// - Parameter names: the installations that would be changed.
  func refuseSilent(_ observed: DeployedState, of names: [InstallationName]) throws(EngineError) {
    if let error = silence(observed.cluster, of: names, observed.kept) { throw error }
  }

  /// Why nothing can be changed on this cluster: it does not respond, and deskrun cannot start it; nil if it responds.
  ///
  /// - Throws: only `CancellationError`.
  package func silence() async throws -> EngineError? {
    guard !isKind else { return nil }
    let configuration = try ownConfiguration()
    let names = configuration.installations.map(\.name)
    let (state, kept) = try await Meanwhile.value {
      try await ClusterInspector(toolbox: toolbox).state()
    } isNeeded: {
      $0.isOutOfReach
    } _: {
      try await toolbox.keptContexts(of: names, configuration)
    }
    return silence(state, of: names, kept ?? [:])
  }

  private func silence(
    _ state: ClusterState, of names: [InstallationName], _ kept: KeptContexts
  ) -> EngineError? {
    guard case .unreachable(let error) = state else { return nil }
    let way = names.way(kept)
    // deskrun's own kind cluster can be neither created nor started with such a file.
    if error.obstacle == .kubeconfig, isKind || way == nil { return error.stopping("nothing was changed") }
    guard !isKind else { return nil }
    return EngineError(
      error.kind, "\(SentenceCase.upper(state.clause("the cluster \(target.context)"))), so nothing was changed there",
      why: error.why ?? error.what, fix: way ?? error.fix, obstacle: error.obstacle)
  }
}
