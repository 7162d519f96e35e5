import ArgumentParser
import CommandOutput
import CommandSession
import Engine

struct List: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "List the installations in the configuration.",
    discussion: """
      EXAMPLES:
          deskrun list
          deskrun list -o name | xargs -n1 deskrun up

      Reads the configuration file alone; `deskrun status` asks the cluster. With --context it lists the installations on that
      cluster, and asks for the cluster's identity where some are configured on other contexts, which may lead to it too.
      """, aliases: ["ls"])

  @OptionGroup(title: "Output Options") var output: OutputOptions
  @OptionGroup(title: "Global Options") var global: GlobalOptions

  func run() async throws {
    let session = try Session(global)
    guard session.isTargetGiven else {
      return try ListReport.write(session.store, on: nil, output.form, to: session.console)
    }
    let (joined, unknown) = try await session.joiningContexts()
    if let unknown {
      guard try session.store.load().isUsed(session.target) else { throw session.completed(unknown) }
      session.tellNote(
        "\(unknown.clause(session.label)), so it is not known whether installations of other contexts are on it too")
    }
    try ListReport.write(joined.store, on: session.target, output.form, to: session.console)
  }
}
