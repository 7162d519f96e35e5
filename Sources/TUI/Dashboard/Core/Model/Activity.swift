import Engine

/// A plan that was requested and runs in the background.
package struct Activity: Sendable, Equatable, Identifiable {
  package enum Phase: Sendable, Equatable {
    /// The steps are being determined.
    case planning
    case running
    case done
    case failed(EngineError)
    case cancelled
  }

  package struct Step: Sendable, Equatable {
    package enum State: String, Sendable, Equatable {
      case waiting, running, done, unchanged, skipped, failed
    }

    package var id: String
    package var title: String
    package var state = State.waiting
    package var note: String?
    /// The progress while running, if it is counted.
    package var count: StepProgress.Count?
    package var started: Int64?
    package var seconds: Int?
  }

  package var id: Int
  package var title: String
  /// The request, for running it again.
  package var request: PlanRequest
  /// The index of its cluster.
  package var cluster = 0
  /// The cluster for the title; nil if there is only one.
  var place: String?
  package var phase = Phase.planning
  package var steps: [Step] = []
  /// The output of the tools, newest last.
  package var output: [String] = []
  package var warnings: [String] = []
  package var started: Int64
  package var ended: Int64?
  package var isCancelling = false
  /// What it is waiting for before it can be planned; nil if nothing.
  package var waitsFor: String?

  private static let outputLimit = 400

  static func title(_ title: String, on place: String?) -> String { place.map { "\(title) on \($0)" } ?? title }

  package var isOver: Bool {
    switch phase {
    case .planning, .running: false
    case .done, .failed, .cancelled: true
    }
  }

  /// The number of its completed steps.
  package var progress: StepProgress.Count {
    .init(done: steps.count(where: { ![.waiting, .running].contains($0.state) }), total: steps.count)
  }

  mutating func take(_ plan: Plan) {
    (waitsFor, title, warnings, phase) = (nil, Self.title(plan.title, on: place), plan.warnings, .running)
    steps = plan.steps.map { Step(id: $0.id, title: $0.title, note: $0.forecast) }
  }

  /// Applies an event of the plan.
  mutating func apply(_ event: PlanEvent, at now: Int64) {
    func change(_ id: String, _ body: (inout Step) -> Void) {
      if let index = steps.firstIndex(where: { $0.id == id }) { body(&steps[index]) }
    }
    switch event {
    case .started(let step):
      change(step) {
        $0.state = .running
        $0.started = now
        $0.note = nil
      }
    case .progress(let step, let progress):
      change(step) { ($0.note, $0.count) = (SafeText.line(progress.words), progress.count) }
    case .command(_, let line): say("$ " + SafeText.line(line))
    case .output(_, let line): say(SafeText.line(line.text))
    case .warning(_, let words):
      warnings.append(SafeText.line(words))
      say("! " + SafeText.line(words))
    case .finished(let step, let outcome, let took):
      change(step) {
        $0.seconds = Int(took.components.seconds)
        ($0.note, $0.count) = (outcome.note, nil)
        $0.state =
          switch outcome {
          case .changed: .done
          case .unchanged: .unchanged
          case .skipped: .skipped
          }
      }
    case .failed(let step, let error, let took):
      change(step) {
        $0.seconds = Int(took.components.seconds)
        ($0.state, $0.count) = (.failed, nil)
        $0.note = error.what
      }
    }
  }

  private mutating func say(_ line: String) {
    output.append(line)
    if output.count > Self.outputLimit { output.removeFirst(output.count - Self.outputLimit) }
  }
}

extension PaneID {
  /// Shows the activities: a plan that starts switches to this pane.
  package static let activity = PaneID("activity")
}
