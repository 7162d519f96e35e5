import ArgumentParser
import CommandSession
import Engine

struct Down: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Take a cluster down; the configuration and the caches stay.",
    discussion: """
      EXAMPLES:
          deskrun down
        Without asking, and without waiting for jobs:
          deskrun down --yes --now
        On another cluster than deskrun's own:
          deskrun down --context prod

      deskrun's own kind cluster is deleted. On any other cluster the scale sets and the controller that deskrun \
      installed are uninstalled, and everything else stays. Without --context it is the default cluster, which \
      `deskrun cluster list` shows. `deskrun up` brings everything back.
      """)

  @Flag(exclusivity: .exclusive)
  var busyRunners: BusyRunners = .waitForJobs

  @OptionGroup(title: "Plan Options") var plan: PlanOptions
  @OptionGroup(title: "Output Options") var output: OutputOptions
  @OptionGroup(title: "Global Options") var global: GlobalOptions

  func run() async throws {
    let session = try await Session(global).withOtherContexts(deploys: false)
    if try await session.run(plan, output)("down", .down(busyRunners.policy)) {
      session.tell("\(session.label) is down.")
    }
  }
}
