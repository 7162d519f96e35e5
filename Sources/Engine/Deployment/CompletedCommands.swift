import Tools

extension Invocation {
  /// A plan with the commands in its warnings as they are to be copied.
  package func completing(_ plan: Plan) -> Plan {
    var plan = plan
    plan.warnings = plan.warnings.map(text)
    return plan
  }

  /// What a plan tells, with the commands in it as they are to be copied.
  package func completing(_ event: PlanEvent) -> PlanEvent {
    switch event {
    case .warning(let step, let words): .warning(step: step, text(words))
    case .failed(let step, let error, let took): .failed(step: step, completing(error), took)
    case .started, .progress, .command, .output, .finished: event
    }
  }
}
