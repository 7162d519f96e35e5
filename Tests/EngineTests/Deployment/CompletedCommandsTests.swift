import Testing

@testable import Basics
@testable import Deployment
@testable import Tools

/// The commands in texts of a plan and its steps act on the same cluster when they are copied.
@Suite struct CompletedCommandsTests {
  private let invocation = Invocation(isDemo: true, context: nil, kubeconfig: nil, environment: [:])
  private let given = "see `deskrun why web-ci`"
  private let completed = "see `deskrun --demo why web-ci`"

  @Test func `those of a plan`() {
    var plan = Plan(title: "Add web-ci", steps: [], warnings: [given])
    plan.notes = [given]
    #expect(invocation.completing(plan).warnings == [completed])
    #expect(invocation.completing(plan).notes == [completed])
  }

  @Test func `those of steps that wait, end and fail`() {
    func told(_ event: PlanEvent) -> PlanEvent { invocation.completing(event) }
    #expect(
      told(.progress(step: "gone/web-ci", StepProgress(given)))
        == .progress(step: "gone/web-ci", StepProgress(completed)))
    #expect(told(.warning(step: "api", given)) == .warning(step: "api", completed))
    #expect(
      told(.finished(step: "api", .skipped(given), .zero)) == .finished(step: "api", .skipped(completed), .zero))
    #expect(
      told(.failed(step: "api", EngineError(.failed, "x", fix: given), .zero))
        == .failed(step: "api", EngineError(.failed, "x", fix: completed), .zero))
    // A call of another program is shown unchanged.
    #expect(told(.command(step: "api", given)) == .command(step: "api", given))
  }
}
