import Testing

@testable import Basics
@testable import Tools

/// Displayed commands act on the same cluster and configuration when they are copied.
@Suite struct InvocationTests {
  private static let home = Invocation(
    isDemo: false, context: nil, kubeconfig: nil, environment: ["DESKRUN_HOME": "/srv/my deskrun"])
  private static let demo = Invocation(
    isDemo: true, context: nil, kubeconfig: nil, environment: ["DESKRUN_HOME": "/unused"])
  private static let context = Invocation(isDemo: false, context: "prod", kubeconfig: "k.yaml", environment: [:])

  @Test func `what was given is repeated`() {
    #expect(Self.demo.command("deskrun up web-ci") == "deskrun --demo up web-ci")
    #expect(Self.home.command("deskrun up") == "DESKRUN_HOME='/srv/my deskrun' deskrun up")
    #expect(Self.context.command("deskrun") == "deskrun --context prod --kubeconfig k.yaml")
    #expect(Self.demo.command("deskrun down && deskrun up") == "deskrun --demo down && deskrun --demo up")
    #expect(Invocation().command("deskrun up") == "deskrun up")
    #expect(Self.context.command("deskrun cluster use CONTEXT") == "deskrun --kubeconfig k.yaml cluster use CONTEXT")
  }

  @Test func `a text about another cluster names it where no installation does`() {
    let other = Invocation().on(.existing(context: "lab b"))
    #expect(other.command("deskrun doctor") == "deskrun --context 'lab b' doctor")
    #expect(other.command("deskrun up && deskrun up web-ci") == "deskrun --context 'lab b' up && deskrun up web-ci")
    #expect(other.command("deskrun edit web-ci --context CONTEXT") == "deskrun edit web-ci --context CONTEXT")
    #expect(other.command("deskrun cluster use --kind") == "deskrun cluster use --kind")
    let demo = Self.demo.on(.existing(context: "lab-b"))
    #expect(demo.command("deskrun why --fix") == "deskrun --demo --context lab-b why --fix")
    for invocation in [other, demo, Self.context.on(.existing(context: "x"))] {
      let once = invocation.text("Run `deskrun doctor`, then `deskrun remove web-ci`")
      #expect(invocation.text(once) == once)
    }
    #expect(Self.context.command("deskrun edit web-ci --context NEW") == "deskrun edit web-ci --context NEW")
  }

  @Test func `only commands of deskrun in backticks are changed`() {
    #expect(
      Self.demo.text("`deskrun up` starts it; `docker ps` and deskrun's own `kubectl get pods` do not")
        == "`deskrun --demo up` starts it; `docker ps` and deskrun's own `kubectl get pods` do not")
    #expect(Self.demo.text("a ` alone, and `deskruns up`") == "a ` alone, and `deskruns up`")
    #expect(Self.demo.text("") == "")
  }

  @Test func `a text that comes through twice is changed once`() {
    for invocation in [Self.demo, Self.home, Self.context] {
      let once = invocation.text("Run `deskrun doctor`, then `deskrun down && deskrun up`")
      #expect(once.contains("deskrun doctor") || once.contains("doctor"))
      #expect(invocation.text(once) == once)
    }
  }

  @Test func `nothing from outside can steer the terminal`() {
    let invocation = Invocation(isDemo: false, context: "a\u{1B}[2Jb`c", kubeconfig: nil, environment: [:])
    #expect(!invocation.command("deskrun up").contains("\u{1B}"))
  }

  @Test func `errors and states of the cluster are completed in all their texts`() {
    let error = EngineError(
      .failed, "`deskrun a` failed", why: "`deskrun b`", fix: "`deskrun c`", details: ["`deskrun d`"])
    let completed = Self.demo.completing(error)
    #expect(completed.description.components(of: "deskrun --demo ") == 4)
    #expect(Self.demo.completing(ClusterState.unreachable(error)) == .unreachable(completed))
  }
}

extension String {
  fileprivate func components(of text: String) -> Int { ranges(of: text).count }
}

/// Missing programs are reported together.
@Suite struct RequiredToolsTests {
  private struct NoRunner: ToolRunner {
    func run(_ call: ToolCall, onLine: (@Sendable (ToolLine) -> Void)?) async throws -> ToolResult {
      throw CancellationError()
    }
    func stream(_ call: ToolCall, onChunk: @Sendable ([UInt8]) async throws -> Void) async throws -> ToolResult {
      throw CancellationError()
    }
  }

  private static let toolbox = Toolbox(
    runner: NoRunner(), environment: ["PATH": "/nonexistent", "DESKRUN_KUBECTL": "/bin/sh"],
    target: .kind(cluster: "deskrun"))

  @Test func `all that are missing are named at once`() throws {
    let error = try #require(throws: EngineError.self) { try Self.toolbox.require([.kubectl, .helm, .kind, .docker]) }
    #expect(error.kind == .toolMissing)
    #expect(error.what == "helm, kind and docker are not installed")
    #expect(error.fix?.contains("`deskrun doctor`") == true)
    #expect(error.details.count == 3)
  }

  @Test func `one that is missing keeps its own words`() throws {
    let error = try #require(throws: EngineError.self) { try Self.toolbox.require([.kubectl, .helm]) }
    #expect(error.what == "helm is not installed")
    #expect(error.fix?.contains("`deskrun doctor`") == true)
    try Self.toolbox.require([.kubectl])
  }
}
