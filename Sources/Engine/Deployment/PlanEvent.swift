import Basics
import Tools

/// A report of a running plan.
package enum PlanEvent: Sendable, Equatable {
  /// A step has started.
  case started(step: String)
  /// The current activity of a step: "waiting for the API".
  case progress(step: String, StepProgress)
  /// A step runs a program: its command line, safe to show.
  case command(step: String, String)
  /// A line written by a program of the step, not sanitized for a terminal.
  case output(step: String, ToolLine)
  /// A message of a step that does not stop it.
  case warning(step: String, String)
  /// A step has finished.
  case finished(step: String, StepOutcome, Duration)
  /// A step failed, which ends the plan, except for steps that only look at other scale sets.
  case failed(step: String, EngineError, Duration)
}

/// The result of a successful step.
package enum StepOutcome: Sendable, Equatable {
  /// Something was changed; a short description if the title is not specific enough.
  case changed(String? = nil)
  /// Nothing had to be changed.
  case unchanged(String? = nil)
  /// It did not apply; the reason.
  case skipped(String)

  /// What was found or done, if more specific than the title.
  package var note: String? {
    switch self {
    case .changed(let note), .unchanged(let note): note
    case .skipped(let why): why
    }
  }
}
