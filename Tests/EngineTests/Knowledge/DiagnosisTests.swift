import ARCTestSupport
import Testing

@testable import ARC
@testable import Basics
@testable import Installations
@testable import Knowledge
@testable import Kubernetes
@testable import Tools

/// When rules report a finding and, above all, when they do not.
@Suite struct DiagnosisTests {
  static let now: Int64 = 1_795_521_605

  static func set(_ name: String = "web", _ change: (inout JSONObject) -> Void = { _ in }) -> ScaleSet {
    var object: JSONObject = [
      "metadata": [
        "name": .string(name), "creationTimestamp": .string(Timestamp.text(now - 3600)),
        "annotations": ["runner-scale-set-id": "1"], "labels": ["app.kubernetes.io/version": "0.14.2"],
      ],
      "spec": ["githubConfigUrl": "https://github.com/acme/web", "minRunners": 1, "maxRunners": 5],
      "status": ["phase": "Running"],
    ]
    change(&object)
    return ScaleSet(.object(object))
  }

  static func listener(_ name: String = "web") -> Pod {
    Pod([
      "metadata": [
        "name": "web-listener",
        "labels": [
          "actions.github.com/scale-set-name": .string(name),
          "app.kubernetes.io/component": "runner-scale-set-listener",
        ],
      ],
      "status": [
        "phase": "Running",
        "containerStatuses": [["name": "listener", "ready": true, "state": ["running": [:]]]],
      ],
    ])
  }

  static func circumstances(
    _ runners: [EphemeralRunner] = [], pods: [Pod] = [], set: ScaleSet = set()
  ) throws -> Circumstances {
    var known = Circumstances(now: now)
    known.configuration.set(
      try Installation(
        name: InstallationName("web"), target: GitHubTarget("https://github.com/acme/web"),
        authentication: .token(.literal(Secret("t")))))
    known.cluster = .ready(version: "v1.36.1")
    let snapshot = Snapshot(
      takenAt: now, controller: ControllerState(version: "0.14.2", isReady: true), scaleSets: [set], runners: runners,
      pods: pods + [listener()])
    known.snapshot = snapshot
    known.statuses = InstallationStatus.joined(known.configuration.installations, snapshot)
    known.memory.apply(snapshot.changes(since: nil), at: now)
    return known
  }

  func rules(_ known: Circumstances) -> [FindingRule] { Diagnosis.findings(known).map(\.rule) }

