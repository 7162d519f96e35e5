import Basics
import Tools

/// What can be known beforehand to stop a plan: a dry run must end as the run would, and a run must not save anything
/// before the step that fails.
extension Deployer {
  /// Rejects a plan whose steps cannot work on this computer: programs are missing, too old or broken, or the container
  /// engine does not respond.
  ///
  /// - Throws: the `EngineError` that the step itself would throw.
  func refuseUnworkable(_ plan: Plan) async throws {
    let tools = plan.steps.flatMap { if case .checkTools(let tools) = $0.action { tools } else { [ToolName]() } }
    try toolbox.require(tools)
    try await withThrowingTaskGroup(of: Void.self) { group in
      for tool in tools { group.addTask { _ = try await toolbox.versionText(of: tool) } }
      try await group.waitForAll()
    }
    for step in plan.steps {
      switch step.action {
      case .checkDocker:
        if let problem = try await toolbox.docker().state().problem { throw problem }
      case .deleteCluster: _ = try await toolbox.kind().clusters()
      case .stopNode(let cluster):
        _ = try await toolbox.docker().node(container: KindClusterConfiguration.nodeContainer(cluster: cluster.name))
      default: break
      }
    }
  }
}

extension EngineError {
  /// The error with what does not happen because of it, for one that names what is wrong with this computer.
  ///
  /// - Parameter consequence: `nothing was changed`.
  func stopping(_ consequence: String) -> EngineError {
    var error = self
    error.what += ", so \(consequence)"
    return error
  }
}
