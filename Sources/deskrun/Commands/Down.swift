import ArgumentParser
import CommandSession
import Engine

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
    if try await session.run(plan, output)("down", .down(busyRunners.policy)) {
      session.tell("\(session.target.context) is down.")
    }
  }
}
