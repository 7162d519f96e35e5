import ArgumentParser
import CommandSession
import Engine

/// `deskrun scale`.
struct Scale: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Change how many runners an installation keeps.",
    discussion: """
      EXAMPLES:
        At most seven at once:
          deskrun scale web-ci 7
        Two idle runners, at most ten:
          deskrun scale web-ci 2-10
          deskrun scale web-ci --min-runners 2 --max-runners 10
        No idle runners; each job waits for its runner to start:
          deskrun scale web-ci --min-runners 0

      Options you leave out keep their values. Jobs that run finish, also where fewer runners are allowed.
      """)

  @OptionGroup var target: InstallationArgument

  @Argument(help: ArgumentHelp("The maximum, or MIN-MAX.", valueName: "count"))
  var counts: String?

  @OptionGroup(title: "Installation Options") var runners: RunnerCountOptions
  @OptionGroup(title: "Plan Options") var plan: PlanOptions
  @OptionGroup(title: "Output Options") var output: OutputOptions
  @OptionGroup(title: "Global Options") var global: GlobalOptions

  func validate() throws {
    if counts == nil, !runners.isGiven {
      throw ValidationError("Give the maximum (`deskrun scale NAME 7`), --min-runners, --max-runners or both.")
    }
    if counts != nil, runners.isGiven {
      throw ValidationError("The count and --min-runners or --max-runners contradict each other.")
    }
  }

  func run() async throws {
    let session = try await Session(global).on(target.name)
    let scaling = try scaling()
    let name = try await session.ownInstallation(target.name).name
    try await session.run(plan, output)("scale", on: .installation(name)) {
      _ = try session.installationStill(target.name)
      return .scale(name.description, scaling)
    }
  }

  /// - Throws: `EngineError` of kind `invalid` if the count is not valid.
  func scaling() throws(EngineError) -> Scaling {
    guard let counts else { return Scaling(minimum: runners.minimum, maximum: runners.maximum) }
    return try Scaling(counts)
  }
}
