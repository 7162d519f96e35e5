import Basics
import Synchronization
import Tools

/// What a running step has at hand.
package final class StepContext: Sendable {
  package let step: PlanStep
  package let toolbox: Toolbox
  /// Reads progress from what programs of the step write.
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

  /// What the step said last about what it is doing.
  var latestProgress: String? { latest.withLock { $0?.words } }

  /// Says what the step is doing now, once for each change.
  ///
  /// - Parameters:
  ///   - done: how much of `total` is done. One thing alone is not counted.
  package func progress(_ words: String, _ done: Int = 0, of total: Int = 0) {
    let progress = StepProgress(words, total > 1 ? .init(done: done, total: total) : nil)
    let isNew = latest.withLock { latest in
      defer { latest = progress }
      return latest != progress
    }
    if isNew { report(.progress(step: step.id, progress)) }
  }

  /// Says something that does not stop the step.
  package func warn(_ words: String) { report(.warning(step: step.id, words)) }
}
