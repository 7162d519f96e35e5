import ARCTestSupport
import TestSupport
import Testing

@testable import ARC
@testable import Basics
@testable import Installations
@testable import Knowledge
@testable import Kubernetes
@testable import Tools

/// The knowledge about one cluster, from events in any order.
@Suite struct ClusterKnowledgeTests {
  private static let now: Int64 = 1_795_521_605

  private func configuration() throws -> Configuration {
    var configuration = Configuration()
    configuration.set(
      try Installation(
        name: InstallationName("web"), target: GitHubTarget("https://github.com/acme/web"),
        authentication: .token(.literal(Secret("t")))))
    return configuration
  }

  private func snapshot(_ runners: [(String, JSONValue)], at time: Int64 = now, pods: [Pod] = []) -> Snapshot {
    Snapshot(
      takenAt: time, controller: ControllerState(version: "0.14.2", isReady: true),
      scaleSets: [DiagnosisTests.set()], runners: runners.map { ClusterObjects.runner($0.0, $0.1) },
      pods: pods + [DiagnosisTests.listener()])
  }

  private func observed(_ snapshot: Snapshot?, staleSince: Int64? = nil) -> KnowledgeEvent {
    .observed(
      ClusterObservation(
        cluster: .ready(version: "v1.36.1"), snapshot: snapshot, heardAt: snapshot?.takenAt, staleSince: staleSince))
  }

  private func started(_ runner: String, at time: Int64?) -> ListenerFact {
    var job = Job()
    (job.name, job.repository) = ("build", "acme/web")
    return .started(runner: runner, job: job, at: time)
  }

  private func knowledge(_ events: [KnowledgeEvent]) throws -> ClusterKnowledge {
    var knowledge = ClusterKnowledge(place: ClusterPlace(context: "kind-deskrun"))
    for event in [.configuration(.success(try configuration()))] + events { knowledge.take(event, at: Self.now) }
    return knowledge
  }

  // MARK: Jobs

  @Test func `after an interruption a listener may be ahead of the lists, so a job it tells of has not ended`() throws {
    var known = try knowledge([observed(snapshot([("r", ClusterObjects.busy)]))])
    known.take(observed(snapshot([("r", ClusterObjects.busy)]), staleSince: Self.now), at: Self.now + 5)
    known.take(.listener(scaleSet: "web", [started("new", at: Self.now + 10)]), at: Self.now + 30)
    known.take(observed(snapshot([("r", ClusterObjects.busy)], at: Self.now + 30)), at: Self.now + 30)
    #expect(known.jobs["new"]?.result == .running)
    known.take(
      observed(snapshot([("r", ClusterObjects.busy), ("new", ClusterObjects.busy)], at: Self.now + 33)),
      at: Self.now + 33)
    #expect(known.jobs["new"]?.result == .running)
    // One that no list ever shows has ended.
    known.take(.listener(scaleSet: "web", [started("gone", at: Self.now + 11)]), at: Self.now + 34)
    #expect(known.jobs["gone"]?.result == .running)
    known.take(
      observed(snapshot([("r", ClusterObjects.busy), ("new", ClusterObjects.busy)], at: Self.now + 60)),
      at: Self.now + 60)
    #expect(known.jobs["gone"]?.result == .unknown)
    #expect(known.jobs["new"]?.result == .running)
  }

  @Test(arguments: [true, false])
  func `a job that a listener told of and whose runner is gone has ended`(listenerFirst: Bool) throws {
    let told = KnowledgeEvent.listener(scaleSet: "web", [started("gone", at: Self.now - 600)])
    let seen = observed(snapshot([("r", ClusterObjects.busy)]))
    let known = try knowledge(listenerFirst ? [told, seen] : [seen, told])
    #expect(known.jobs["gone"]?.result == .unknown)
    #expect(known.jobs["gone"]?.took == nil)
    #expect(known.jobs["r"]?.result == .running)
  }

