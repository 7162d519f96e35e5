import ARC
import Installations

extension Planner {
  /// Brings controller, definitions and scale sets to `release` while they share its minor version: nothing is removed,
  /// jobs go on. Scale sets of another minor version, as an interrupted upgrade can leave, are replaced.
  ///
  /// - Parameter definitions: the right to replace the definitions; nil leaves them as they are.
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
    // The controller that is there deletes scale sets of another minor version; what is left of them must go first.
    let after = plan.steps.firstIndex { $0.id == "controller" }.map { $0 + 1 } ?? plan.steps.endIndex
    plan.steps.insert(contentsOf: leaving, at: after)
    let taken = Set(leaving.compactMap { if case .uninstallScaleSet(let set) = $0.action { set.name } else { nil } })
    plan.busyRunners += observed.busy(of: taken).filter { !plan.busyRunners.contains($0) }
    return plan
  }

  /// Brings everything to a `release` of another minor version. A controller deletes scale sets of another minor version,
  /// and one of 0.15 does not wait for the jobs of older ones, so all scale sets are uninstalled under the controller
  /// they have. They are uninstalled together and then waited for: no job can start for as long as the longest job takes,
  /// not for the sum.
  ///
  /// - Parameter restoring: the version of a controller that is missing and is needed to remove the scale sets.
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
    // After these steps the place is empty.
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

  /// Uninstalls scale sets together and then waits for each. Secrets and hook templates stay: the scale sets come back.
  private func uninstallAll(_ releases: [OwnedRelease], policy: RunnerPolicy) -> [PlanStep] {
    let steps = releases.flatMap { removal($0, policy: policy) }
    let uninstalls = steps.filter { if case .uninstallScaleSet = $0.action { true } else { false } }
    let waits = steps.filter { if case .waitForRunners = $0.action { true } else { false } }
    return uninstalls + waits
  }

  /// Renders the values of scale sets with the charts of the version they get.
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
