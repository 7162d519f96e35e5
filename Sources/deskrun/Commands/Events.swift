import ArgumentParser

/// `deskrun events`.
struct Events: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Show what Kubernetes reported about the runners.",
    discussion: """
      EXAMPLES:
          deskrun events
          deskrun events web-ci --watch
      """)

  @Argument(help: "Events of this installation alone.", completion: Completions.installationNames)
  var name: String?

  @Flag(name: .shortAndLong, help: "Go on with what comes, until ctrl-C.")
  var watch = false

  @OptionGroup(title: "Output Options") var output: OutputOptions
  @OptionGroup(title: "Global Options") var global: GlobalOptions
}
