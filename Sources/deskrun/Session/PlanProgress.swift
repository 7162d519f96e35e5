import CommandOutput
import Engine

/// Reports a running plan, with the number and title of each step.
final class PlanProgress: Sendable {
  private let reporter: ProgressReporter
  private let isVerbose: Bool
  private let invocation: Invocation
  private let steps = Lock<[PlanStep]>([])

  init(_ console: Console, _ verbosity: Verbosity) {
    reporter = ProgressReporter(console: console, verbosity: verbosity)
    isVerbose = verbosity == .verbose
    invocation = console.invocation
  }

  func begin(_ plan: Plan) { steps.withLock { $0 = plan.steps } }

  func tell(_ event: PlanEvent) {
    // The live line is not completed by the console.
    switch invocation.completing(event) {
    case .started(let id):
      let (at, count, title) = steps.withLock { steps in
        let at = steps.firstIndex { $0.id == id }
        return (at ?? 0, steps.count, at.map { steps[$0].title } ?? id)
      }
      reporter.begin(at + 1, of: count, title)
    case .progress(_, let progress): reporter.detail(progress)
    case .command(_, let line): if isVerbose { reporter.detail("$ " + line) }
    case .output(_, let line): if isVerbose || !line.text.allSatisfy(\.isWhitespace) { reporter.detail(line.text) }
    case .warning(_, let words): reporter.warn(words)
    case .finished(_, .skipped(let why), _): reporter.skip(why)
    case .finished(_, let outcome, _): reporter.finish(outcome.note)
    case .failed(_, let error, _): if error.kind == .interrupted { reporter.cancel() } else { reporter.fail() }
    }
  }
}
