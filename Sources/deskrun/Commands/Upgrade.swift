import ArgumentParser
import CommandSession
import Engine

/// `deskrun upgrade`.
struct Upgrade: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Bring the controller and all scale sets to this program's ARC version.",
    discussion: """
      EXAMPLES:
          deskrun upgrade --dry-run
          deskrun upgrade

      Controller and scale sets must have the same version, so they are upgraded together.
      """)

  @Flag(exclusivity: .exclusive)
  var busyRunners: BusyRunners = .waitForJobs

  @OptionGroup(title: "Plan Options") var plan: PlanOptions
  @OptionGroup(title: "Output Options") var output: OutputOptions
  @OptionGroup(title: "Global Options") var global: GlobalOptions

  func run() async throws {
    let session = try Session(global)
    let policy: RunnerPolicy = busyRunners == .now ? .interrupt : .finishJobs
    try await session.exclusively("upgrade", on: .everything, dryRun: self.plan.dryRun) {
      let plan = try await session.deployer.planUpgrade(policy: policy)
      let takesAway = plan.steps.contains { if case .uninstallController = $0.action { true } else { false } }
      let removed = plan.steps.compactMap { if case .uninstallScaleSet(let set) = $0.action { set.name } else { nil } }
      let losses =
        PlanRun.losses(plan, waits: policy == .finishJobs)
        + [
          "The controller"
            + (removed.isEmpty ? " is" : " and the scale sets \(removed.joined(separator: ", ")) are")
            + " removed and installed again at \(ARCCharts.chartVersion); no job starts meanwhile."
        ]
      let ran = try await PlanRun(session: session, options: self.plan, output: output.form)(
        plan,
        question: takesAway
          ? .init(text: "Upgrade to ARC \(ARCCharts.chartVersion)?", losses: losses, refusal: "Nothing was upgraded")
          : nil)
      if ran, session.verbosity > .quiet {
        session.console.tell("Controller and scale sets are at \(ARCCharts.chartVersion).")
      }
    }
  }
}