  @Test func `only what deskrun deployed is offered for removal`() throws {
    for mark in [String?.none, "web"] {
      var known = try Self.circumstances(
        set: Self.set { object in
          guard let mark, var metadata = object["metadata"]?.objectValue else { return }
          metadata["labels"] = ["app.kubernetes.io/version": "0.14.2", "deskrun/installation": .string(mark)]
          object["metadata"] = .object(metadata)
        })
      known.configuration = Configuration()
      known.statuses = InstallationStatus.joined([], try #require(known.snapshot))
      // Scale sets of other owners are not a problem.
      let finding = Diagnosis.findings(known).first { $0.rule == .notConfigured }
      #expect(finding?.action == (mark == nil ? nil : .remove))
      #expect(known.statuses.map(\.isForeign) == [mark == nil])
    }
  }

  let idle = ClusterObjects.idle
  let busy = ClusterObjects.busy

  @Test func `an installation that is not in the cluster is bad unless a plan is at work on it`() throws {
    var known = try Self.circumstances()
    known.configuration.set(
      try Installation(
        name: InstallationName("lost"), target: GitHubTarget("https://github.com/acme/web"),
        authentication: .token(.literal(Secret("t")))))
    known.statuses = InstallationStatus.joined(known.configuration.installations, known.snapshot)
    let finding = try #require(Diagnosis.findings(known).first { $0.rule == .notDeployed })
    #expect(finding.severity == .bad)
    #expect(finding.installation == "lost")
    known.inWork = ["lost"]
    #expect(!rules(known).contains(.notDeployed))
  }

  /// `deskrun upgrade` would refuse it, so it is not suggested.
  @Test func `a controller that deskrun cannot upgrade is its owner's to upgrade`() throws {
    func finding(_ version: String, release: String, namespace: String) throws -> Finding {
      var known = try Self.circumstances()
      var controller = ControllerState(version: version, isReady: true)
      (controller.release, controller.namespace) = (release, namespace)
      known.snapshot?.controller = controller
      return try #require(Diagnosis.findings(known).first { $0.rule == .versionSkew })
    }
    let foreign = try finding("0.13.0", release: "arc", namespace: "team")
    #expect(foreign.action == nil)
    #expect(foreign.remedy.contains("Helm release arc in namespace team"))
    #expect(!foreign.remedy.contains("deskrun upgrade"))
    #expect(try finding("0.15.0", release: "arc", namespace: "team").action == .upgrade)
    let own = (ARCCharts.controllerRelease, ClusterTarget.namespace)
    #expect(try finding("0.13.0", release: own.0, namespace: own.1).action == .upgrade)
    let later = try finding("0.99.0", release: own.0, namespace: own.1)
    #expect(later.action == nil)
    #expect(later.remedy.contains("`deskrun upgrade --to \(SupportedARC.newest)`"))
  }

  @Test func `a scale set under another name than its release belongs to the installation of the release`() throws {
    let set = Self.set("arc-x64") { object in
      var metadata = object["metadata"]?.objectValue ?? [:]
      metadata["namespace"] = .string(ClusterTarget.namespace)
      metadata["annotations"] = [
        "runner-scale-set-id": "1", "meta.helm.sh/release-name": "web",
        "meta.helm.sh/release-namespace": .string(ClusterTarget.namespace),
      ]
      object["metadata"] = .object(metadata)
      object["spec"] = ["githubConfigUrl": "https://github.com/acme/web", "minRunners": 0, "maxRunners": 9]
    }
    var known = try Self.circumstances(
      [ClusterObjects.runner("arc-x64-runner", ClusterObjects.busy, set: "arc-x64")],
      pods: [Self.listener("arc-x64")], set: set)
    #expect(known.statuses.map(\.name) == ["web"])
    #expect(known.statuses.first?.isDeployed == true)
    #expect(known.statuses.first?.counts.busy == 1)
    #expect(known.statuses.first?.runners.map(\.name) == ["arc-x64-runner"])
    known.desired["web"] = DesiredState(image: ARCCharts.defaultRunnerImage)
    #expect(!rules(known).contains(.notConfigured) && !rules(known).contains(.notDeployed))
    let drift = Diagnosis.findings(known).first { $0.rule == .drift }
    #expect(drift?.evidence.contains { $0.contains("9 in the cluster") } == true)
    // A scale set with another deskrun's label belongs to that one, and so does one of a release in another namespace.
    let marked = Self.set("arc-x64") { object in
      object["metadata"] = [
        "name": "arc-x64", "labels": ["deskrun/installation": "old"],
        "annotations": ["meta.helm.sh/release-name": "web"],
      ]
    }
    #expect(try Self.circumstances(set: marked).statuses.map(\.name) == ["web", "arc-x64"])
    let foreign = Self.set("arc-x64") { object in
      object["metadata"] = [
        "name": "arc-x64", "namespace": .string(ClusterTarget.namespace),
        "annotations": ["meta.helm.sh/release-name": "web", "meta.helm.sh/release-namespace": "team"],
      ]
    }
    #expect(try Self.circumstances(set: foreign).statuses.map(\.name) == ["web", "arc-x64"])
  }

  @Test func `all is well`() throws {
    let known = try Self.circumstances([ClusterObjects.runner("a", idle), ClusterObjects.runner("b", busy)])
    #expect(Diagnosis.findings(known) == [])
  }

  @Test func `several nodes that are lost are one finding that names them`() throws {
    func pod(_ name: String, on node: String) -> Pod {
      Pod([
        "metadata": [
          "name": .string(name),
          "labels": ["actions-ephemeral-runner": "True", "actions.github.com/scale-set-name": "web"],
        ],
        "spec": ["nodeName": .string(node)],
        "status": [
          "phase": "Running", "conditions": [["type": "Ready", "status": "False"]],
          "containerStatuses": [["name": "runner", "ready": true, "state": ["running": [:]]]],
        ],
      ])
    }
    func found(_ nodes: [String]) throws -> [Finding] {
      let pods = nodes.enumerated().map { pod("r\($0.offset)", on: $0.element) }
      let known = try Self.circumstances(
        [ClusterObjects.runner("r0", busy), ClusterObjects.runner("r1", idle)], pods: pods)
      return Diagnosis.findings(known).filter { $0.rule == .nodeLost }
    }
    let one = try #require(try found(["node-a", "node-a"]).first)
    #expect(one.title == "The node node-a does not respond; on it: 2 runners")
    let both = try found(["node-b", "node-a"])
    #expect(both.count == 1)
    #expect(both.first?.title == "2 nodes do not respond: node-a, node-b")
    #expect(both.first?.evidence.contains { $0.contains("node-a, with a runner") } == true)
    #expect(both.first?.evidence.contains { $0.contains("r0 has the job") } == true)
  }

  @Test func `a plan at work is not judged`() throws {
    var known = try Self.circumstances(set: Self.set("web") { $0["status"] = ["phase": "Outdated"] })
    #expect(rules(known) == [.outdated])
    known.inWork = ["web"]
    #expect(rules(known) == [])
  }

  @Test func `jobs that wait a moment, or for runners on their way, are no matter`() throws {
    func known(_ busy: Int, _ starting: Int, idle: Int = 0, assigned: Int, since: Int64) throws -> Circumstances {
      var runners = (0..<busy).map { ClusterObjects.runner("b\($0)", self.busy) }
      runners += (0..<starting).map { ClusterObjects.runner("s\($0)", ["phase": "Pending"]) }
      runners += (0..<idle).map { ClusterObjects.runner("i\($0)", self.idle) }
      var known = try Self.circumstances(runners)
      var queue = JobQueue()
      queue.apply(.counted(assigned: assigned, wanted: 5, maximum: 5, at: Self.now - since), busy: busy, now: Self.now)
      known.queues["web"] = queue
      return known
    }
    #expect(rules(try known(5, 0, assigned: 7, since: 20)) == [])
    #expect(rules(try known(5, 0, assigned: 7, since: 200)) == [.atLimit])
    #expect(rules(try known(2, 3, assigned: 5, since: 200)) == [])
    #expect(rules(try known(0, 0, assigned: 2, since: 200)) == [.queueStuck])
    #expect(rules(try known(5, 0, assigned: 5, since: 200)) == [])
    // After a restart of the node, GitHub holds the jobs of the dead runners while others are idle.
    #expect(rules(try known(1, 0, idle: 2, assigned: 3, since: 600)) == [])
    #expect(rules(try known(1, 0, idle: 2, assigned: 3, since: 1000)) == [.queueStuck])
    #expect(rules(try known(1, 0, idle: 1, assigned: 3, since: 600)) == [.queueStuck])
    let finding = try #require(Diagnosis.findings(try known(5, 0, assigned: 7, since: 192)).first)
    #expect(finding.evidence == ["at least 2 waiting, oldest 3m12s, at the limit of 5"])
    #expect(finding.action == .raiseLimit(to: 7))
  }

  @Test func `at a limit below the configured one, the configuration is deployed instead of lowered`() throws {
    func finding(configured: Int, instances: Int = 1) throws -> Finding {
      var known = try Self.circumstances((0..<5).map { ClusterObjects.runner("b\($0)", busy) })
      known.configuration.set(
        try Installation(
          name: InstallationName("web"), target: GitHubTarget("https://github.com/acme/web"),
          runners: instances > 1 ? .one : RunnerCounts(minimum: 1, maximum: configured), instances: instances,
          authentication: .token(.literal(Secret("t")))))
      known.statuses = known.statuses.map { status in
        var status = status
        status.installation = known.configuration.installations.first
        return status
      }
      var queue = JobQueue()
      queue.apply(.counted(assigned: 7, wanted: 5, maximum: 5, at: Self.now - 192), busy: 5, now: Self.now)
      known.queues["web"] = queue
      return try #require(Diagnosis.findings(known).first { $0.rule == .atLimit })
    }
    #expect(try finding(configured: 10).action == .bringUp)
    #expect(try finding(configured: 10).remedy.contains("allows 10, and the cluster 5"))
    #expect(try finding(configured: 5).action == .raiseLimit(to: 7))
    #expect(try finding(configured: 3).action == .raiseLimit(to: 7))
    let several = try finding(configured: 1, instances: 3)
    #expect(several.action == nil && several.remedy.contains("--instances 4"))
  }

  @Test func `a runner that has just finished is not stuck, however old it is`() throws {
    let runner = EphemeralRunner([
      "metadata": [
        "name": "r", "labels": ["actions.github.com/scale-set-name": "web"],
        "creationTimestamp": .string(Timestamp.text(Self.now - 5000)),
      ],
      "status": ["phase": "Succeeded"],
    ])
    #expect(rules(try Self.circumstances([runner])) == [])
  }

  @Test func `a new scale set is given time to register`() throws {
    func young(_ seconds: Int64) -> ScaleSet {
      Self.set {
        $0["metadata"] = [
          "name": "web", "creationTimestamp": .string(Timestamp.text(Self.now - seconds)),
          "labels": ["app.kubernetes.io/version": "0.14.2"],
        ]
      }
    }
    #expect(rules(try Self.circumstances(set: young(20))) == [])
    #expect(rules(try Self.circumstances(set: young(90))) == [.notRegistered])
    var known = try Self.circumstances(set: young(20))
    known.registration["web"] = RegistrationProblem(
      error: EngineError(.unauthorized, "GitHub does not register the scale set web", why: "401"),
      cause: .answer(.unauthorized))
    #expect(rules(known) == [.credentials])
  }

  @Test func `what was mended is not told again`() throws {
    var known = try Self.circumstances([ClusterObjects.runner("a", idle)])
    let failed = JobRecord(runner: "f", scaleSet: "web", job: Job(), finished: Self.now - 100, result: .failed)
    known.jobs = [failed]
    #expect(rules(known) == [])
    known.memory.note(.needsContainer, runner: "f", scaleSet: "web")
    #expect(rules(known) == [.needsContainer])
    known.jobs.append(
      JobRecord(runner: "g", scaleSet: "web", job: Job(), finished: Self.now - 50, result: .succeeded))
    #expect(rules(known) == [])
  }

  @Test func `the row of an installation bears the worst of it`() throws {
    var known = try Self.circumstances(set: Self.set { $0["status"] = ["phase": "Outdated"] })
    Diagnosis.mark(&known.statuses, with: Diagnosis.findings(known))
    #expect(known.statuses.first?.problem?.severity == .bad)
    #expect(known.statuses.first?.problem?.sentence == "GitHub refuses the version of its runner image")
    Diagnosis.mark(&known.statuses, with: [])
    #expect(known.statuses.first?.problem == nil)
  }

  @Test func `each rule has a name of its own that scripts can hold on to`() {
    #expect(Set(FindingRule.allCases.map(\.rawValue)).count == FindingRule.allCases.count)
    #expect(FindingRule.allCases.allSatisfy { $0.rawValue.allSatisfy { $0.isLowercase || $0 == "-" } })
  }

  @Test(arguments: [
    ("/home/you/.cache", "tmpfs /tmp tmpfs rw\n/dev/sda / ext4 rw", false),
    ("/tmp/cache", "tmpfs /tmp tmpfs rw\n/dev/sda / ext4 rw", true),
    ("/tmpx", "tmpfs /tmp tmpfs rw\n/dev/sda / ext4 rw", false),
    ("/a b/c", "tmpfs /a\\040b tmpfs rw\n/dev/sda / ext4 rw", true),
  ]) func `file systems in memory are known`(path: String, mounts: String, isInMemory: Bool) {
    #expect(HostChecks.isInMemory(path, mounts: mounts) == isInMemory)
  }

  @Test(arguments: LogHint.allCases) func `hints are found in the lines that say them`(hint: LogHint) {
    let line = ArraySlice(Array("2026-11-24T12:00:05Z Error: \(hint.rawValue), and so on".utf8))
    #expect(LogHint.find(in: line) == hint)
    #expect(LogHint.find(in: ArraySlice(Array("compiling module 12 of the program".utf8))) == nil)
  }
}
