import ArgumentParser

/// `deskrun status`.
struct Status: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Show the cluster, the controller and what each runner is doing.",
    discussion: """
      EXAMPLES:
          deskrun status
          deskrun status web-ci --watch
          deskrun status -o json
      """)

  @Argument(help: "Show this installation alone.", completion: Completions.installationNames)
  var name: String?

  @Flag(name: .shortAndLong, help: "Go on and show each change, until ctrl-C.")
  var watch = false

  @OptionGroup(title: "Output Options") var output: OutputOptions
  @OptionGroup(title: "Global Options") var global: GlobalOptions
}
