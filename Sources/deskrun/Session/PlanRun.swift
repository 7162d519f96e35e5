import CommandOutput
import Engine

/// Carries out what a command asks for: shows its plan, asks where something would be lost, and runs it with its progress
/// on standard error.
package struct PlanRun: Sendable {
  package let session: Session
  package let options: PlanOptions
  package let output: OutputForm
  /// Whether it is one of several fixes: it is always asked for, and what is refused is told and left.
  package var isFix = false
  /// What this command asks before its plan, in place of what its request asks by its nature.
  package var question: (@Sendable (Plan) -> Confirmation)?
  /// Whether the command does the same on further clusters.
  package var isOneOfMany = false
  /// What is said where there is nothing to do, in place of what is said of a cluster that is not found.
  package var tellNothing: (@Sendable () -> Void)?

  package init(session: Session, options: PlanOptions, output: OutputForm, isFix: Bool = false) {
    self.session = session
    self.options = options
    self.output = output
    self.isFix = isFix
  }

  /// Carries out a request that does not depend on what the configuration says. Credentials are looked for first.
  ///
  /// - Parameter verb: the command's name, for others that wait for it: `remove`.
  /// - Returns: whether its plan ran.
  @discardableResult
  package func callAsFunction(_ verb: String, _ request: PlanRequest) async throws -> Bool {
    let request = try await session.deployer.resolving(request)
    return try await self(verb, on: request.scope) { request }
  }

  /// Carries out a request that is made once no other deskrun works on the same; nil for nothing to do.
  @discardableResult
  package func callAsFunction(
    _ verb: String, on scope: OperationScope?, _ request: () async throws -> PlanRequest?
  ) async throws -> Bool {
    // A dry run changes nothing and waits for nobody.
    try await session.deployer.carryOut(
      Session.title(verb, scope), on: options.dryRun ? nil : scope,
      by: Front(run: self, progress: PlanProgress(session.console, session.verbosity)), request: request)
  }

  private struct Front: PlanFront {
    let run: PlanRun
    let progress: PlanProgress

    func waits(for holders: [OperationHolder]) { run.session.tell("\(Session.waiting(for: holders))") }

    func planning(_ make: () async throws -> Plan) async throws -> Plan {
      do {
        return try await run.session.waiting(for: "asking the cluster", make)
      } catch let error as EngineError where run.isFix && (error.kind == .invalid || error.kind == .notFound) {
        // What is not deskrun's is left; the other findings may be about what is.
        run.session.warn([error.what, error.why].compactMap { $0 }.joined(separator: ": "))
        return Plan(title: "", steps: [])
      }
    }

    func accepts(_ plan: Plan, for request: PlanRequest) async throws -> Bool {
      guard try run.accepts(plan, for: request) else { return false }
      progress.begin(plan)
      return true
    }

    func tell(_ event: PlanEvent) { progress.tell(event) }
  }

  private func accepts(_ plan: Plan, for request: PlanRequest) throws -> Bool {
    let console = session.console
    var plan = plan
    if options.dryRun { plan.notes = plan.takenOver + plan.notes }
    for warning in plan.warnings { session.warn(warning) }
    for note in plan.notes {
      let note = console.errors.usesUnicode ? note : note.replacing("→", with: "->")
      session.tell("\(console.errorStyle.paint("note:", .faint)) \(PrintableText(prose: note, indent: 6))")
    }
    guard !plan.steps.isEmpty else {
      if let tellNothing {
        tellNothing()
      } else if case .adopt = request {
        session.tell("\(request.installation ?? "") is deskrun's already.")
      } else if !isFix {
        session.tell("No cluster \(session.target.context) found, so nothing to do.")
      }
      if options.dryRun, output.isDocument, !isFix {
        try PlanReport.write(plan, context: session.target.context, output, to: console)
      }
      return false
    }
    guard !options.dryRun else {
      try PlanReport.write(
        plan, context: session.target.context, output, isOneOfMany: isOneOfMany, to: console)
      return false
    }
    if let asked = asked(plan, request) {
      try Prompt(console: console, assumesYes: options.yes).confirm(
        asked.question, losses: asked.lines, refusal: asked.refusal)
    }
    return true
  }

  private func asked(_ plan: Plan, _ request: PlanRequest) -> Confirmation? {
    if let question { return question(plan) }
    if let asked = request.confirmation(of: plan, on: session.target) { return asked }
    return isFix ? Confirmation(question: "\(plan.title)?", refusal: "Nothing was changed") : nil
  }
}

extension Session {
  /// What carries out the requests of a command.
  package func run(_ options: PlanOptions, _ output: OutputOptions) -> PlanRun {
    PlanRun(session: self, options: options, output: output.form)
  }
}

extension Confirmation {
  /// What is said before the question, a line each.
  fileprivate var lines: [String] {
    notes + (consequences.map { ["Removes: \($0.removes)", "Keeps:   \($0.keeps)"] } ?? [])
  }
}
