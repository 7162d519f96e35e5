import CommandOutput
import Engine
import Synchronization

/// Shows a plan, asks where something would be lost, and runs it with its progress on standard error.
package struct PlanRun: Sendable {
  package let session: Session
  package let options: PlanOptions
  package let output: OutputForm

  package init(session: Session, options: PlanOptions, output: OutputForm) {
    self.session = session
    self.options = options
    self.output = output
  }

  /// What is asked before a plan runs.
  package struct Question {
    package var text: String
    package var losses: [String]
    package var refusal: String

    package init(text: String, losses: [String], refusal: String) {
      self.text = text
      self.losses = losses
      self.refusal = refusal
    }
  }

  /// Shows or runs a plan.
  ///
  /// - Returns: whether it ran.
  @discardableResult
  package func callAsFunction(_ plan: Plan, question: Question? = nil) async throws -> Bool {
    let console = session.console
    for warning in plan.warnings { console.tell(ErrorReport.warning(warning, style: console.errorStyle)) }
    if session.verbosity > .quiet {
      for note in plan.notes {
        console.tell("\(console.errorStyle.paint("note:", .faint)) \(PrintableText(prose: note, indent: 6))")
      }
    }
    guard !options.dryRun else {
      try PlanReport.write(plan, output, to: console)
      return false
    }
    var question = question
    if !plan.lostPods.isEmpty {
      let losses = ["These run on the half-created cluster and are lost:"] + plan.lostPods.map { "  \($0)" }
      if question != nil {
        question?.losses += losses
      } else {
        question = Question(
          text: "Delete the cluster \(session.target.context) and create it again?", losses: losses,
          refusal: "Nothing was changed")
      }
    }
    if let question {
      try Prompt(console: console, assumesYes: options.yes).confirm(
        question.text, losses: question.losses, refusal: question.refusal)
    }
    try await run(plan)
    return true
  }

  private func run(_ plan: Plan) async throws {
    let reporter = ProgressReporter(console: session.console, verbosity: session.verbosity)
    let numbers = Dictionary(
      plan.steps.enumerated().map { ($0.element.id, $0.offset + 1) }, uniquingKeysWith: { first, _ in first })
    let titles = Dictionary(plan.steps.map { ($0.id, $0.title) }, uniquingKeysWith: { first, _ in first })
    let verbose = session.verbosity == .verbose
    let invocation = session.console.invocation
    try await session.deployer.run(plan) { event in
      // The line that is rewritten in place does not go through the console's own completion.
      switch invocation.completing(event) {
      case .started(let step):
        reporter.begin(numbers[step] ?? 0, of: plan.steps.count, titles[step] ?? step)
      case .progress(_, let words): reporter.detail(words)
      case .command(_, let line): if verbose { reporter.detail("$ " + line) }
      case .output(_, let line):
        if verbose || !line.text.allSatisfy(\.isWhitespace) { reporter.detail(line.text) }
      case .warning(_, let words): reporter.warn(words)
      case .finished(_, let outcome, _):
        switch outcome {
        case .changed(let note): reporter.finish(note)
        case .unchanged(let note): reporter.finish(note)
        case .skipped(let why): reporter.skip(why)
        }
      case .failed(_, let error, _): if error.kind == .interrupted { reporter.cancel() } else { reporter.fail() }
      }
    }
  }

  /// The sentences that name who would be hurt.
  package static func losses(_ plan: Plan, waits: Bool) -> [String] {
    guard !plan.busyRunners.isEmpty else { return [] }
    let count = plan.busyRunners.count
    let head =
      (count == 1 ? "1 runner is working now" : "\(count) runners are working now")
      + (waits ? "; the jobs end first:" : "; the jobs will FAIL:")
    return [head] + plan.busyRunners.map { "  \($0.name)   \($0.job)   \($0.repository)" }
  }
}
