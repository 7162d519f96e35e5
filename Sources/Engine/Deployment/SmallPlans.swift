/// Plans of one step each.
extension Deployer {
  /// Stops the kind cluster's node. Jobs that run in it are lost; cluster, configuration and caches stay.
  ///
  /// - Throws: `EngineError` of kind `invalid` on a cluster that is not kind's.
  public func planStopCluster() throws -> Plan {
    guard toolbox.target.kindCluster != nil else {
      throw EngineError(
        .invalid, "\(toolbox.target.context) is not a kind cluster, so deskrun does not stop it",
        fix: "`deskrun down` takes out what deskrun put there")
    }
    return Plan(
      title: "Stop \(toolbox.target.context)",
      steps: [
        PlanStep(
          id: "stop-node", title: "stop the node of \(toolbox.target.context)", action: .stopNode,
          timeout: .seconds(120))
      ])
  }

  /// Has the controller make a scale set's listener anew: runners and their jobs are not touched.
  public func planRestartListener(_ listener: String, scaleSet: String) -> Plan {
    Plan(
      title: "Restart the listener of \(scaleSet)",
      steps: [
        PlanStep(
          id: "restart-listener", title: "delete the listener; the controller makes it anew",
          action: .deleteObject(kind: "autoscalinglisteners", name: listener, namespace: ClusterTarget.namespace),
          timeout: .seconds(60))
      ])
  }

  /// Deletes runners, which the controller replaces as needed. What runs on them is lost.
  public func planDeleteRunners(_ runners: [String], of scaleSet: String) -> Plan {
    Plan(
      title: runners.count == 1 ? "Delete the runner \(runners[0])" : "Delete \(runners.count) runners of \(scaleSet)",
      steps: runners.map { runner in
        PlanStep(
          id: "delete-\(runner)", title: "delete \(runner)",
          action: .deleteObject(kind: "ephemeralrunners", name: runner, namespace: ClusterTarget.namespace),
          timeout: .seconds(60))
      })
  }
}