  @Test func `a job that began after the snapshot was taken runs until a newer one lacks its runner`() throws {
    var known = try knowledge([
      observed(snapshot([])), .listener(scaleSet: "web", [started("new", at: Self.now + 2)]),
    ])
    #expect(known.jobs["new"]?.result == .running)
    known.take(observed(snapshot([("new", ClusterObjects.busy)], at: Self.now + 10)), at: Self.now + 10)
    #expect(known.jobs["new"]?.result == .running)
    known.take(observed(snapshot([], at: Self.now + 60)), at: Self.now + 60)
    #expect(known.jobs["new"]?.result == .unknown)
    #expect(known.jobs["new"]?.finished == Self.now + 60)
  }

  @Test func `a snapshot that is stale or of a cluster that does not answer ends no job`() throws {
    let told = KnowledgeEvent.listener(scaleSet: "web", [started("r", at: Self.now - 600)])
    #expect(try knowledge([observed(snapshot([]), staleSince: Self.now - 300), told]).jobs["r"]?.result == .running)
    let away = KnowledgeEvent.observed(
      ClusterObservation(cluster: .stopped, snapshot: snapshot([]), heardAt: Self.now - 900))
    #expect(try knowledge([away, told]).jobs["r"]?.result == .running)
  }

  @Test(arguments: [true, false])
  func `jobs of an earlier deskrun whose runners are gone have ended, whenever they are read`(first: Bool) throws {
    let history = KnowledgeEvent.history([
      JobRecord(runner: "old", scaleSet: "web", job: Job(), started: Self.now - 7200, result: .running)
    ])
    let seen = observed(snapshot([]))
    #expect(try knowledge(first ? [history, seen] : [seen, history]).jobs["old"]?.result == .unknown)
  }

  @Test func `the kept log is asked for how a job ended, and its answer is the result`() throws {
    var known = try knowledge([observed(snapshot([]))])
    let news = known.take(.listener(scaleSet: "web", [started("gone", at: Self.now - 600)]), at: Self.now)
    let target = LogRecorder.Target(runner: "gone", scaleSet: "web")
    #expect(news.questions.contains(.kept([target])))
    let learned = known.take(.mark(target, .ended(result: "Succeeded", at: Self.now - 300)), at: Self.now)
    #expect(known.jobs["gone"]?.result == .succeeded)
    #expect(known.jobs["gone"]?.took == 300)
    #expect(learned.jobs.map(\.runner) == ["gone"])
  }

  @Test func `a kept log tells what a failed job ran into`() throws {
    var known = try knowledge([observed(snapshot([]))])
    let failed = JobRecord(
      runner: "f", scaleSet: "web", job: Job(), started: Self.now - 100, finished: Self.now - 60, result: .failed)
    let news = known.take(.history([failed]), at: Self.now)
    let target = LogRecorder.Target(runner: "f", scaleSet: "web")
    #expect(news.questions == [.kept([target])])
    #expect(known.findings.isEmpty)
    known.take(.mark(target, .hint(.needsContainer)), at: Self.now)
    #expect(known.findings.map(\.rule) == [.needsContainer])
    // A job with an unknown result does not refute it; one that succeeded does.
    known.take(.listener(scaleSet: "web", [started("u", at: Self.now - 30)]), at: Self.now)
    #expect(known.findings.map(\.rule) == [.needsContainer])
    known.take(
      .history([
        JobRecord(
          runner: "s", scaleSet: "web", job: Job(), started: Self.now - 9, finished: Self.now, result: .succeeded)
      ]), at: Self.now)
    #expect(known.findings.isEmpty)
  }

