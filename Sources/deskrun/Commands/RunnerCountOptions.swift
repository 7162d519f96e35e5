import ArgumentParser
import Engine

/// The runner counts of an installation, shared by `add`, `edit`, `adopt` and `scale`.
struct RunnerCountOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp("Idle runners to keep when no jobs run. A new installation has 1.", valueName: "count"))
  var minRunners: Int?

  @Option(help: ArgumentHelp("Maximum number of runners at once. A new installation has 5.", valueName: "count"))
  var maxRunners: Int?

  // The former names.
  @Option(name: .customLong("min"), help: .hidden) var shortMinimum: Int?
  @Option(name: .customLong("max"), help: .hidden) var shortMaximum: Int?

  var minimum: Int? { minRunners ?? shortMinimum }
  var maximum: Int? { maxRunners ?? shortMaximum }
  var isGiven: Bool { minimum != nil || maximum != nil }

  func validate() throws {
    for (long, short, name) in [(minRunners, shortMinimum, "min"), (maxRunners, shortMaximum, "max")]
    where long != nil && short != nil {
      throw ValidationError("--\(name)-runners and --\(name) are the same option: use one.")
    }
  }
}
