import Basics
import Installations
import Tools

extension PlanExecutor {
  /// Stores an installation. The plan was based on `base`: if the file has changed since, the plan would undo that, so
  /// it fails before anything is changed.
  ///
  /// - Parameter isDeployed: whether the cluster already has some of it. Otherwise a new entry records that deployment
  ///   has not started, until `noteDeployment`.
  package func save(
    _ installation: Installation, over base: Installation?, isDeployed: Bool
  ) async throws -> StepOutcome {
    var wasSame = false
    try await store.change { configuration in
      let existing = configuration.installation(named: installation.name)
      wasSame = existing == installation
      guard !wasSame else { return }
      switch (existing, base) {
      case (nil, nil): break
      case (let existing?, let base?) where existing == base: break
      case (nil, _?):
        throw EngineError(
          .notFound, "The installation \(installation.name) was removed meanwhile",
          fix: "Add it again with `deskrun add`, or leave it removed")
      case (_?, nil):
        throw EngineError(
          .invalid, "An installation named \(installation.name) has been added meanwhile",
          fix: "See `deskrun list`, then use `deskrun edit \(installation.name)` or another name")
      case (let existing?, let base?):
        let changes = InstallationDifference.list(from: base, to: existing, credentials: true)
        throw EngineError(
          .invalid, "The installation \(installation.name) was changed meanwhile",
          why: changes.isEmpty ? nil : changes.joined(separator: "; "), fix: "Run the same command again")
      }
      try configuration.refuseCollision(of: installation)
      configuration.set(installation)
      if existing == nil, !isDeployed { configuration.noteDeployment(of: installation.name, hasBegun: false) }
    }
    return wasSame ? .unchanged("already in the configuration") : .changed()
  }

  /// Records that deployment starts, right before the first object of an installation is created: from then on only the
  /// cluster tells whether something exists.
  /// It also records the identity of that cluster, unless deskrun creates and deletes the cluster itself.
  ///
  /// - Throws: `EngineError` of kind `invalid` if the context points to another cluster than the recorded one.
  func noteDeployment(of name: InstallationName, _ context: StepContext) async throws {
    let configuration = try store.load()
    let known = configuration.identity(of: name)
    let isKept = toolbox.target.kindCluster == nil
    let identity = isKept || known != nil ? try await context.toolbox.clusterIdentity() : nil
    if let other = OtherCluster(name, configuration, current: identity) { throw other.error() }
    let isNews = isKept && identity != nil && identity != known
    guard configuration.isUndeployed(name) || isNews else { return }
    try await store.change { configuration in
      if configuration.isUndeployed(name) { configuration.noteDeployment(of: name, hasBegun: true) }
      if isNews { configuration.noteIdentity(of: name, identity) }
    }
  }

  /// Stores the cluster of an installation.
  func keepPlace(
    of name: InstallationName, _ place: ClusterPlace?, _ identity: ClusterIdentity?
  ) async throws -> StepOutcome {
    var wasThere = false
    try await store.change { configuration in
      wasThere = configuration.target(named: name.description) != nil
      configuration.notePlace(of: name, place, identity: identity)
    }
    guard wasThere else {
      throw EngineError(.notFound, "The installation \(name) was removed meanwhile", fix: "See `deskrun list`")
    }
    return .changed()
  }

  package func forget(_ name: InstallationName) async throws -> StepOutcome {
    var wasThere = false
    try await store.change { configuration in wasThere = configuration.remove(name) }
    return wasThere ? .changed() : .unchanged("not in the configuration")
  }

  func checkCredentials(_ installations: [Installation], _ context: StepContext) async throws -> StepOutcome {
    for (at, installation) in installations.enumerated() {
      context.progress("asking for those of \(installation.name)", at, of: installations.count)
      _ = try await credentials(installation)
    }
    return .unchanged()
  }
}