  @Test func `a lost job is told until a newer runner has done well`() throws {
    var job = Job()
    (job.name, job.repository) = ("build", "acme/web")
    func record(_ runner: String, _ name: String, _ result: JobResult, _ ago: Int64) -> JobRecord {
      job.name = name
      return JobRecord(
        runner: runner, scaleSet: "web", job: job, started: Self.now - ago - 9, finished: Self.now - ago,
        result: result, note: result == .lost ? "out of memory" : nil)
    }
    let lost = record("a", "build", .lost, 300)
    let seen = observed(snapshot([]))
    let other = record("b", "docs", .succeeded, 100)
    let found = try knowledge([seen, .history([lost])]).findings
    #expect(found.map(\.rule) == [.outOfMemory])
    // The fix is a setting, not the runner that died.
    #expect(found.first?.action == .edit(.memory))
    #expect(try knowledge([seen, .history([lost, other])]).findings.isEmpty)
    // A failed job, or one that started earlier, does not show that the cause is fixed.
    let failed = record("c", "build", .failed, 100)
    #expect(try knowledge([seen, .history([lost, failed])]).findings.map(\.rule) == [.outOfMemory])
    var older = record("d", "docs", .succeeded, 100)
    older.started = Self.now - 400
    #expect(try knowledge([seen, .history([lost, older])]).findings.map(\.rule) == [.outOfMemory])
    // After half an hour it is no longer reported.
    #expect(try knowledge([seen, .history([record("a", "build", .lost, 1900)])]).findings.isEmpty)
  }

