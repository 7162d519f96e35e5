import Basics
import Installations
import Tools

/// What an operation works on exclusively.
package enum OperationScope: Sendable, Equatable {
  /// An installation: its entry in the configuration and its objects in the cluster.
  case installation(InstallationName)
  /// All installations, or the whole cluster.
  case everything
}

extension Deployer {
  /// Runs an operation, from reading the configuration to the last step of its plan, while no other deskrun works on
  /// the same installation. A second operation waits, then reads what the first one left: so no plan is based on an
  /// outdated configuration, and configuration and cluster agree in the end.
  ///
  /// - Parameters:
  ///   - title: the name shown to others that wait: `deskrun edit web-ci`. Without secrets.
  ///   - onWait: called with the current holders when waiting starts and when they change; empty if unknown.
  /// - Throws: `CancellationError` while waiting; `EngineError` of kind `invalid` if another cluster was chosen
  ///   meanwhile, of kind `configuration` if the folder of the configuration is unusable; what `body` throws.
  package func exclusively<R: Sendable>(
    _ title: String, on scope: OperationScope,
    onWait: @escaping @Sendable ([OperationHolder]) -> Void, _ body: () async throws -> R
  ) async throws -> R {
    try store.prepareFolder()
    store.removeLeftOvers()
    let chosen = try store.load().target
    let locks = OperationLock(directory: store.paths.operations)
    let holder = OperationHolder.current(title)
    let (everything, one) = ("everything", "installation.")
    func checked() async throws -> R {
      try refuseOther(than: chosen, for: scope)
      return try await body()
    }
    switch scope {
    case .everything:
      return try await locks.withLock(everything, holder: holder, others: one, onWait: onWait, checked)
    case .installation(let name):
      return try await locks.withLock(everything, .shared, onWait: onWait) {
        try await locks.withLock("\(one)\(name)", holder: holder, onWait: onWait, checked)
      }
    }
  }

  /// An operation that waited must not use a cluster that is no longer the chosen one. An existing installation has its
  /// own cluster, whichever is chosen.
  private func refuseOther(than chosen: ClusterTarget, for scope: OperationScope) throws(EngineError) {
    let configuration = try store.load()
    if case .installation(let name) = scope, configuration.target(named: name.description) != nil { return }
    let now = configuration.target
    guard now != chosen, toolbox.target.context == chosen.context else { return }
    throw EngineError(
      .invalid, "Another cluster was chosen while this command waited",
      why: "It was started for \(chosen.context); the cluster is \(now.context) now",
      fix: "Run it again, for the former cluster with --context \(ToolCall.quoted([chosen.context]))")
  }
}
