import ArgumentParser
import CommandSession
import Engine

/// `deskrun upgrade`.
struct Upgrade: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Bring the controller and all scale sets to another version of ARC.",
    discussion: """
      EXAMPLES:
        What would happen:
          deskrun upgrade --dry-run
        To ARC \(SupportedARC.newest), when running jobs have ended:
          deskrun upgrade
        Back to an earlier version, by its name:
          deskrun upgrade --to \(SupportedARC.releases[0])

      Within a minor version everything is upgraded in place and jobs go on. For another minor version the scale sets are \
      uninstalled, then controller and resource definitions are replaced, then the scale sets are installed again. No job \
      starts meanwhile; jobs that wait stay queued with GitHub. After ctrl-C or a failure run the same command again.
      """)

  @Option(
    help: ArgumentHelp(
      "The version of ARC to bring everything to. Default: \(SupportedARC.newest).",
      discussion:
        "One of \(SupportedARC.words), or another patch release of these. Only a version that is named can be "
        + "earlier than the installed one.", valueName: "version"))
  var to: String?

  @Option(
    name: .customLong("arc-version"),
    help: ArgumentHelp(
      "Like --to, but refused where it is another minor version than the controller's.", valueName: "version"))
  var arcVersion: String?

  @Flag(exclusivity: .exclusive)
  var busyRunners: BusyRunners = .waitForJobs

  @OptionGroup(title: "Plan Options") var plan: PlanOptions
  @OptionGroup(title: "Output Options") var output: OutputOptions
  @OptionGroup(title: "Global Options") var global: GlobalOptions

  func validate() throws {
    if to != nil, arcVersion != nil { throw ValidationError("--to and --arc-version contradict each other.") }
  }

  func run() async throws {
    let session = try Session(global)
    let goal = try (to ?? arcVersion).map { text throws(EngineError) in try SupportedARC.named(text) }
    let policy: RunnerPolicy = busyRunners == .now ? .interrupt : .finishJobs
    try await session.exclusively("upgrade", on: .everything, dryRun: self.plan.dryRun) {
      let plan = try await session.deployer.planUpgrade(
        to: goal, policy: policy, keepsMinor: arcVersion != nil)
      let ran = try await PlanRun(session: session, options: self.plan, output: output.form)(
        plan, question: question(plan, policy))
      if ran, session.verbosity > .quiet {
        session.console.tell("\(plan.title): done. `deskrun status` shows what its runners do.")
      }
    }
  }

  /// What is asked before scale sets are removed; nil where nothing is.
  private func question(_ plan: Plan, _ policy: RunnerPolicy) -> PlanRun.Question? {
    let removed = plan.steps.compactMap { if case .uninstallScaleSet(let set) = $0.action { set.name } else { nil } }
    let takesController = plan.steps.contains {
      if case .uninstallController = $0.action { true } else { false }
    }
    guard takesController || !removed.isEmpty else { return nil }
    let what =
      takesController
      ? "The controller" + (removed.isEmpty ? " is" : " and the scale sets \(removed.joined(separator: ", ")) are")
      : "The scale sets \(removed.joined(separator: ", ")) are"
    return .init(
      text: "\(plan.title)?",
      losses: PlanRun.losses(plan, waits: policy == .finishJobs) + [
        "\(what) removed and installed again; no job starts meanwhile."
      ], refusal: "Nothing was upgraded")
  }
}
