import Basics
import Installations
import Tools

/// The cluster that a plan was made for. A context may come to mean another one before the plan has run: while it waits
/// for an answer, or for jobs.
package struct PlannedCluster: Sendable, Equatable {
  /// What distinguishes it from others.
  package var identity: ClusterIdentity
  /// The kubeconfig files when that was last confirmed.
  package var access: FileStamp
}

extension Deployer {
  /// The same plan, for the cluster that the context means now.
  ///
  /// - Parameters:
  ///   - access: the kubeconfig files when planning began.
  ///   - identity: the cluster then; nil if it is not known.
  /// - Throws: `EngineError` of kind `invalid` if the context has come to mean another cluster meanwhile.
  func binding(_ plan: Plan, _ access: FileStamp, _ identity: ClusterIdentity?) async throws -> Plan {
    guard let identity, !plan.steps.isEmpty else { return plan }
    var plan = plan
    plan.cluster = PlannedCluster(identity: identity, access: access)
    try await toolbox.confirm(&plan.cluster)
    return plan
  }
}

extension Toolbox {
  /// Confirms that the context still means the cluster of a plan. The cluster is only asked if the kubeconfig changed.
  ///
  /// - Parameter always: whether it is asked in any case.
  /// - Throws: `EngineError` of kind `invalid` if it means another one, or if that cannot be found out after the
  ///   kubeconfig changed.
  func confirm(_ planned: inout PlannedCluster?, always: Bool = false) async throws {
    guard var cluster = planned else { return }
    let access = access
    guard always || access != cluster.access else { return }
    let current = try await clusterIdentity()
    if let current, current.isSame(as: cluster.identity) {
      cluster.access = access
      planned = cluster
      return
    }
    // A cluster that does not answer is reported by the step that needs it.
    if current == nil, access == cluster.access { return }
    let then = cluster.identity.server.map { SecretMask.masked(SafeText.line($0)) }
    let now = current?.server.map { SecretMask.masked(SafeText.line($0)) }
    throw EngineError(
      .invalid,
      "The context \(SafeText.line(target.context)) means another cluster than the one that this was planned for",
      why: current == nil
        ? "The kubeconfig was changed meanwhile, and the cluster cannot be identified"
        : "The kubeconfig was changed meanwhile: its server was \(then ?? "another") and is \(now ?? "another") now",
      fix: "Nothing was changed on the cluster that it means now. Run the same command again for the right one")
  }
}
