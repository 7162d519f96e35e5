import Engine
import Synchronization
import TestSupport
import Testing

@testable import ARC
@testable import Basics
@testable import DashboardCore
@testable import DashboardPanes
@testable import Demo
@testable import Installations
@testable import Knowledge
@testable import Kubernetes
@testable import TerminalKit
@testable import Tools

/// A command that looks once, the dashboard and the recorder report the same findings for every simulated problem.
@Suite struct AgreementTests {
  /// A demo in its own folder, used without processes.
  private final class Demo: Sendable {
    let folder: TemporaryFolder
    let toolbox: Toolbox
    let store: ConfigurationStore

    init(_ trouble: FindingRule?, arc: String? = nil) throws {
      folder = try TemporaryFolder(isCreated: false)
      let environment = try Self.prepare(folder.path, trouble?.rawValue ?? "none")
      if let arc {
        try DemoStore(folder: folder.path + "/state").update { state in
          for name in state.releases.keys { state.releases[name]?.version = arc }
          state.definitions = arc
        }
      }
      store = ConfigurationStore(paths: try Paths(environment: environment))
      // With this problem, one installation is bound to another context.
      let own = ClusterTarget.kind(cluster: Configuration.standardClusterName)
      let target = trouble == .contextMissing ? try store.load().target(named: DemoTrouble.victim) ?? own : own
      toolbox = Toolbox(
        runner: DemoTools(
          DemoStore(folder: folder.path + "/state"),
          // These appear only as time passes.
          isFrozen: trouble.map { $0 != .noCommand && !DemoTrouble.cycles.contains($0) } ?? true),
        environment: environment, target: target)
    }

    @discardableResult
    private static func prepare(_ root: String, _ trouble: String) throws -> [String: String] {
      // Without the initial problem of the demo, so that each is tested alone.
      _ = try DemoCluster.prepare(
        root: root, executable: "/bin/true", options: DemoOptions(speed: 3, seed: 5, trouble: "none"))
      return try DemoCluster.prepare(root: root, executable: "/bin/true", options: DemoOptions(trouble: trouble))
    }

    /// The same computer and cluster after the problem was fixed.
    func fixed() throws -> Toolbox {
      var toolbox = toolbox
      toolbox.environment = try Self.prepare(folder.path, "none")
      toolbox.runner = DemoTools(DemoStore(folder: folder.path + "/state"), isFrozen: false)
      toolbox.target = .kind(cluster: Configuration.standardClusterName)
      return toolbox
    }
  }

  @Test(arguments: ["0.14.2", "0.15.0"])
  func `a runner that died under its job is one finding, whatever its version of ARC leaves`(arc: String) async throws {
    let demo = try Demo(.outOfMemory, arc: arc)
    let known = try await look(demo.toolbox, demo.store)
    let found = ids(known.findings)
    #expect(found == ["out-of-memory/web-ci"])
    // GitHub still holds the job, and so does the object, which up to 0.14 is being deleted meanwhile.
    let states = Set(known.judgedSnapshot?.runners.filter { $0.scaleSet == "web-ci" }.map(\.state.word) ?? [])
    #expect(states == [arc == "0.14.2" ? "finishing" : "failing"])
    #expect(known.judgedSnapshot?.runners.contains { $0.scaleSet == "web-ci" && $0.assignedJob != nil } == true)
    try await dashboard(demo, found)
    try await recorded(demo, found)
  }

  private func ids(_ findings: [Finding]) -> Set<String> { Set(findings.map(\.id)) }

  private func look(_ toolbox: Toolbox, _ store: ConfigurationStore, for rule: FindingRule? = nil) async throws
    -> ClusterKnowledge
  {
    var look = ClusterLook(toolbox: toolbox, paths: store.paths)
    // Independent of how slow the test machine is.
    look.limit = .seconds(60)
    // Like `why --wait`: what one look had no time for is found by another.
    for _ in 0..<20 {
      try await look.look(try store.load())
      let isFound = rule.map { rule in look.knowledge.findings.contains { $0.rule == rule } } ?? true
      if isFound, look.knowledge.gaps().isEmpty { break }
    }
    return look.knowledge
  }

  @Test(arguments: FindingRule.allCases)
  func `every trouble is found alike by all who look, and by nobody once it is over`(rule: FindingRule) async throws {
    let demo = try Demo(rule)
    let known = try await look(demo.toolbox, demo.store, for: rule)
    let found = ids(known.findings)
    #expect(known.findings.contains { $0.rule == rule }, "\(rule.rawValue) is not among \(found)")
    #expect(known.gaps().isEmpty, "\(known.gaps())")
    // It watches for a while, which makes the test slower, so only the cases that differ are recorded.
    if [.controllerMissing, .dockerMissing, .hookFails, .nodeMounts].contains(rule) { try await recorded(demo, found) }
    try await dashboard(demo, found)

    let toolbox = try demo.fixed()
    var after = try await look(toolbox, demo.store)
    // On a slow machine the next listener may not have been created yet.
    for _ in 0..<20 where !after.findings.isEmpty { after = try await look(toolbox, demo.store) }
    #expect(after.findings.isEmpty, "\(after.findings)")
  }

