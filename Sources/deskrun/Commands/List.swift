import ArgumentParser
import CommandSession

struct List: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "List the installations in the configuration.",
    discussion: """
      EXAMPLES:
          deskrun list
          deskrun list -o name | xargs -n1 deskrun up

      Reads the configuration file alone; `deskrun status` asks the cluster.
      """, aliases: ["ls"])

  @OptionGroup(title: "Output Options") var output: OutputOptions
  @OptionGroup(title: "Global Options") var global: GlobalOptions

  func run() throws {
    let session = try Session(global)
    try ListReport.write(
      session.store, on: session.isTargetGiven ? session.target : nil, output.form, to: session.console)
  }
}
