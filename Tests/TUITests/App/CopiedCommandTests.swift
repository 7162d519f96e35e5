import Engine
import Testing

@testable import ARC
@testable import Basics
@testable import DashboardCore
@testable import DashboardPanes
@testable import Deployment
@testable import Installations
@testable import Knowledge
@testable import Kubernetes
@testable import TUI
@testable import TerminalKit
@testable import Tools

/// A command that the dashboard shows acts on the dashboard's cluster.
@Suite struct CopiedCommandTests {
  private static let error = EngineError(.failed, "It failed", why: "`deskrun a`", fix: "Run `deskrun up`")

  private func driver() throws -> Driver {
    try Driver.watching(nil, 120, 40) {
      $0.isDemo = true
      $0.invocation = Invocation(isDemo: true, context: nil, kubeconfig: nil, environment: [:])
    }
  }

  @Test func `every message that brings sentences is completed`() throws {
    let invocation = Invocation(isDemo: true, context: nil, kubeconfig: nil, environment: [:])
    let world = try World()
    var observation = world.observation
    observation.cluster = .unreachable(Self.error)
    let plan = Plan(title: "Add", steps: [], warnings: ["See `deskrun list`"])
    let messages: [Message] = [
      .configuration(.failure(Self.error)), .observed(observation),
      .checked([DoctorCheck(id: "x", title: "x", verdict: .bad, finding: "x", fix: "`deskrun up`")]),
      .log(request: 1, .failed(Self.error)),
      .document(request: 1, .failure(Self.error)), .preview(request: 1, .failure(Self.error)),
      .preview(request: 1, .success(PlanPreview(steps: [], warnings: plan.warnings, values: ""))),
      .credential(request: 1, .failure(Self.error)), .planned(activity: 1, plan),
      .planEvent(activity: 1, .warning(step: "x", "`deskrun up`")),
      .planEvent(activity: 1, .failed(step: "x", Self.error, .zero)), .activityEnded(activity: 1, Self.error),
      .saved(.failure(Self.error)), .opened(.failure(Self.error)), .shellEnded(Self.error),
    ]
    for message in messages {
      let text = String(reflecting: message.completed(by: invocation))
      #expect(text.contains("deskrun --demo "), "\(message)")
      #expect(!text.contains("`deskrun up`") && !text.contains("`deskrun a`") && !text.contains("`deskrun list`"))
    }
  }

  @Test func `findings name the demo`() throws {
    let driver = try driver()
    driver.send(.configuration(.failure(Self.error)))
    #expect(driver.model.findings.contains { $0.remedy == "Run `deskrun --demo up`" })
    #expect(driver.model.findings.allSatisfy { !$0.remedy.contains("`deskrun up") })
  }
}
