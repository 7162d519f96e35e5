import CommandOutput
import CommandSession
import Engine

extension Session {
  /// The maximum time for finding the owner of a name.
  private static let patience: Duration = .seconds(5)

  /// The configured installation of this name.
  ///
  /// - Throws: like `installation`; if the cluster has a scale set of that name that deskrun did not deploy, an error
  ///   that names its owner.
  func ownInstallation(_ text: String) async throws -> Installation {
    do { return try installation(text) } catch let error as EngineError where error.kind == .notFound {
      try await refuseForeign(text)
      throw error
    }
  }

  /// Rejects the name of a scale set that deskrun did not deploy, with an error that names its owner. If the cluster
  /// does not respond within a few seconds, the name is not rejected.
  ///
  /// - Parameter adopts: whether the command is `adopt`, so that the error must not suggest it.
  /// - Returns: the scale set that may be adopted; nil if unknown.
  @discardableResult
  func refuseForeign(_ text: String, adopts: Bool = false) async throws -> InstallationStatus? {
    let whole = try store.load()
    guard whole.all.named(text) == nil else { return nil }
    if case .on(let other) = try await whereabouts(of: text, within: Self.patience), other.target != target {
      return try await other.refuseForeignHere(text, adopts: adopts, asked: target)
    }
    return try await refuseForeignHere(text, adopts: adopts, asked: target)
  }

  /// - Parameter asked: the cluster that the command works on.
  private func refuseForeignHere(
    _ text: String, adopts: Bool, asked: ClusterTarget
  ) async throws -> InstallationStatus? {
    let configuration = try store.load().on(target)
    let toolbox = toolbox
    guard let reader = try? SnapshotReader(toolbox: toolbox),
      let sets = try? await TimeLimit.value(Self.patience, { try await reader.scaleSets(timeout: Self.patience) })
    else { return nil }
    let owner = store.owner
    var snapshot = Snapshot(takenAt: 0, controller: nil, scaleSets: sets, runners: [], pods: [])
    snapshot.narrowedTo = nil
    let statuses = InstallationStatus.joined(configuration.installations, snapshot, identity: owner)
    guard let status = statuses.named(text), let manager = status.manager else {
      let owners = ScaleSetOwners(configuration.installations, sets)
      if case .several = owners.named(text) { throw unknown(text, configuration, owners) }
      return nil
    }
    let adoptableName = status.adoptableName(in: configuration)
    guard adopts, let name = adoptableName else {
      throw completed(Self.refusal(status, manager, adoptableName: adoptableName))
    }
    guard target == asked else {
      throw EngineError(
        .invalid, "The scale set \(SafeText.line(text)) is on the cluster \(target.words), not \(asked.words)",
        fix: "Name its cluster: `deskrun adopt \(name) \(target.options)`")
    }
    return status
  }

  private static func refusal(
    _ status: InstallationStatus, _ manager: ScaleSetManager, adoptableName: String?
  ) -> EngineError {
    let what = "The scale set \(SafeText.line(status.name)) was not deployed by this deskrun"
    if let name = adoptableName {
      return EngineError(
        .invalid, what, why: "\(manager.words) deployed it",
        fix: "Change it there, or take it over with `deskrun adopt \(name)`, which shows first what would change")
    }
    let fix: String =
      switch manager {
      case .argoCD, .flux: "Change it in the Git repository that it is deployed from"
      case .helm(let release, let namespace):
        "Change it with helm: `helm upgrade \(SafeText.line(release)) -n \(SafeText.line(namespace))`"
      case .deskrun: "Change it with the deskrun that deployed it"
      case .unknown: "Change it with the tool that deployed it"
      }
    return EngineError(.invalid, what, why: "\(manager.words) deployed it", fix: fix)
  }
}
