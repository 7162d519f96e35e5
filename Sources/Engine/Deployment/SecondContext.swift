import Basics
import Installations
import Tools

/// Whether a context leads to the cluster of an installation that is configured on another context.
package enum SecondContext: Sendable, Equatable {
  case same, other
  /// One of the two could not be read, with the reason.
  case unknown(String)
}

extension Deployer {
  /// A deployer that uses exactly these contexts in place of others of the same cluster.
  package func using(_ standIns: [StandIn]) -> Deployer {
    var (store, toolbox) = (store, toolbox)
    store.standIns = standIns
    toolbox.knownNamespaces = { [store] in store.namespaces(on: $0) }
    return Deployer(toolbox: toolbox, store: store, credentials: credentials, pace: pace)
  }

  /// Compares this cluster with that of an installation: with the identity that its entry has, otherwise with the
  /// cluster that its own context leads to.
  ///
  /// - Throws: `EngineError` if the configuration cannot be read, `CancellationError`.
  package func secondContext(of name: String) async throws -> SecondContext {
    let configuration = try store.load()
    guard let own = configuration.target(named: name) else { return .other }
    let kept =
      own.kindCluster == nil
      ? (try? InstallationName(reference: name)).flatMap { configuration.identity(of: $0)?.uid } : nil
    async let here = Self.uid(toolbox)
    let there: Result<String, EngineError> =
      if let kept { .success(kept) } else { try await Self.uid(at(own).toolbox) }
    switch (try await here, there) {
    case (.success(let one), .success(let two)): return one == two ? .same : .other
    case (.failure(let error), _), (_, .failure(let error)): return .unknown(error.why ?? error.what)
    }
  }

  /// - Throws: only `CancellationError`.
  private static func uid(_ toolbox: Toolbox) async throws -> Result<String, EngineError> {
    do {
      guard let uid = try await toolbox.kubectl().clusterUID() else {
        return .failure(
          EngineError(.unauthorized, "the namespace kube-system may not be read through \(toolbox.target.words)"))
      }
      return .success(uid)
    } catch let error as EngineError { return .failure(error) }
  }

  /// Another context that deskrun uses and that leads to the cluster an installation was deployed on; nil if none of
  /// them is known to.
  ///
  /// - Throws: `EngineError` if the configuration cannot be read, `CancellationError`.
  package func keptContext(of name: InstallationName) async throws -> ClusterTarget? {
    try await toolbox.keptContexts(of: [name], try store.load())[name]
  }

  /// How long to find out whether an installation can be bound to this cluster.
  private static let bindingPatience: Duration = .seconds(10)

  /// Whether binding an installation to this cluster is accepted; true if that is not known in time.
  ///
  /// - Throws: only `CancellationError`.
  package func mayBind(_ name: String) async throws -> Bool {
    guard let name = try? InstallationName(reference: name) else { return false }
    do {
      return try await TimeLimit.value(Self.bindingPatience) { try await !planRebind(name).steps.isEmpty } ?? true
    } catch is EngineError { return false }
  }
}
