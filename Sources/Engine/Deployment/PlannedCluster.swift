import Basics
import Installations
import Tools

/// The cluster that a plan was made for. The context may be pointed at another one before the plan has run, while it
/// waits for an answer or for jobs.
package struct PlannedCluster: Sendable, Equatable {
  package var identity: ClusterIdentity
  /// The state of the kubeconfig files when the identity was last confirmed.
  package var access: FileStamp
}

extension Deployer {
  /// Binds a plan to the cluster that the context points to.
  ///
  /// - Parameters:
  /// - access: the state of the kubeconfig files when planning started.
  ///   - identity: the cluster at that time; nil if unknown.
  /// - Throws: `EngineError` of kind `invalid` if the context points to another cluster by now.
  func binding(_ plan: Plan, _ access: FileStamp, _ identity: ClusterIdentity?) async throws -> Plan {
    guard let identity, !plan.steps.isEmpty else { return plan }
    var plan = plan
    plan.cluster = PlannedCluster(identity: identity, access: access)
    try await toolbox.confirm(&plan.cluster)
    return plan
  }
}

extension Toolbox {
  /// Confirms that the context still points to the cluster of a plan. The cluster is contacted only if the kubeconfig
  /// changed.
  ///
  /// - Parameter always: whether to contact it in any case.
  /// - Throws: `EngineError` of kind `invalid` if it points to another one, or if this cannot be determined after the
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
    // The step that needs the cluster reports that it does not respond.
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
