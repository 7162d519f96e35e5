import ArgumentParser
import CommandSession
import Engine

/// `deskrun down`.
struct Down: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Delete the kind cluster; the configuration and the caches stay.",
    discussion: """
      EXAMPLES:
          deskrun down
        Without asking, and without waiting for jobs:
          deskrun down --yes --now

      `deskrun up` brings everything back.
      """)

  @Flag(exclusivity: .exclusive)
  var busyRunners: BusyRunners = .waitForJobs

  @OptionGroup(title: "Plan Options") var plan: PlanOptions
  @OptionGroup(title: "Output Options") var output: OutputOptions
  @OptionGroup(title: "Global Options") var global: GlobalOptions

  func run() async throws {
    let session = try Session(global)
    let policy: RunnerPolicy = busyRunners == .now ? .interrupt : .finishJobs
    try await session.exclusively("down", on: .everything, dryRun: self.plan.dryRun) {
      let plan = try await session.waiting(for: "asking the cluster") {
        try await session.deployer.planDown(policy: policy)
      }
      guard !plan.steps.isEmpty else {
        session.console.tell("There is no cluster \(session.target.context), so there is nothing to take down.")
        return
      }
      let losses =
        PlanRun.losses(plan, waits: policy == .finishJobs)
        + [
          session.target.kindCluster == nil
            ? "Goes:  the scale sets and the controller deskrun installed in \(session.target.context)"
            : "Goes:  the cluster \(session.target.context) with everything in it",
          "Stays: configuration and caches; `deskrun up` brings it back",
        ]
      let ran = try await PlanRun(session: session, options: self.plan, output: output.form)(
        plan,
        question: .init(
          text: "Take down \(session.target.context)?", losses: losses,
          refusal: "\(session.target.context) was not taken down"))
      if ran, session.verbosity > .quiet { session.console.tell("\(session.target.context) is down.") }
    }
  }
}