  @Test func `jobs of another cluster are neither shown nor ended`() throws {
    func running(_ runner: String, _ context: String?) -> JobRecord {
      var record = JobRecord(
        runner: runner, scaleSet: "web", job: Job(), started: Self.now - 600, result: .running)
      record.place = context.map { ClusterPlace(context: $0) }
      return record
    }
    let records = [running("here", "kind-deskrun"), running("there", "kind-other"), running("anywhere", nil)]
    var known = try knowledge([.history(records)])
    let news = known.take(observed(snapshot([])), at: Self.now)
    #expect(known.jobs["there"] == nil)
    #expect(known.jobs["here"]?.result == .unknown && known.jobs["anywhere"]?.result == .unknown)
    // New records contain their cluster.
    #expect(
      Dictionary(uniqueKeysWithValues: news.jobs.map { ($0.runner, $0.place?.context) })
        == ["here": "kind-deskrun", "anywhere": "kind-deskrun"])
  }

  // MARK: The order of events

  @Test(arguments: 1...8) func `the same events in another order give the same findings`(seed: UInt64) throws {
    var report = HostReport()
    report.checks = [DoctorCheck(id: "disk", title: "disk", verdict: .bad, finding: "3 GB free", fix: "Make room")]
    var gathered = Gathering()
    gathered.events = []
    let events: [KnowledgeEvent] = [
      observed(snapshot([("r", ClusterObjects.busy)])),
      .listener(
        scaleSet: "web", [.problem(ListenerProblem("failed: 401 Unauthorized", isLastWord: true), at: Self.now - 60)]),
      .history([
        JobRecord(
          runner: "f", scaleSet: "web", job: Job(), started: Self.now - 90, finished: Self.now - 60, result: .failed)
      ]), .mark(.init(runner: "f", scaleSet: "web"), .hint(.diskFull)), .host(report), .gathered(gathered),
    ]
    let expected = Set(try knowledge(events).findings.map(\.id))
    #expect(expected == ["disk/", "disk/web", "credentials/web"])
    var dice = SeededDice(seed: seed)
    let known = try knowledge(events.shuffled(using: &dice))
    #expect(Set(known.findings.map(\.id)) == expected)
    #expect(known.statuses.first?.problem?.severity == .bad)
  }

  // MARK: Unknown

  @Test func `a listener that has said nothing is not taken for one without waiting jobs`() throws {
    var known = try knowledge([observed(snapshot([])), .listener(scaleSet: "web", [])])
    #expect(known.findings.isEmpty)
    #expect(known.gaps() == [.unsettledListener(scaleSet: "web", installation: "web", created: nil)])
    // It polls for messages, but has not counted anything yet.
    known.take(.listener(scaleSet: "web", [.polled(at: Self.now - 60)]), at: Self.now)
    #expect(known.gaps() == [.silentListener(scaleSet: "web", since: nil)])
    let refused = EngineError(.unauthorized, "pods/log is forbidden")
    known.take(.unheard(scaleSet: "web", refused), at: Self.now)
    #expect(known.gaps() == [.listener(scaleSet: "web", refused)])
    known.take(
      .listener(scaleSet: "web", [.counted(assigned: 0, wanted: 0, maximum: 5, at: Self.now - 60)]), at: Self.now)
    #expect(known.gaps().isEmpty)
  }

  @Test func `events that cannot be read are unknown, not absent`() throws {
    var gathered = Gathering()
    gathered.eventsProblem = EngineError(.unauthorized, "events is forbidden")
    let known = try knowledge([
      observed(snapshot([])), .gathered(gathered),
      .listener(scaleSet: "web", [.counted(assigned: 0, wanted: 0, maximum: 5, at: Self.now - 60)]),
    ])
    #expect(known.gaps() == [.events(EngineError(.unauthorized, "events is forbidden"))])
  }

  @Test func `objects that cannot be read are unknown`() throws {
    let error = EngineError(.unauthorized, "ephemeralrunners is forbidden")
    let known = try knowledge([.unread(error), observed(nil)])
    #expect(known.gaps() == [.objects(error)])
    #expect(known.findings.isEmpty)
  }

  // MARK: Tools

  @Test func `all missing tools are named at once`() throws {
    var report = HostReport()
    report.missing = MissingTools(locator: ToolLocator(environment: ["PATH": "/nowhere"]), isKind: true)
    let missing = EngineError(.toolMissing, "kubectl is not installed")
    let known = try knowledge([
      .host(report), .observed(ClusterObservation(cluster: .toolMissing(missing))),
    ])
    let finding = try #require(known.findings.first)
    #expect(finding.id == "tools-missing/" && finding.severity == .bad)
    #expect(finding.title == "kubectl, helm, kind and docker are not installed")
    #expect(finding.remedy.contains("deskrun setup"))
    #expect(known.toolProblem?.kind == .toolMissing)
    #expect(known.toolProblem?.what == finding.title)
    // On an existing cluster kind and docker are not needed.
    #expect(MissingTools(locator: ToolLocator(environment: ["PATH": "/nowhere"]), isKind: false).problems.count == 2)
  }

  // MARK: Questions

  @Test func `a question is asked once, and again after a while`() throws {
    var known = ClusterKnowledge(place: ClusterPlace(context: "c"))
    let first = known.take(.configuration(.success(try configuration())), at: Self.now)
    #expect(first.questions == [.host(try configuration())])
    let seen = known.take(observed(snapshot([])), at: Self.now)
    #expect(
      seen.questions.contains(.listeners(["web": ListenerPod(name: "web-listener", uid: "")])), "\(seen.questions)")
    #expect(known.take(observed(snapshot([], at: Self.now + 1)), at: Self.now + 1).questions.isEmpty)
    #expect(known.take(.time, at: Self.now + 301).questions.contains(.host(try configuration())))
  }

  // MARK: News

  @Test func `a finding is told once when it lasts, and once when it is gone`() {
    let finding = Finding(.disk, nil, .bad, "full", remedy: "Make room")
    var news = FindingNews(patience: 3)
    #expect(news.take([finding], at: 100).isEmpty)
    #expect(news.take([], at: 101).isEmpty)
    #expect(news.take([finding], at: 110).isEmpty)
    #expect(news.take([finding], at: 113) == [.started(finding)])
    #expect(news.take([finding], at: 120).isEmpty)
    #expect(news.take([], at: 121).isEmpty)
    #expect(news.take([finding], at: 123).isEmpty)
    #expect(news.take([], at: 130).isEmpty)
    #expect(news.take([], at: 134) == [.gone(finding)])
  }
}
