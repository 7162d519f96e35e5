import Basics
import Tools

/// What a running plan reports.
package enum PlanEvent: Sendable, Equatable {
  /// A step begins.
  case started(step: String)
  /// A step says what it is doing now: "waiting for the API".
  case progress(step: String, StepProgress)
  /// A step runs a program: its command line, fit to be shown.
  case command(step: String, String)
  /// A program of the step wrote a line. Not yet made safe for a terminal.
  case output(step: String, ToolLine)
  /// A step has something to say that does not stop it.
  case warning(step: String, String)
  /// A step is over.
  case finished(step: String, StepOutcome, Duration)
  /// A step failed; the plan ends with it, but for steps that look at other scale sets.
  case failed(step: String, EngineError, Duration)
}

/// How a step ended well.
package enum StepOutcome: Sendable, Equatable {
  /// Something was changed; in a few words what, where that says more than the title.
  case changed(String? = nil)
  /// It was so already.
  case unchanged(String? = nil)
  /// It did not apply; why.
  case skipped(String)

  /// What was found or done, where that says more than the title.
  package var note: String? {
    switch self {
    case .changed(let note), .unchanged(let note): note
    case .skipped(let why): why
    }
  }
}
