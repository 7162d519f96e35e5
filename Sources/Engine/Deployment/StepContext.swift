import Basics
import Synchronization
import Tools

/// What a running step has at hand.
package final class StepContext: Sendable {
  package let step: PlanStep
  package let toolbox: Toolbox
  private let report: @Sendable (PlanEvent) -> Void
  private let latest = Lock<String?>(nil)

  package init(step: PlanStep, toolbox: Toolbox, report: @escaping @Sendable (PlanEvent) -> Void) {
    self.step = step
    self.toolbox = toolbox
    self.report = report
  }

  /// What the step said last about what it is doing.
  var latestProgress: String? { latest.withLock { $0 } }

  /// Says what the step is doing now, once for each change of words.
  package func progress(_ words: String) {
    let isNew = latest.withLock { latest in
      defer { latest = words }
      return latest != words
    }
    if isNew { report(.progress(step: step.id, words)) }
  }

  /// Says something that does not stop the step.
  package func warn(_ words: String) { report(.warning(step: step.id, words)) }
}
