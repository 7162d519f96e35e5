import Basics
import Synchronization
import Tools

/// What is available to a running step.
package final class StepContext: Sendable {
  package let step: PlanStep
  package let toolbox: Toolbox
  /// Reads progress from the output of the step's programs.
  let phases: PhaseReader
  private let report: @Sendable (PlanEvent) -> Void
  private let latest = Lock<StepProgress?>(nil)

  package convenience init(step: PlanStep, toolbox: Toolbox, report: @escaping @Sendable (PlanEvent) -> Void) {
    self.init(step: step, toolbox: toolbox, phases: PhaseReader(), report: report)
  }

  init(
    step: PlanStep, toolbox: Toolbox, phases: PhaseReader, report: @escaping @Sendable (PlanEvent) -> Void
  ) {
    self.step = step
    self.toolbox = toolbox
    self.phases = phases
    self.report = report
  }

  /// The step's latest progress message.
  var latestProgress: String? { latest.withLock { $0?.words } }

  /// Reports what the step is doing, if it has changed.
  ///
  /// - Parameters:
  ///   - done: how much of `total` is done. A total of one is not counted.
  package func progress(_ words: String, _ done: Int = 0, of total: Int = 0) {
    let progress = StepProgress(words, total > 1 ? .init(done: done, total: total) : nil)
    let isNew = latest.withLock { latest in
      defer { latest = progress }
      return latest != progress
    }
    if isNew { report(.progress(step: step.id, progress)) }
  }

  /// Reports a message that does not stop the step.
  package func warn(_ words: String) { report(.warning(step: step.id, words)) }
}
