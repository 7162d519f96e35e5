import ArgumentParser
import CommandOutput
import Engine

/// Options of commands that make changes in steps.
package struct PlanOptions: ParsableArguments {
  @Flag(help: "Show the steps and the Helm values, with secrets masked, and change nothing.")
  package var dryRun = false

  @Flag(name: .shortAndLong, help: "Do not ask for confirmation.")
  package var yes = false

  package init() {}
}

/// What happens to running jobs of removed runners.
package enum BusyRunners: String, CaseIterable, Sendable, EnumerableFlag {
  /// They finish first.
  case waitForJobs
  /// They are interrupted.
  case now

  package var policy: RunnerPolicy { self == .now ? .interrupt : .finishJobs }

  package static func help(for value: BusyRunners) -> ArgumentHelp? {
    switch value {
    case .waitForJobs: "Wait for running jobs to finish first. This is the default."
    case .now: "Interrupt running jobs."
    }
  }
}