  /// `deskrun record` reports the same findings.
  private func recorded(_ demo: Demo, _ wanted: Set<String>) async throws {
    let told = Lock<Set<String>>([])
    let recorder = JobRecorder(
      toolbox: demo.toolbox, store: demo.store, patience: 0, interval: .milliseconds(300))
    let recording = Task {
      try await recorder.run { event in
        guard case .finding(let change) = event else { return }
        told.withLock { told in
          switch change {
          case .started(let finding): told.insert(finding.id)
          case .gone(let finding): told.remove(finding.id)
          }
        }
      }
    }
    _ = try await eventually { told.withLock { $0 } == wanted }
    #expect(told.withLock { $0 } == wanted)
    recording.cancel()
    try await recording.value
  }

  /// The dashboard shows the same findings: messages go in, and questions are answered like in its runtime.
  private func dashboard(_ demo: Demo, _ wanted: Set<String>) async throws {
    var settings = Settings()
    settings.context = demo.toolbox.target.context
    var model = Model(
      settings: settings, size: Size(columns: 120, rows: 40), now: SystemTime.secondsSince1970(), panes: Panes.all)
    var waiting: [Message] = [
      .configuration(.success(try demo.store.load().on(demo.toolbox.target))),
      .history(JobHistory(path: demo.store.paths.history).recent()),
    ]
    var followed: KnowledgeQuestion?
    for _ in 0..<900 {
      waiting.append(.observed(try await observation(demo)))
      // Logs of listeners are followed: the last lines arrive after the pod's change.
      if let followed { waiting += await answers(to: followed, demo) }
      while !waiting.isEmpty {
        let effects = update(&model, waiting.removeFirst(), at: SystemTime.secondsSince1970())
        for case .find(let question) in effects {
          if case .listeners = question { followed = question }
          waiting += await answers(to: question, demo)
        }
      }
      if ids(model.findings.map(\.value)) == wanted { break }
      try await Task.sleep(for: .milliseconds(200))
    }
    #expect(ids(model.findings.map(\.value)) == wanted)
  }

  private func observation(_ demo: Demo) async throws -> ClusterObservation {
    let state = try await ClusterInspector(toolbox: demo.toolbox).state()
    let now = SystemTime.secondsSince1970()
    guard state.isReady else { return ClusterObservation(cluster: state) }
    let snapshot = try await SnapshotReader(api: try demo.toolbox.kubectl()).read(now: now)
    let uid = try await demo.toolbox.kubectl().clusterUID()
    return ClusterObservation(cluster: state, snapshot: snapshot, heardAt: now, uid: uid)
  }

  private func answers(to question: KnowledgeQuestion, _ demo: Demo) async -> [Message] {
    guard let api = try? demo.toolbox.kubectl() else { return [] }
    func lines(_ pod: String, _ container: String) async -> [ArraySlice<UInt8>] {
      let request = LogRequest(pod: pod, namespace: ClusterTarget.namespace, container: container)
      return (try? await api.get(request.path, timeout: .seconds(5)))?.split(separator: 0x0A) ?? []
    }
    var messages: [Message] = []
    switch question {
    case .listeners(let pods):
      for (set, pod) in pods {
        messages.append(.listener(scaleSet: set, await lines(pod.name, "listener").compactMap(ListenerLog.fact)))
      }
    case .logs(let busy, let suspects):
      for target in suspects + busy {
        for line in await lines(target.runner, "runner") {
          if let mark = LogRecorder.mark(line) { messages.append(.jobMark(target, mark)) }
          if let hint = LogHint.find(in: line) { messages.append(.jobMark(target, .hint(hint))) }
        }
      }
    case .kept(let targets):
      messages += LogArchive(folder: demo.store.paths.logs).marks(of: targets).map { .jobMark($0, $1) }
    case .gathering(let request):
      messages.append(.found(.gathered(await Gathering.read(api, request))))
    case .desired(let request):
      messages.append(.found(.desired(DesiredReport(request, paths: demo.store.paths))))
    case .identity, .keptContexts: break
    case .host(let configuration):
      let report = await HostReport(toolbox: demo.toolbox, paths: demo.store.paths, configuration: configuration)
      messages.append(.found(.host(report)))
    }
    return messages
  }
}
