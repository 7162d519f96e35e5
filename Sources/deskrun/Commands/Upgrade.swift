import ArgumentParser
import CommandSession
import Engine

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

      Within a minor version everything is upgraded in place and jobs continue. For another minor version the scale sets are \
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
    let session = try await Session(global).withOtherContexts(deploys: true)
    let goal = try (to ?? arcVersion).map { text throws(EngineError) in try SupportedARC.named(text) }
    let request = PlanRequest.upgrade(busyRunners.policy, to: goal, keepsMinor: arcVersion != nil)
    if try await session.run(plan, output)("upgrade", request) {
      session.tell("Upgraded. `deskrun status` shows what its runners do.")
    }
  }
}
