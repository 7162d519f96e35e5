import ArgumentParser

/// `deskrun upgrade`.
struct Upgrade: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Bring the controller and all scale sets to this program's ARC version.",
    discussion: """
      EXAMPLES:
          deskrun upgrade --dry-run
          deskrun upgrade

      Controller and scale sets must have the same version, so they are upgraded together.
      """)

  @Flag(exclusivity: .exclusive)
  var busyRunners: BusyRunners = .waitForJobs

  @OptionGroup(title: "Plan Options") var plan: PlanOptions
  @OptionGroup(title: "Output Options") var output: OutputOptions
  @OptionGroup(title: "Global Options") var global: GlobalOptions
}
