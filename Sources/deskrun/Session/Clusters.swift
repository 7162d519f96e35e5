import ArgumentParser
import CommandOutput
import Engine

/// The clusters that a call's options and the configuration choose.
struct ChosenClusters {
  /// The one that a call is about that is about one.
  var target: ClusterTarget
  /// Those that `--context` or `--kubeconfig` chose; empty where neither was given.
  var given: [ClusterTarget] = []

  /// `--context` and `--kubeconfig` for this call; `--kubeconfig` alone means the current context of that file, as with
  /// kubectl. Else what `deskrun cluster use` chose, else the kind cluster.
  ///
  /// - Throws: `EngineError` of kind `invalid` when the file has no current context.
  init(_ global: GlobalOptions, _ configuration: Configuration, environment: [String: String]) throws {
    let file = try global.kubeconfig.map(Session.absolute)
    func named(_ context: String) -> ClusterTarget {
      configuration.target(given: ClusterPlace(context: context, kubeconfig: file), environment)
    }
    if let first = global.contexts.first {
      target = named(first)
      for next in global.contexts.map(named) where !given.contains(next) { given.append(next) }
    } else if let file {
      if let current = try Self.current(in: file) {
        target = named(current)
      } else {
        target = configuration.target(at: nil)
        // kind writes a file that does not exist yet.
        target.kubeconfig = Kubeconfig.isStandard(file, environment) ? nil : file
      }
      given = [target]
    } else {
      target = configuration.target
    }
  }

  /// The current context of a kubeconfig; nil for a file that does not exist or is empty.
  private static func current(in file: String) throws(EngineError) -> String? {
    guard let kubeconfig = try Kubeconfig(file: file) else { return nil }
    if let current = kubeconfig.currentContext { return current }
    guard !kubeconfig.contexts.isEmpty else { return nil }
    throw EngineError(
      .invalid, "\(SafeText.line(file)) has no current context",
      fix: "Name one with --context: \(kubeconfig.contexts.map(\.name).joined(separator: ", "))")
  }
}

/// Which cluster a command acts on.
extension Session {
  /// The same on the cluster where an installation lives; this one for a name that the configuration does not have.
  ///
  /// - Parameter isEdit: whether the command could have bound it, without its other options.
  /// - Throws: `EngineError` of kind `invalid` when another cluster was asked for with `--context` or `--kubeconfig`.
  package func on(_ name: String?, isEdit: Bool = false) throws -> Session {
    guard let name, let own = try store.load().target(named: name) else { return self }
    guard isTargetGiven, !given.contains(own) else { return at(own) }
    throw Deployer.elsewhere(name, on: own, not: target, environment, isEdit: isEdit)
  }

  /// One for each cluster that the configuration has something on; those alone that `--context` or `--kubeconfig` chose.
  package func everywhere() throws -> [Session] {
    if given.count > 1 { return given.map(at) }
    return isTargetGiven ? [self] : try store.load().targets.map(at)
  }

  /// The one cluster that a command without an installation looks at: what was asked for, else the default, and where
  /// nothing lives on that, the first that something lives on.
  package func observing() throws -> Session {
    let all = try everywhere()
    return all.first { $0.target == target } ?? all.first ?? self
  }

  /// The same on deskrun's own kind cluster where that has installations; this one where a cluster was asked for.
  package func onKindCluster() throws -> Session {
    guard !isTargetGiven else { return self }
    return try store.load().targets.first { $0.kindCluster != nil }.map(at) ?? self
  }
}
