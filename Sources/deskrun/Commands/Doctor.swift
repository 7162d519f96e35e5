import ArgumentParser

/// `deskrun doctor`.
struct Doctor: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Check everything runners need: tools, Docker, limits, disk, cluster, controller, credentials.",
    discussion: """
      EXAMPLES:
          deskrun doctor
          deskrun doctor -o json

      Says for each whether it is there, in which version, and what to do if not. Changes nothing.
      """)

  @OptionGroup(title: "Output Options") var output: OutputOptions
  @OptionGroup(title: "Global Options") var global: GlobalOptions
}
