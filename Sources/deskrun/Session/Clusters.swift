import ArgumentParser
import CommandOutput
import Engine

/// The clusters selected by a call's options and the configuration.
struct ChosenClusters {
  /// The cluster for commands that work on one.
  var target: ClusterTarget
  /// The clusters given with `--context` or `--kubeconfig`; empty if neither was given.
  var given: [ClusterTarget] = []

  /// The clusters of `--context` and `--kubeconfig`; `--kubeconfig` alone selects the current context of that file, as
  /// in kubectl. Otherwise the choice of `deskrun cluster use`, or else the kind cluster.
  ///
  /// - Parameter mayCreate: whether the command can create the kind cluster, and with it the kubeconfig file.
  /// - Throws: `EngineError` of kind `invalid` if the file has no current context, of kind `unreachable` if it does not
  ///   exist or is not a kubeconfig. The clusters of installations may have such a file: their state tells it.
  init(
    _ global: GlobalOptions, _ configuration: Configuration, environment: [String: String], mayCreate: Bool
  ) throws {
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
        // kind creates the file if it does not exist yet.
        target.kubeconfig = Kubeconfig.isStandard(file, environment) ? nil : file
      }
      given = [target]
    } else {
      target = configuration.target
    }
    guard let file, !given.allSatisfy(configuration.targets.contains) else { return }
    guard try Kubeconfig(file: file) == nil, !(mayCreate && given.allSatisfy { $0.kindCluster != nil }) else { return }
    guard FileIO.exists(file) else { throw Toolbox.noKubeconfig(file) }
    throw EngineError(
      .unreachable, "The kubeconfig \(SafeText.line(file)) cannot be used", why: "It is empty",
      fix: "Correct the path in --kubeconfig", obstacle: .kubeconfig)
  }

  /// The current context of a kubeconfig; nil if the file does not exist or has no contexts.
  private static func current(in file: String) throws(EngineError) -> String? {
    guard let kubeconfig = try Kubeconfig(file: file) else { return nil }
    if let current = kubeconfig.currentContext { return current }
    guard !kubeconfig.contexts.isEmpty else { return nil }
    throw EngineError(
      .invalid, "\(SafeText.line(file)) has no current context",
      fix: "Name one with --context: \(kubeconfig.contexts.map(\.name).joined(separator: ", "))")
  }
}

/// Selects the cluster for a command.
extension Session {
  /// A session for the cluster of an installation; this session if the configuration does not have that name. Where
  /// `--context` or `--kubeconfig` gave another context of that cluster, the session uses it.
  ///
  /// - Parameter isEdit: whether the command could have bound it, without its other options.
  /// - Throws: `EngineError` of kind `invalid` when another cluster was asked for with `--context` or `--kubeconfig`.
  package func on(_ name: String?, isEdit: Bool = false) async throws -> Session {
    let configuration = try store.load()
    guard let name = name.map({ reference($0, configuration) }), let own = configuration.target(named: name) else {
      return self
    }
    guard isTargetGiven, !given.contains(own) else { return at(own) }
    if given.count == 1, let error = try await ClusterInspector(toolbox: toolbox).absentContext() {
      throw Deployer.elsewhere(name, on: own, not: target, isEdit: isEdit, lacking: error)
    }
    // Several clusters may have an installation of that name.
    let others = configuration.all.map(\.name).filter { $0.plain == name && $0.place != nil }
    let names = [name] + others.map(\.description)
    return try await waiting(for: "comparing the clusters") {
      var unknown: String?
      for name in names {
        for other in given {
          switch try await at(other).deployer.secondContext(of: name) {
          case .same: return standing(in: other, for: configuration.target(named: name) ?? own)
          case .other: continue
          case .unknown(let why): unknown = why
          }
        }
      }
      let canBind = try await at(target).deployer.mayBind(name)
      throw Deployer.elsewhere(name, on: own, not: target, isEdit: isEdit, canBind: canBind, unknown: unknown)
    }
  }

  /// A session that uses another context of a cluster for what is configured on it.
  private func standing(in other: ClusterTarget, for own: ClusterTarget) -> Session {
    let standIn = StandIn(other, for: own)
    var session = using([standIn])
    session.given = [standIn.used]
    return session.at(standIn.used)
  }

  /// This session if its context leads to the cluster that an installation was deployed on, else one for another
  /// configured context of that cluster, if one answers. A command that uses it says so.
  package func answering(for name: String) async throws -> Session {
    let configuration = try store.load()
    // Asking costs a call, so it is only done where another context may lead there.
    guard !isTargetGiven, let installation = try? InstallationName(reference: name),
      !configuration.otherContexts(of: installation).isEmpty
    else { return self }
    return try await waiting(for: "asking the cluster") {
      guard let reason = try await failure(of: installation, configuration),
        let other = try await deployer.keptContext(of: installation)
      else { return self }
      var session = standing(in: other, for: target)
      let used = FailingContexts.Place(other, label: session.label)
      let failing = FailingContext(installation, own: label, used: used, reason: reason)
      tellNote(console.invocation.text(failing.note))
      session.ownContext = failing
      return session
    }
  }

  /// Why an installation cannot be shown with this context; nil if it can.
  private func failure(
    of name: InstallationName, _ configuration: Configuration
  ) async throws -> FailingContext.Reason? {
    let state = try await ClusterInspector(toolbox: toolbox).state()
    switch state {
    case .unreachable, .contextMissing: return .fails(state)
    case .ready: break
    default: return nil
    }
    return OtherCluster(name, configuration, current: try await toolbox.clusterIdentity()).map { .meansOther($0) }
  }

  /// A session that uses these contexts in place of others of the same cluster.
  package func using(_ standIns: [StandIn]) -> Session {
    var session = self
    session.store.standIns += standIns
    let store = session.store
    session.toolbox.knownNamespaces = { store.namespaces(on: $0) }
    return session
  }

  /// A session for each given cluster, or else for each cluster of the configuration.
  package func everywhere() throws -> [Session] {
    if given.count > 1 { return given.map(at) }
    return isTargetGiven ? [self] : try store.load().targets.map(at)
  }

  /// The session for commands without an installation that work on one cluster: the given one, else the default, or if
  /// that has no installations, the first one with installations.
  package func observing() throws -> Session {
    let all = try everywhere()
    return all.first { $0.target == target } ?? all.first ?? self
  }

  /// A session for deskrun's own kind cluster if it has installations; this session if a cluster was given.
  package func onKindCluster() throws -> Session {
    guard !isTargetGiven else { return self }
    return try store.load().targets.first { $0.kindCluster != nil }.map(at) ?? self
  }
}
