import Foundation
import TestSupport
import Testing

@testable import ARC
@testable import Basics
@testable import Deployment
@testable import Installations
@testable import Knowledge
@testable import Kubernetes
@testable import Tools

/// Requests, as made by commands and the dashboard, through plan and confirmation to their end.
@Suite struct RequestTests {
  private let world: PlanTests

  init() throws { world = try PlanTests() }

  /// Records what it receives, and answers as configured.
  private final class Front: PlanFront {
    let answer: Bool
    let asked = Lock<[Plan]>([])
    let events = LockedEvents()

    init(_ answer: Bool = true) { self.answer = answer }

    func waits(for holders: [OperationHolder]) {}
    func planning(_ make: () async throws -> Plan) async throws -> Plan { try await make() }
    func accepts(_ plan: Plan, for request: PlanRequest) async throws -> Bool {
      asked.withLock { $0.append(plan) }
      return answer
    }
    func tell(_ event: PlanEvent) { events.append(event) }
  }

  private func configured(_ name: String = "web-ci") throws -> Installation? {
    try world.store.load().installations.first { $0.name.description == name }
  }

  @discardableResult
  private func carryOut(_ request: PlanRequest?, _ front: Front = Front()) async throws -> Bool {
    try await world.deskrun().carryOut("deskrun test", on: request?.scope, by: front) { request }
  }

  @Test func `a request is planned, asked about and carried out`() async throws {
    let wanted = WantedInstallation(try PlanTests.installation())
    let no = Front(false)
    #expect(try await !carryOut(.add(wanted), no))
    #expect(no.asked.withLock { $0.map(\.title) } == ["Add web-ci"])
    #expect(try configured() == nil)
    #expect(no.events.all.isEmpty)
    let yes = Front()
    #expect(try await carryOut(.add(wanted), yes))
    #expect(try configured() == wanted.installation)
    #expect(world.cluster.with { $0.releases["web-ci"] } != nil)
    #expect(!yes.events.all.isEmpty)
    #expect(try await !carryOut(nil))
  }

