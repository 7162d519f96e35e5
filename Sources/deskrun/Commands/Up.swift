import ArgumentParser
import CommandSession
import Engine

/// `deskrun up`.
struct Up: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Make the cluster match the configuration.",
    discussion: """
      EXAMPLES:
        After `deskrun down`, after a reboot, or after something was broken:
          deskrun up
        One installation alone:
          deskrun up web-ci
        What it would do:
          deskrun up --dry-run
        After each start of the computer, by itself (systemd):
          deskrun up --install-service

      Each step looks first whether there is anything to do, so it can be run at any time and again after ctrl-C.
      """)

  @Argument(help: "Bring up this installation alone.", completion: Completions.installationNames)
  var name: String?

  @OptionGroup(title: "Cluster Options") var arc: ARCVersionOption
  @OptionGroup(title: "Start of the Computer") var boot: BootOptions
  @OptionGroup(title: "Plan Options") var plan: PlanOptions
  @OptionGroup(title: "Output Options") var output: OutputOptions
  @OptionGroup(title: "Global Options") var global: GlobalOptions

  func run() async throws {
    let session = try Session(global)
    if boot.isGiven { return try await boot.run(session, plan, output.form) }
    let release = try arc.release
    let only = try name.map { try session.name($0) }
    try await session.exclusively("up", on: only.map { .installation($0) } ?? .everything, dryRun: self.plan.dryRun) {
      let plan = try await session.waiting(for: "asking the cluster") {
        try await session.deployer.planUp(only: only.map { [$0] }, arc: ARCChoice(asked: release))
      }
      let ran = try await PlanRun(session: session, options: self.plan, output: output.form)(plan)
      if ran, session.verbosity > .quiet {
        session.console.tell("\(session.target.context) is up. `deskrun status` shows what its runners do.")
      }
    }
  }
}
