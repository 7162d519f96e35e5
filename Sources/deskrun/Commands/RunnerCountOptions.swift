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

extension RunnerCountOptions {
  /// The counts that result from the options and the current counts. Several instances have one runner each, so also
  /// specifying counts is a contradiction.
  ///
  /// - Throws: `EngineError` of kind `invalid`.
  func counts(from current: RunnerCounts, instances: Int) throws(EngineError) -> RunnerCounts {
    if instances > 1 {
      guard minimum ?? 1 == 1, maximum ?? 1 == 1 else {
        throw EngineError(
          .invalid, "--instances and runner counts contradict each other",
          why: "each of several instances has exactly one runner",
          fix: "leave out --min-runners and --max-runners, or --instances")
      }
      return try RunnerCounts(minimum: 1, maximum: 1)
    }
    return try RunnerCounts(minimum: minimum ?? current.minimum, maximum: maximum ?? current.maximum)
  }
}
