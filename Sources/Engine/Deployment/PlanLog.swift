import Tools

extension LogFile {
  /// Logs the steps and warnings of a plan.
  func note(_ plan: Plan) {
    note(.plan, "\(plan.title): \(plan.steps.count) steps")
    for step in plan.steps {
      note(.plan, "  \(step.id): \(step.title)\(step.forecast.map { " (\($0))" } ?? "")")
    }
    for warning in plan.warnings { note(.plan, "  warning: \(warning)") }
    for change in plan.valueChanges { note(.plan, "  values of \(change.scaleSet): \(change.text)") }
  }

  /// Logs the events of a running plan, except output and calls of programs, which are logged elsewhere.
  func note(_ event: PlanEvent) {
    switch event {
    case .started(let step): note(.plan, "\(step): started")
    case .progress(let step, let words): note(.plan, "\(step): \(words.text)")
    case .warning(let step, let words): note(.plan, "\(step): warning: \(words)")
    case .finished(let step, let outcome, let duration):
      note(.plan, "\(step): \(Self.words(outcome)) after \(duration.nanoseconds / 1_000_000) ms")
    case .failed(let step, let error, let duration):
      note(.plan, "\(step): failed after \(duration.nanoseconds / 1_000_000) ms: \(Self.words(error))")
    case .command, .output: break
    }
  }

  private static func words(_ outcome: StepOutcome) -> String {
    switch outcome {
    case .changed(let words): words ?? "changed"
    case .unchanged(let words): "unchanged" + (words.map { ", \($0)" } ?? "")
    case .skipped(let why): "skipped, \(why)"
    }
  }
}
