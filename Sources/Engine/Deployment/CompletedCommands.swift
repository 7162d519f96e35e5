import Tools

extension Invocation {
  /// A plan whose sentences contain commands ready to be copied.
  package func completing(_ plan: Plan) -> Plan {
    var plan = plan
    plan.warnings = plan.warnings.map(text)
    plan.notes = plan.notes.map(text)
    return plan
  }

  /// An event whose sentences contain commands ready to be copied.
  package func completing(_ event: PlanEvent) -> PlanEvent {
    switch event {
    case .warning(let step, let words): .warning(step: step, text(words))
    case .progress(let step, let words): .progress(step: step, StepProgress(text(words.words), words.count))
    case .finished(let step, let outcome, let took): .finished(step: step, completing(outcome), took)
    case .failed(let step, let error, let took): .failed(step: step, completing(error), took)
    // The output of programs is not changed.
    case .started, .command, .output: event
    }
  }

  private func completing(_ outcome: StepOutcome) -> StepOutcome {
    switch outcome {
    case .changed(let words): .changed(words.map(text))
    case .unchanged(let words): .unchanged(words.map(text))
    case .skipped(let words): .skipped(text(words))
    }
  }
}
