import ARC
import Installations

extension Planner {
  /// Upgrades controller, CRDs and scale sets to `release` within the same minor version: nothing is removed, jobs
  /// continue. Scale sets of another minor version, for example after an interrupted upgrade, are replaced.
  ///
  /// - Parameter definitions: the permission to replace the CRDs; nil leaves them unchanged.
  package func upgradeInPlace(
    _ wanted: [Wanted], definitions: OwnedDefinitions?, policy: RunnerPolicy, title: String
  ) -> Plan {
    let outdated = wanted.flatMap(\.scaleSets).filter { scaleSet in
      guard let set = observed.evidence[scaleSet.name]?.set, let release else { return false }
      return set.isTerminating || ARCRelease(set.version).map { !$0.isSameMinor(as: release) } ?? false
    }
    let leaving = outdated.isEmpty ? [] : uninstallAll(outdated.map(\.release), policy: policy)
    var plan = deploy(wanted, title: title)
    let known = Set(leaving.map(\.id))
    plan.steps.removeAll { known.contains($0.id) }
    var before = chartsSteps(wanted)
    if let definitions, let release { before.append(definitionsStep(definitions, release)) }
    let at = plan.steps.firstIndex { $0.id == "controller" } ?? plan.steps.endIndex
    plan.steps.insert(contentsOf: before, at: at)
    // The existing controller deletes scale sets of another minor version; their remaining objects must be removed
    // first.
    let after = plan.steps.firstIndex { $0.id == "controller" }.map { $0 + 1 } ?? plan.steps.endIndex
    plan.steps.insert(contentsOf: leaving, at: after)
    let taken = Set(leaving.compactMap { if case .uninstallScaleSet(let set) = $0.action { set.name } else { nil } })
    plan.busyRunners += observed.busy(of: taken).filter { !plan.busyRunners.contains($0) }
    return plan
  }

  /// Moves everything to a `release` of another minor version. A controller deletes scale sets of another minor
  /// version, and a 0.15 controller does not wait for their jobs, so all scale sets are uninstalled while their own
  /// controller is running. They are uninstalled together and then awaited: the time without new jobs is that of the
  /// longest job, not the sum of all.
  ///
  /// - Parameter restoring: the version of a missing controller that is needed to remove the scale sets.
  package func replaceAll(
    _ wanted: [Wanted], restoring: ARCRelease?, controller: OwnedController, definitions: OwnedDefinitions,
    policy: RunnerPolicy, title: String
  ) -> Plan {
    let deployed = wanted.flatMap(\.scaleSets).filter { observed.evidence[$0.name] != nil }
    var steps = reachSteps() + chartsSteps(wanted)
    if let restoring {
      steps.append(
        PlanStep(
          id: "controller/before", title: "controller ARC \(restoring), which removes its scale sets",
          forecast: "about 1m", action: .installController(.exactly(restoring)), timeout: .seconds(600)))
    }
    steps += uninstallAll(deployed.map(\.release), policy: policy)
    steps.append(uninstallStep(controller))
    if let release { steps.append(definitionsStep(definitions, release)) }
    var planner = self
    // After these steps, no controller and no scale sets exist.
    planner.observed.controllers = []
    planner.observed.scaleSets = []
    planner.observed.evidence = [:]
    var back = planner.deploy(wanted, title: title)
    let known = Set(steps.map(\.id))
    // The credentials are checked before anything is removed.
    let credentials = back.steps.filter { $0.id == "credentials" }
    back.steps.removeAll { known.contains($0.id) || ["credentials", "docker", "cluster"].contains($0.id) }
    var plan = Plan(title: title, steps: credentials + steps + back.steps, warnings: back.warnings)
    plan.busyRunners = observed.busy(of: deployed.map(\.name))
    return plan
  }

  /// Uninstalls scale sets together and then waits for each. Secrets and hook templates are kept for the new
  /// deployment.
  private func uninstallAll(_ releases: [OwnedRelease], policy: RunnerPolicy) -> [PlanStep] {
    let steps = releases.flatMap { removal($0, policy: policy) }
    let uninstalls = steps.filter { if case .uninstallScaleSet = $0.action { true } else { false } }
    let waits = steps.filter { if case .waitForRunners = $0.action { true } else { false } }
    return uninstalls + waits
  }

  /// Renders the values of scale sets with the charts of the version to be installed.
  func chartsSteps(_ wanted: [Wanted]) -> [PlanStep] {
    guard let release else { return [] }
    return [
      PlanStep(
        id: "charts", title: "charts of ARC \(release) and the values they get",
        action: .checkCharts(wanted.flatMap { $0.scaleSets.map(\.deployment) }, release), timeout: .seconds(600))
    ]
  }

  private func definitionsStep(_ definitions: OwnedDefinitions, _ release: ARCRelease) -> PlanStep {
    PlanStep(
      id: "definitions", title: "resource definitions of ARC \(release)",
      action: .applyDefinitions(definitions, release), timeout: .seconds(240))
  }
}
