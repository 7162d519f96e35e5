import ARC
import Basics
import Installations
import Tools
import ValuesFiles

/// Checks a cluster before a deployment.
extension Deployer {
  /// Finds what would prevent an installation's runners from running.
  ///
  /// - Parameter existing: the installation as deployed. Problems that it already has do not prevent changing it.
  /// - Returns: warnings to show before the deployment.
  /// - Throws: `EngineError` of kind `invalid` for the first problem that would prevent all runners from starting.
  func fit(
    _ installation: Installation, _ values: JSONValue?, over existing: Installation?, arc: ARCRelease,
    _ observed: DeployedState
  ) async throws -> [String] {
    guard observed.cluster.isReady, !observed.isHalfCreated, let values else { return [] }
    let need = RunnerNeed(installation, values: values)
    let facts = try await ClusterFactsReader(toolbox: toolbox).read(
      namespace: installation.namespace, proxySecret: installation.settings.proxy.secret)
    var known: Set<FitProblem.Kind> = []
    if let existing, observed.evidence[existing.scaleSets[0].name] != nil,
      let values = try? deployments(of: existing, arc: arc).first?.releaseValues
    {
      known = Set(ClusterFit.problems(RunnerNeed(existing, values: values), facts).map(\.kind))
    }
    let problems = ClusterFit.problems(need, facts).filter { !known.contains($0.kind) }
    if let refusal = problems.first(where: \.isRefusal) {
      var error = refusal.error
      error.details = problems.dropFirst().filter(\.isRefusal).map { "\($0.what)\($0.why.map { ": \($0)" } ?? "")" }
      throw error
    }
    return problems.map(\.warning) + [ClusterFit.unchecked(need, facts)].compactMap { $0 }
  }
}
