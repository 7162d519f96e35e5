import Foundation
import Synchronization
import TestSupport
import Testing

@testable import ARC
@testable import Basics
@testable import Deployment
@testable import Installations
@testable import Knowledge
@testable import Kubernetes
@testable import Tools

/// Concurrent operations: the second one waits, and no change is lost.
@Suite struct ExclusiveTests {
  let plans: PlanTests
  let deployer: Deployer
  let name: InstallationName

  init() async throws {
    plans = try PlanTests()
    deployer = try plans.deskrun()
    name = try InstallationName("web-ci")
    try await plans.add(PlanTests.installation())
  }

  var saved: Installation { get throws { try #require(plans.store.load().installation(named: name)) } }

  private func edited(_ change: (inout Installation) throws -> Void) throws -> Installation {
    var installation = try saved
    try change(&installation)
    return installation
  }

  /// Changes an installation like a command.
  private func edit(_ change: @Sendable (inout Installation) throws -> Void, planned: Gate? = nil) async throws {
    try await deployer.exclusively("deskrun edit web-ci", on: .installation(name), onWait: { _ in }) {
      let base = try saved
      let plan = try await deployer.planEdit(edited(change), base: base)
      try await planned?.pass()
      try await deployer.run(plan) { _ in }
    }
  }

  @Test func `two edits at once lose nothing and the cluster agrees`() async throws {
    for round in 1...4 {
      async let first: Void = edit { $0.runners = try RunnerCounts(minimum: 1, maximum: 5 + round) }
      async let second: Void = edit { $0.caches = [try CachePath("/c\(round)")] }
      async let third: Void = edit { $0.image = "acme/runner:\(round)" }
      _ = try await (first, second, third)
      let result = try saved
      #expect(result.runners.maximum == 5 + round)
      #expect(result.caches.map(\.target) == ["/c\(round)"])
      #expect(result.image == "acme/runner:\(round)")
      let values = try #require(plans.cluster.with { $0.releases["web-ci"]?.values })
      #expect(try values == deployer.deployments(of: result)[0].releaseValues)
    }
  }

  @Test func `who comes second waits and is told for whom`() async throws {
    let (entered, gate) = (Gate(), Gate())
    let first = Task {
      try await deployer.exclusively("deskrun remove web-ci", on: .installation(name), onWait: { _ in }) {
        entered.open()
        try await gate.pass()
        _ = try await plans.store.change { $0.remove(name) }
      }
    }
    try await entered.pass()
    let waits = Gate()
    let holders = Lock<[OperationHolder]>([])
    let second = Task {
      try await deployer.exclusively(
        "deskrun edit web-ci", on: .installation(name),
        onWait: { who in
          holders.withLock { $0 = who }
          waits.open()
        }
      ) { try await deployer.planEdit(PlanTests.installation(labels: ["x"])) }
    }
    try await waits.pass()
    let holder = try #require(holders.withLock { $0.first })
    #expect(holder.process == getpid())
    #expect(holder.title == "deskrun remove web-ci")
    #expect(holder.since > 0)
    gate.open()
    try await first.value
    let refusal = await #expect(throws: EngineError.self) { try await second.value }
    #expect(refusal?.kind == .notFound, "the installation is gone by then")
  }

  @Test func `an operation on everything waits for those on one and names them`() async throws {
    let (entered, gate, waits) = (Gate(), Gate(), Gate())
    let first = Task {
      try await deployer.exclusively("deskrun edit web-ci", on: .installation(name), onWait: { _ in }) {
        entered.open()
        try await gate.pass()
      }
    }
    try await entered.pass()
    let second = Task {
      try await deployer.exclusively(
        "deskrun up", on: .everything, onWait: { if $0.map(\.title) == ["deskrun edit web-ci"] { waits.open() } }
      ) { gate.isOpen }
    }
    try await waits.pass()
    gate.open()
    try await first.value
    #expect(try await second.value, "it ran before the first one ended")
  }

  @Test func `different installations do not wait for each other`() async throws {
    let (one, two) = (Gate(), Gate())
    async let first: Void = deployer.exclusively("a", on: .installation(name), onWait: { _ in }) {
      one.open()
      try await two.pass()
    }
    async let second: Void = deployer.exclusively("b", on: .installation(InstallationName("other")), onWait: { _ in }) {
      two.open()
      try await one.pass()
    }
    _ = try await (first, second)
  }

  @Test func `who waits can be stopped`() async throws {
    let (entered, gate, waits) = (Gate(), Gate(), Gate())
    let first = Task {
      try await deployer.exclusively("deskrun up", on: .everything, onWait: { _ in }) {
        entered.open()
        try await gate.pass()
      }
    }
    try await entered.pass()
    let second = Task {
      try await deployer.exclusively("b", on: .installation(name), onWait: { _ in waits.open() }) {}
    }
    try await waits.pass()
    second.cancel()
    // The first still holds it.
    await #expect(throws: CancellationError.self) { try await second.value }
    gate.open()
    try await first.value
  }

  @Test func `who waits for the file can be stopped`() async throws {
    let paths = try plans.store.paths
    let patient = ConfigurationStore(paths: paths, patience: .seconds(3600))
    let descriptor = open(paths.lock, O_RDWR | O_CREAT, 0o600)
    defer { close(descriptor) }
    #expect(flock(descriptor, LOCK_EX) == 0)
    for way in 0..<2 {
      let task = Task {
        if way == 0 { try await patient.change { _ in } } else { try patient.updateNow { _ in } }
      }
      task.cancel()
      await #expect(throws: CancellationError.self) { try await task.value }
    }
  }

  @Test func `what was changed after planning is not written over`() async throws {
    let base = try saved
    let plan = try await deployer.planEdit(edited { $0.image = "acme/runner:2" }, base: base)
    // A program that does not use the lock, such as an editor or the earlier program.
    try plans.store.update { try $0.set(edited { $0.runners = try RunnerCounts(minimum: 2, maximum: 9) }) }
    let refusal = await #expect(throws: EngineError.self) { try await deployer.run(plan) { _ in } }
    #expect(refusal?.why?.contains("maximum of runners: 5, not 9") == true)
    #expect(try saved.runners.maximum == 9)
    #expect(try saved.image == nil)
  }

  @Test func `a form that was open meanwhile undoes nothing`() async throws {
    let base = try saved
    let wanted = try edited { $0.image = "acme/runner:2" }
    try plans.store.update { try $0.set(edited { $0.runners = try RunnerCounts(minimum: 2, maximum: 9) }) }
    try await deployer.run(try await deployer.planEdit(wanted, base: base)) { _ in }
    #expect(try saved.image == "acme/runner:2")
    #expect(try saved.runners.maximum == 9)
    let refusal = await #expect(throws: EngineError.self) {
      try await deployer.planEdit(edited { $0.runners = .one }, base: base)
    }
    #expect(refusal?.fix?.contains("deskrun edit web-ci --max-runners 1") == true)
    #expect(try saved.runners.maximum == 9)
  }

  @Test func `what was removed after planning stays removed`() async throws {
    let plan = try await deployer.planEdit(edited { $0.image = "acme/runner:2" })
    _ = try plans.store.update { $0.remove(name) }
    let refusal = await #expect(throws: EngineError.self) { try await deployer.run(plan) { _ in } }
    #expect(refusal?.kind == .notFound)
    #expect(try plans.store.load().installations.isEmpty)
  }

  @Test func `two installations cannot get the same scale set`() async throws {
    let plan = try await deployer.planEdit(edited { $0.instances = 2 })
    try plans.store.update { $0.set(try PlanTests.installation("web-ci-1")) }
    let refusal = await #expect(throws: EngineError.self) { try await deployer.run(plan) { _ in } }
    #expect(refusal?.what.contains("web-ci-1") == true)
    #expect(try saved.instances == 1)
  }

  @Test func `another cluster that was chosen meanwhile ends what waited`() async throws {
    let (entered, gate, waits) = (Gate(), Gate(), Gate())
    let first = Task {
      try await deployer.exclusively("a", on: .everything, onWait: { _ in }) {
        entered.open()
        try await gate.pass()
      }
    }
    try await entered.pass()
    let second = Task {
      try await deployer.exclusively("b", on: .everything, onWait: { _ in waits.open() }) {}
    }
    try await waits.pass()
    try await plans.store.change { $0.use(context: "prod", kubeconfig: nil) }
    gate.open()
    try await first.value
    let refusal = await #expect(throws: EngineError.self) { try await second.value }
    #expect(refusal?.why?.contains("prod") == true)
    // An existing installation is on its own cluster, regardless of the default.
    try await deployer.exclusively("c", on: .installation(name), onWait: { _ in }) {}
  }
}

/// A gate that tasks wait for. A canceled task stops waiting.
final class Gate: Sendable {
  private let stream: AsyncStream<Void>
  private let continuation: AsyncStream<Void>.Continuation
  private let state = Lock(false)

  init() { (stream, continuation) = AsyncStream.makeStream() }

  var isOpen: Bool { state.withLock { $0 } }

  func open() {
    state.withLock { $0 = true }
    continuation.finish()
  }

  func pass() async throws {
    for await _ in stream {}
    try Task.checkCancellation()
  }
}

extension ConfigurationStore {
  /// Selects the synchronous `update` in asynchronous code.
  fileprivate func updateNow(_ change: (inout Configuration) throws -> Void) throws { try update(change) }
}
