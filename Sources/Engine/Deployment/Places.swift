import ARC
import Basics
import Installations
import Tools

/// A plan only works on installations of its own cluster.
extension Deployer {
  /// The configuration of this cluster.
  func ownConfiguration() throws(EngineError) -> Configuration { try store.load().on(target) }

  /// The error for a command on the wrong cluster: the installation is on another one.
  ///
  /// - Parameters:
  ///   - isEdit: whether the command could have bound it, without its other options.
  ///   - canBind: whether binding it to the given context may be accepted.
  ///   - unknown: why it is not known whether both contexts lead to the same cluster; nil if they do not.
  package static func elsewhere(
    _ name: String, on own: ClusterTarget, not asked: ClusterTarget, isEdit: Bool = false, canBind: Bool = false,
    unknown: String? = nil, lacking: EngineError? = nil
  ) -> EngineError {
    let name = SafeText.line(name)
    let isContext = own.context != asked.context
    let (here, there) = (isContext ? own.context : own.words, isContext ? asked.context : asked.words)
    let why =
      isEdit
      ? "Binding it to another context cannot be combined with other changes"
      : "Commands act on the cluster where an installation was deployed"
    return EngineError(
      .invalid, "\(name) is on the cluster \(here), not \(there)",
      why: why + (lacking.map { "; \(SentenceCase.lower($0.what))" + ($0.why.map { " (\($0))" } ?? "") } ?? "")
        + (unknown.map { "; it is not known whether \(there) is the same one: \($0)" } ?? ""),
      fix: "Leave out --context and --kubeconfig."
        + (canBind
          ? " If the context was renamed\(isEdit ? ", bind it first" : ""): `deskrun edit \(name) \(asked.options)`"
          : ""))
  }

  /// Rejects work on an installation of another cluster.
  func refuseElsewhere(_ name: String, _ configuration: Configuration) throws(EngineError) {
    guard let other = configuration.elsewhere.first(where: { $0.name.description == name }) else { return }
    // Commands and the dashboard choose the cluster of an installation beforehand.
    throw EngineError(
      .invalid,
      "\(SafeText.line(name)) is on the cluster \(configuration.target(of: other).words), not \(target.words)",
      why: "It was removed here or bound to another context meanwhile",
      fix: "`deskrun list` shows what is where; run the command again if the other one is meant")
  }

  /// Rejects a second installation of a name unless it is certainly on another cluster, and GitHub tells the two apart:
  /// on one cluster, both would be the same Helm release.
  func refuseSecondPlace(_ installation: Installation, _ configuration: Configuration) async throws {
    let name = installation.name.plain
    for other in configuration.elsewhere where other.name.plain == name && other.name != installation.name {
      let own = configuration.target(of: other)
      switch try await secondContext(of: other.name.description) {
      case .same:
        throw EngineError(
          .invalid, "There is an installation \(other.name) already, on this cluster",
          why: "It is configured on the context \(own.words), which leads to the same cluster as \(target.words)",
          fix: "Add this one under another name. To bind the one that exists to \(target.words): "
            + "`deskrun edit \(other.name) \(target.options)`")
      case .other: continue
      case .unknown(let why):
        // Nothing is deployed there, so nothing could be deployed twice.
        if try await isAbsent(own) { continue }
        try configuration.refuseCollision(of: installation)
        throw EngineError(
          .invalid, "There is an installation \(other.name) already, on the cluster \(own.words)",
          why: "It is not known whether \(target.words) is another cluster: \(why)",
          fix: "Add this one under another name, or run the same command when both clusters respond")
      }
    }
  }

  /// Whether a cluster is a kind cluster that does not exist.
  private func isAbsent(_ other: ClusterTarget) async throws -> Bool {
    guard other.kindCluster != nil || isKind else { return false }
    for deployer in [self, at(other)] where deployer.isKind {
      if case .absent = try await ClusterInspector(toolbox: deployer.toolbox).state() { return true }
    }
    return false
  }

  /// Rejects a plan for a context that the kubeconfig does not have: it cannot work, and waiting does not help.
  func refuseMissingContext(_ observed: DeployedState, of names: [InstallationName]) throws(EngineError) {
    // The context of deskrun's own kind cluster is added again by the plan.
    guard !isKind, case .contextMissing(let error) = observed.cluster else { return }
    throw MissingContext(target, of: names, kept: observed.kept).completing(error)
  }

  /// Rejects a plan if the context was pointed at another cluster since an installation was deployed: the installation
  /// would be deployed a second time, or what runs on the former cluster would be forgotten.
  func refuseOtherCluster(
    _ observed: DeployedState, of installations: [Installation], _ configuration: Configuration
  ) throws(EngineError) {
    for installation in installations {
      guard let other = OtherCluster(installation.name, configuration, current: observed.identity) else { continue }
      throw other.error(kept: observed.kept[installation.name])
    }
  }

  /// Rejects a plan for an entry whose cluster cannot be read.
  func refuseUnknownPlace(_ name: InstallationName) throws(EngineError) {
    guard
      let problem = try store.load().unreadable.first(where: { $0.name == name.description })?.placeProblem
    else { return }
    throw EngineError(
      .configuration, "It is not known which cluster \(name) is on", why: problem.why ?? problem.what,
      fix: "Fix its entry in \(store.paths.configuration), or remove the entry alone with `deskrun remove \(name) "
        + "--skip-cluster`")
  }

  /// The error for a missing context through which no installation was deployed.
  func unknownContext(_ error: EngineError) -> EngineError { MissingContext(target, of: []).completing(error) }

  /// Whether the cluster of an installation is unknown: an earlier version did not store it, and this cluster has
  /// nothing of it. Deploying it here might create a second one.
  func isUnsettled(
    _ installation: Installation, _ observed: DeployedState, _ ownership: Ownership, _ configuration: Configuration
  ) -> Bool {
    guard observed.problem == nil, configuration.mayBeElsewhere(installation.name) else { return false }
    if !configuration.isDeployedUnseen(installation.name) {
      guard observed.cluster.isReady || observed.cluster == .absent else { return false }
    }
    return !isDeployedHere(installation, observed, ownership)
  }

  /// Rejects work on all installations of a cluster while it is unknown whether one of them is there.
  func refuseUnsettled(
    _ observed: DeployedState, _ ownership: Ownership, _ configuration: Configuration
  ) throws(EngineError) {
    for installation in configuration.installations
    where isUnsettled(installation, observed, ownership, configuration) {
      throw Self.unsettled(installation.name, on: target)
    }
  }

  func isDeployedHere(
    _ installation: Installation, _ observed: DeployedState, _ ownership: Ownership
  ) -> Bool {
    installation.scaleSets.contains {
      observed.evidence[$0.name] != nil && !ownership.isForeign($0.name, of: installation.name)
    }
  }

  static func unsettled(_ name: InstallationName, on target: ClusterTarget) -> EngineError {
    UnknownPlace(name, notOn: target).error
  }
}
