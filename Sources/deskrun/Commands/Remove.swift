import ArgumentParser

/// `deskrun remove`.
struct Remove: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Take an installation away.",
    discussion: """
      EXAMPLES:
          deskrun remove web-ci
        Without asking, and without waiting for its jobs:
          deskrun remove web-ci --yes --now

      Its caches stay until `deskrun cache prune`. If a step fails, the installation stays in the configuration and \
      the same command can be run again.
      """, aliases: ["rm"])

  @OptionGroup var target: InstallationArgument

  @Flag(exclusivity: .exclusive)
  var busyRunners: BusyRunners = .waitForJobs

  @Flag(help: "The last resort: also take away what keeps Kubernetes from deleting it (finalizers).")
  var force = false

  @OptionGroup(title: "Plan Options") var plan: PlanOptions
  @OptionGroup(title: "Output Options") var output: OutputOptions
  @OptionGroup(title: "Global Options") var global: GlobalOptions
}
