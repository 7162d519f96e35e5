import Basics
import Installations
import Tools

/// Requests a plan and shows its progress: a command, or the dashboard.
package protocol PlanFront: Sendable {
  /// Waits for other operations, whose holders are listed if known.
  func waits(for holders: [OperationHolder])
  /// Shows that the plan is being created, which queries the cluster.
  func planning(_ make: () async throws -> Plan) async throws -> Plan
  /// Shows the plan, and asks for confirmation if needed.
  ///
  /// - Returns: whether it should run.
  func accepts(_ plan: Plan, for request: PlanRequest) async throws -> Bool
  /// Reports an event of the running plan.
  func tell(_ event: PlanEvent)
}

extension Deployer {
  /// Carries out a request completely: plan, confirmation, progress.
  ///
  /// - Parameters:
  ///   - title: the name shown to others that wait; see `exclusively`.
  ///   - scope: what no other operation may work on meanwhile; nil for a request that needs no exclusion.
  ///   - request: called once nothing else works on the same scope, since it may depend on the configuration; returns
  ///     nil if there is nothing to do.
  /// - Returns: whether the plan ran.
  @discardableResult
  package func carryOut(
    _ title: String, on scope: OperationScope?, by front: some PlanFront,
    request: () async throws -> PlanRequest?
  ) async throws -> Bool {
    func body() async throws -> Bool {
      guard let request = try await request() else { return false }
      let plan = try await front.planning { try await self.plan(for: request) }
      guard try await front.accepts(plan, for: request) else { return false }
      let former = changed(by: request)
      do { try await run(plan) { front.tell($0) } } catch var error as EngineError {
        if case .remove(let name, _, _) = request { error.details.append(remainder(name, plan)) }
        if let former, let now = changed(by: request), now != former {
          error.details.append(
            "The change is saved in the configuration. `deskrun up \(now.name)` carries it out once that is fixed.")
        }
        throw error
      }
      return true
    }
    guard let scope else { return try await body() }
    return try await exclusively(title, on: scope, onWait: { front.waits(for: $0) }, body)
  }

  /// The current entry of the installation that a request changes; nil for other requests.
  private func changed(by request: PlanRequest) -> Installation? {
    switch request {
    case .edit, .scale, .takeOver:
      return (try? store.load())?.installations.first { $0.name.description == request.installation }
    default: return nil
    }
  }

  /// What is left after a failed removal, in a sentence or two.
  private func remainder(_ name: String, _ plan: Plan) -> String {
    let isLeft = (try? store.load())?.installations.contains { $0.name.description == name } == true
    let reached = plan.steps.contains { if case .uninstallScaleSet = $0.action { true } else { false } }
    return isLeft
      ? "\(name) is still in the configuration"
        + (reached ? "; what was not removed from the cluster yet is still there. " : ". ")
        + "Run the same command again to continue."
      : "\(name) is no longer in the configuration."
  }
}
