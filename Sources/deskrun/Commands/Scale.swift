import ArgumentParser
import CommandSession
import Engine

/// `deskrun scale`.
struct Scale: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Change how many runners an installation keeps.",
    discussion: """
      EXAMPLES:
        Two runners always wait, at most ten run:
          deskrun scale web-ci --min-runners 2 --max-runners 10
        None waits; each job waits for its runner to start:
          deskrun scale web-ci --min-runners 0
      """)

  @OptionGroup var target: InstallationArgument

  @Option(
    name: [.long, .customLong("min")],
    help: ArgumentHelp("Runners that wait when there is nothing to do.", valueName: "count"))
  var minRunners: Int?

  @Option(
    name: [.long, .customLong("max")], help: ArgumentHelp("Runners there may be at once.", valueName: "count"))
  var maxRunners: Int?

  @OptionGroup(title: "Plan Options") var plan: PlanOptions
  @OptionGroup(title: "Output Options") var output: OutputOptions
  @OptionGroup(title: "Global Options") var global: GlobalOptions

  func validate() throws {
    if minRunners == nil, maxRunners == nil {
      throw ValidationError("Say how many: --min-runners, --max-runners or both.")
    }
  }

  func run() async throws {
    let session = try Session(global)
    let name = try session.installation(target.name).name
    try await session.exclusively("scale", on: .installation(name), dryRun: plan.dryRun) {
      try await change(try session.installationStill(target.name), session)
    }
  }

  private func change(_ current: Installation, _ session: Session) async throws {
    guard current.instances == 1 else {
      throw EngineError(
        .invalid, "\(current.name) has \(current.instances) instances of one runner each",
        fix: "Change their number: `deskrun edit \(current.name) --instances N`")
    }
    let installation = try current.with(runners: counts(from: current.runners))
    let plan = try await session.waiting(for: "asking the cluster") {
      try await session.deployer.planEdit(installation, base: current)
    }
    guard try await PlanRun(session: session, options: self.plan, output: output.form)(plan) else { return }
    session.tellReady(installation)
  }

  /// The counts as they are to become.
  ///
  /// - Throws: `EngineError` of kind `invalid`.
  func counts(from current: RunnerCounts) throws(EngineError) -> RunnerCounts {
    try RunnerCounts(minimum: minRunners ?? current.minimum, maximum: maxRunners ?? current.maximum)
  }
}
