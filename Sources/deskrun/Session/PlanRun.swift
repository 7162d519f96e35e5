import CommandOutput
import Engine

/// Carries out a command's request: shows its plan, asks for confirmation if something would be lost, and runs it with
/// progress on standard error.
package struct PlanRun: Sendable {
  package let session: Session
  package let options: PlanOptions
  package let output: OutputForm
  /// Whether it is one of several fixes: it is always confirmed, and a refused one is reported and skipped.
  package var isFix = false
  /// The command's own confirmation, instead of the request's usual one.
  package var question: (@Sendable (Plan) -> Confirmation)?
  /// Whether the command does the same on other clusters.
  package var isOneOfMany = false
  /// The message if there is nothing to do, instead of the one for a cluster that is not found.
  package var tellNothing: (@Sendable () -> Void)?

  package init(session: Session, options: PlanOptions, output: OutputForm, isFix: Bool = false) {
    self.session = session
    self.options = options
    self.output = output
    self.isFix = isFix
  }

  /// Carries out a request that does not depend on the configuration. Credentials are found first.
  ///
  /// - Parameter verb: the command's name, shown to others that wait for it: `remove`.
  /// - Returns: whether its plan ran.
  @discardableResult
  package func callAsFunction(_ verb: String, _ request: PlanRequest) async throws -> Bool {
    let request = try await session.deployer.resolving(request)
    return try await self(verb, on: request.scope) { request }
  }

  /// Carries out a request created once no other deskrun works on the same scope; nil if there is nothing to do.
  @discardableResult
  package func callAsFunction(
    _ verb: String, on scope: OperationScope?, _ request: () async throws -> PlanRequest?
  ) async throws -> Bool {
    // A dry run changes nothing and does not wait.
    do {
      return try await session.deployer.carryOut(
        Session.title(verb, scope), on: options.dryRun ? nil : scope,
        by: Front(run: self, progress: PlanProgress(session.console, session.verbosity)), request: request)
    } catch let error as EngineError { throw session.completed(error) }
  }

  private struct Front: PlanFront {
    let run: PlanRun
    let progress: PlanProgress

    func waits(for holders: [OperationHolder]) { run.session.tell("\(Session.waiting(for: holders))") }

    func planning(_ make: () async throws -> Plan) async throws -> Plan {
      do {
        return try await run.session.waiting(for: "asking \(run.session.label)", make)
      } catch let error as EngineError where run.isFix && (error.kind == .invalid || error.kind == .notFound) {
        // What does not belong to deskrun is left alone; the other findings may be about something that does.
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
        session.tell("No cluster \(session.label) found, so nothing to do.")
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
  /// Carries out the requests of a command.
  package func run(_ options: PlanOptions, _ output: OutputOptions) -> PlanRun {
    PlanRun(session: self, options: options, output: output.form)
  }
}

extension Confirmation {
  /// What to print before the question, one line each.
  fileprivate var lines: [String] {
    notes + (consequences.map { ["Removes: \($0.removes)", "Keeps:   \($0.keeps)"] } ?? [])
  }
}