  @Test func `credentials are looked for once, and their warnings are the plan's`() async throws {
    var wanted = WantedInstallation(
      try PlanTests.installation(token: "-"),
      credentials: CredentialRequest(.literal(Secret("ghp_0123456789abcdef0123456789abcdef0123"))))
    let front = Front()
    try await carryOut(.add(wanted), front)
    let warnings = front.asked.withLock { $0.flatMap(\.warnings) }
    #expect(warnings.contains { $0.contains("passed on the command line") }, "\(warnings)")
    #expect(
      try configured()?.authentication == .token(.literal(Secret("ghp_0123456789abcdef0123456789abcdef0123"))))
    // If credentials are not found, nothing is changed.
    wanted.credentials = CredentialRequest(.environment("NOT_SET"))
    let before = try configured()
    let error = await #expect(throws: EngineError.self) {
      try await carryOut(.edit(wanted, from: wanted.installation))
    }
    #expect(error?.what.contains("NOT_SET") == true)
    #expect(try configured() == before)
  }

  @Test func `the key of an App stays when only its ids change`() async throws {
    let key = SecretSource.environment("KEY")
    let resolver = try world.deskrun().credentials
    let target = try GitHubTarget("https://github.com/acme/web")
    let found = try await resolver.authentication(
      CredentialRequest(
        nil, app: .init(id: "12", installationID: "99"), kept: .app(id: "12", installationID: "34", key: key)),
      for: target)
    #expect(found.authentication == .app(id: "12", installationID: "99", key: key))
    // A token is not a key.
    await #expect(throws: EngineError.self) {
      try await resolver.authentication(
        CredentialRequest(nil, app: .init(id: "12", installationID: "99"), kept: .token(key)), for: target)
    }
  }

  @Test func `scaling says what will happen and keeps what others changed`() async throws {
    try await world.add(try PlanTests.installation())
    let old = RunnerCounts.standard
    let front = Front()
    try await carryOut(.scale("web-ci", Scaling(to: RunnerCounts(minimum: 1, maximum: 7), from: old)), front)
    let plan = try #require(front.asked.withLock { $0.first })
    #expect(plan.title == "Scale web-ci to 1-7")
    #expect(plan.notes.contains("web-ci: max 5 → 7: 2 more runners may start"))
    // Requested when it was 1-5, carried out when it is 1-7: only the minimum changes.
    try await carryOut(.scale("web-ci", Scaling(to: RunnerCounts(minimum: 2, maximum: 5), from: old)))
    #expect(try configured()?.runners == RunnerCounts(minimum: 2, maximum: 7))
    let error = await #expect(throws: EngineError.self) { try await carryOut(.scale("web-ci", Scaling(maximum: 1))) }
    #expect(error?.what.contains("below the minimum (2)") == true)
    await #expect(throws: EngineError.self) { try await carryOut(.scale("nosuch", Scaling(maximum: 1))) }
  }

  @Test func `what removes something is asked about, what adds is not`() async throws {
    try await world.add(try PlanTests.installation())
    let deployer = try world.deskrun()
    let name = "web-ci"
    let removing: [(PlanRequest, String)] = [
      (.remove(name, .finishJobs, force: false), "credentials of web-ci"), (.down(.interrupt), "cluster"),
      (.deleteCluster, "at once"),
    ]
    for (request, word) in removing {
      let plan = try await deployer.plan(for: request)
      let asked = try #require(request.confirmation(of: plan, on: deployer.target))
      #expect(asked.consequences == request.consequences(on: deployer.target))
      #expect(asked.consequences?.removes.contains(word) == true)
      #expect(asked.consequences?.keeps.contains("caches") == true)
    }
    for request in [PlanRequest.up(name), .scale(name, Scaling(maximum: 6)), .createCluster] {
      let plan = try await deployer.plan(for: request)
      #expect(request.confirmation(of: plan, on: deployer.target) == nil)
    }
  }

  @Test func `a busy runner is named in the question with what happens to its job`() async throws {
    let busy = [BusyRunner(name: "web-1", scaleSet: "web-ci", job: "build", repository: "acme/web")]
    var plan = Plan(title: "Remove web-ci", steps: [])
    plan.busyRunners = busy
    let target = try world.deskrun().target
    let waits = PlanRequest.remove("web-ci", .finishJobs, force: false).confirmation(of: plan, on: target)
    #expect(waits?.notes.first == "1 runner has a job now; it finishes first:")
    #expect(waits?.notes.last?.contains("build") == true)
    let fails = PlanRequest.remove("web-ci", .interrupt, force: false).confirmation(of: plan, on: target)
    #expect(fails?.notes.first?.contains("FAIL") == true)
  }

  // MARK: Progress

  @Test func `the phases of a program are counted when they begin`() {
    let reader = PhaseReader()
    #expect(reader.progress(" • Preparing nodes 📦  ...") == nil)
    reader.expect(Kind.phases)
    #expect(
      reader.progress(" • Preparing nodes 📦  ...")
        == StepProgress("Preparing nodes", .init(done: 1, total: Kind.phases.count)))
    #expect(reader.progress(" ✓ Preparing nodes 📦") == nil)
    #expect(reader.progress("Creating cluster \"deskrun\" ...") == nil)
    reader.expect([])
    #expect(reader.progress(" • Preparing nodes 📦  ...") == nil)
  }

  @Test(arguments: [(0, 7, 0), (1, 7, 1), (7, 7, 10), (9, 7, 10), (-1, 7, 0), (3, 0, 0)])
  func `a bar is filled in proportion`(done: Int, total: Int, cells: Int) {
    #expect(StepProgress.Count(done: done, total: total).filled(of: 10) == cells)
  }

  @Test func `programs that are asked one after the other are counted`() async throws {
    let events = LockedEvents()
    let deployer = try world.deskrun()
    let plan = try await deployer.plan(for: .createCluster)
    try await deployer.run(plan) { events.append($0) }
    let counts = events.all.compactMap { event -> StepProgress.Count? in
      guard case .progress("tools", let progress) = event else { return nil }
      return progress.count
    }
    #expect(counts.map(\.done) == [0, 1, 2, 3])
    #expect(counts.allSatisfy { $0.total == 4 })
  }
}
