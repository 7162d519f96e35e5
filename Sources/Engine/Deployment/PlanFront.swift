import Basics
import Installations
import Tools

/// Who wants a plan carried out and shows what comes of it: a command, or the dashboard.
package protocol PlanFront: Sendable {
  /// Other operations are waited for, which are named where they are known.
  func waits(for holders: [OperationHolder])
  /// The plan is being made, which asks the cluster.
  func planning(_ make: () async throws -> Plan) async throws -> Plan
  /// Shows the plan, and asks where that is needed.
  ///
  /// - Returns: whether it is to run.
  func accepts(_ plan: Plan, for request: PlanRequest) async throws -> Bool
  /// The plan runs.
  func tell(_ event: PlanEvent)
}

extension Deployer {
  /// The one way from a request to its end: request, plan, confirmation, progress.
  ///
  /// - Parameters:
  ///   - title: what others that wait are told; see `exclusively`.
  ///   - scope: what no other operation may work on meanwhile; nil for a request that changes nothing such.
  ///   - request: made once nobody else works on the same, since it may depend on what the configuration says;
  ///     nil for nothing to do.
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
      do { try await run(plan) { front.tell($0) } } catch var error as EngineError {
        if case .remove(let name, _, _) = request { error.details.append(remainder(name, plan)) }
        throw error
      }
      return true
    }
    guard let scope else { return try await body() }
    return try await exclusively(title, on: scope, onWait: { front.waits(for: $0) }, body)
  }

  /// What a removal that failed has left, in a sentence or two.
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
