import ARC
import Basics
import Installations
import Knowledge
import Tools
import ValuesFiles

/// Starting a cluster, with all or some of what is configured.
extension Deployer {
  /// Brings the cluster to the configured state.
  ///
  /// - Parameters:
  ///   - only: the installations to include; nil for all.
  ///   - arc: the version of ARC to deploy.
  package func planUp(only: [InstallationName]? = nil, arc: ARCChoice = .standard) async throws -> Plan {
    let configuration = try ownConfiguration()
    let chosen = try chosen(only, configuration)
    let observed = try await observe()
    try refuseSilent(observed, of: chosen.map(\.name))
    let ownership = ownership(observed, configuration)
    let release = chartRelease(observed, arc)
    if !chosen.isEmpty { try refuseMissingContext(observed, of: chosen.map(\.name)) }
    // Without an installation on it, the context was mistyped: the plan would fail at its first step.
    if chosen.isEmpty, !isKind, case .contextMissing(let error) = observed.cluster { throw unknownContext(error) }
    try refuseOtherCluster(observed, of: chosen, configuration)
    var foreign: [Installation] = []
    var skipped: [(name: InstallationName, why: EngineError)] = []
    var unsettled: [Installation] = []
    var wanted = try chosen.compactMap { installation -> Planner.Wanted? in
      let deployments: [ScaleSetDeployment]
      do throws(EngineError) { deployments = try self.deployments(of: installation, arc: release) } catch {
        guard only == nil else { throw error }
        skipped.append((installation.name, error))
        return nil
      }
      if isUnsettled(installation, observed, ownership, configuration) {
        guard only == nil else { throw Self.unsettled(installation.name, on: target) }
        unsettled.append(installation)
        return nil
      }
      if only == nil, installation.scaleSets.contains(where: { ownership.isForeign($0.name, of: installation.name) }) {
        foreign.append(installation)
        return nil
      }
      return Planner.Wanted(
        installation: installation, scaleSets: try owned(deployments, of: installation, ownership))
    }
    var warnings: [String] = []
    // Installations that are already deployed are not checked again.
    for item in wanted where item.scaleSets.allSatisfy({ observed.evidence[$0.name] == nil }) {
      do {
        try refuseTwin(of: item.installation, observed)
        warnings += try await fit(
          item.installation, item.scaleSets.first?.deployment.releaseValues, over: nil, arc: release, observed)
      } catch let error as EngineError {
        guard only == nil else { throw error }
        skipped.append((item.installation.name, error))
      }
    }
    wanted.removeAll { item in skipped.contains { $0.name == item.installation.name } }
    let title = "Bring up \(target.context)"
    let planner = try await deployingPlanner(
      observed, configuration.installations, configuration, needing: wanted.map(\.installation), arc: arc)
    var plan =
      wanted.isEmpty
      ? Plan(title: title, steps: planner.createCluster().steps)
      : settled(planner.deploy(wanted, title: title), wanted.map(\.installation), observed, configuration)
    for installation in unsettled {
      let error = Self.unsettled(installation.name, on: target)
      plan.warnings.append("\(installation.name) is skipped: \(error.what). \(error.fix ?? "").")
    }
    plan.warnings += warnings
    for (name, error) in skipped {
      plan.warnings.append("\(name) is skipped: \(error.what)" + (error.why.map { ": \($0)" } ?? ""))
    }
    for installation in foreign {
      plan.warnings.append(
        "\(installation.name) is skipped: its scale set in the cluster was not deployed by deskrun. "
          + "`deskrun adopt \(installation.name)` takes it over.")
    }
    for entry in configuration.unreadable where only == nil {
      plan.warnings.append("\(SafeText.line(entry.name)) is left out: \(entry.problem.why ?? entry.problem.what)")
    }
    if only == nil { plan.warnings += others(observed, configuration) }
    return plan
  }

  /// Warnings about scale sets of this deskrun that do not belong to an installation of this cluster.
  private func others(_ observed: DeployedState, _ configuration: Configuration) -> [String] {
    let known = Set(configuration.installations.flatMap { $0.scaleSets.map(\.name) })
    let others = configuration.elsewhere.reduce(into: [String: [Installation]]()) { others, other in
      for set in other.scaleSets { others[set.name, default: []].append(other) }
    }
    return observed.scaleSets.compactMap { set in
      guard set.mark != nil, set.owner ?? store.owner == store.owner, !known.contains(set.ownRelease) else {
        return nil
      }
      let name = SafeText.line(set.ownRelease)
      if let named = others[set.ownRelease], let other = named.first {
        // Another context of this cluster: it is the same scale set.
        if let current = observed.identity,
          named.contains(where: { configuration.identity(of: $0.name)?.isSame(as: current) == true })
        {
          return nil
        }
        return "The scale set \(name) runs here too, and \(other.name) is on \(configuration.target(of: other).words). "
          + "`deskrun edit \(other.name) \(target.options)` binds it to this cluster."
      }
      return
        "The scale set \(name) runs in the cluster and is not in the configuration. `deskrun remove \(name)` removes it."
    }
  }

  private func chosen(_ only: [InstallationName]?, _ configuration: Configuration) throws(EngineError) -> [Installation]
  {
    guard let only else { return configuration.installations }
    var chosen: [Installation] = []
    for name in only {
      chosen.append(try configured(name, configuration))
    }
    return chosen
  }

  /// Creates the cluster, with the controller and without installations.
  package func planCreateCluster() async throws -> Plan {
    let configuration = try ownConfiguration()
    let observed = try await observe()
    try refuseSilent(observed, of: configuration.installations.map(\.name))
    return try await deployingPlanner(
      observed, configuration.installations, configuration, needing: [], arc: .standard
    ).createCluster()
  }
}
