import ARC
import Basics
import Installations
import Tools
import ValuesFiles

/// The look at a cluster before something is deployed there.
extension Deployer {
  /// What is known to keep an installation's runners from running.
  ///
  /// - Parameter existing: the installation as it is deployed: what is wrong with that already is no reason against a
  ///   change of it.
  /// - Returns: sentences to be said before.
  /// - Throws: `EngineError` of kind `invalid` for the first problem with which no runner could start.
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
