import TestSupport
import Testing

@testable import ARC
@testable import Basics
@testable import Installations
@testable import Knowledge
@testable import Kubernetes
@testable import Tools

/// Recordings of a real ARC 0.14.2 on a real cluster, with problems created on purpose.
private struct Recording {
  let name: String
  let objects: JSONValue
  let takenAt: Int64

  init(_ name: String) throws {
    self.name = name
    objects = try JSONValue(parsing: fixture("real/\(name)/objects.json"))
    takenAt = try #require(objects["takenAt"]?.stringValue.flatMap { Timestamp.parse($0) })
  }

  var sets: [ScaleSet] { (objects["autoscalingrunnersets"]?.arrayValue ?? []).map(ScaleSet.init) }
  private var runners: [EphemeralRunner] { (objects["ephemeralrunners"]?.arrayValue ?? []).map(EphemeralRunner.init) }

  private func text(_ file: String) -> String? {
    (try? fixture("real/\(name)/\(file)")).map { String(decoding: $0, as: UTF8.self) }
  }

  /// The pods, or if none were recorded, pods matching the objects and the listeners' logs.
  private var pods: [Pod] {
    if let pods = objects["pods"]?.arrayValue { return pods.map(Pod.init) }
    let ofRunners = runners.filter { $0.metadata.deleted == nil && $0.isReady }.map {
      pod($0.metadata.name, "runner", $0.metadata.scaleSet ?? "", ["actions-ephemeral-runner": "True"])
    }
    let ofListeners = sets.map(\.metadata.name).filter { text("\($0).listener.log") != nil }.map {
      pod("\($0)-listener", "listener", $0, ["app.kubernetes.io/component": "runner-scale-set-listener"])
    }
    return ofRunners + ofListeners
  }

  private func pod(_ name: String, _ container: String, _ set: String, _ labels: JSONObject) -> Pod {
    var labels = labels
    labels["actions.github.com/scale-set-name"] = .string(set)
    let started = Timestamp.text(takenAt - 60)
    return Pod([
      "metadata": [
        "name": .string(name), "uid": .string("uid-\(name)"), "creationTimestamp": .string(started),
        "labels": .object(labels),
      ],
      "status": [
        "phase": "Running",
        "containerStatuses": [
          ["name": .string(container), "ready": true, "state": ["running": ["startedAt": .string(started)]]]
        ],
      ],
    ])
  }

  private var controller: ControllerState {
    let recorded = (objects["deployments"]?.arrayValue ?? []).map(ControllerState.init)
    return recorded.first { $0.version == "0.14.2" } ?? ControllerState(version: "0.14.2", isReady: true)
  }

  private func configuration() throws -> Configuration {
    var configuration = Configuration()
    for set in sets {
      configuration.set(
        try Installation(
          name: InstallationName(set.metadata.name), target: GitHubTarget("https://github.com/acme/web"),
          runners: RunnerCounts(minimum: set.minimum, maximum: set.maximum ?? 5),
          authentication: .token(.literal(Secret("t")))))
    }
    return configuration
  }

  /// The knowledge from all of it, as from a watch and the answers to its questions.
  func knowledge(pods replaced: [Pod]? = nil) throws -> ClusterKnowledge {
    var known = ClusterKnowledge(place: ClusterPlace(context: "real"))
    known.take(.configuration(.success(try configuration())), at: takenAt)
    let snapshot = Snapshot(
      takenAt: takenAt, controller: controller, scaleSets: sets, runners: runners, pods: replaced ?? pods)
    known.take(
      .observed(ClusterObservation(cluster: .ready(version: "v1.36.2"), snapshot: snapshot, heardAt: takenAt)),
      at: takenAt)
    for set in sets {
      guard let log = text("\(set.metadata.name).listener.log") else { continue }
      let facts = Array(log.utf8).split(separator: 0x0A).compactMap(ListenerLog.fact)
      known.take(.listener(scaleSet: set.metadata.name, facts), at: takenAt)
    }
    if let log = text("controller.log") {
      let request = GatheringRequest(
        unregistered: known.statuses.reduce(into: [:]) { all, status in
          for name in status.scaleSetNames { all[name] = status.installation?.target }
        }, unexplained: sets.map(\.metadata.name))
      known.take(.gathered(Gathering(log: log, request: request)), at: takenAt)
    }
    return known
  }
}

@Suite struct RealRecordingTests {
  private static let findings: [(recording: String, found: Set<String>)] = [
    ("01-idle", []), ("02-busy", []), ("03-after-two-jobs", []), ("04-queue-above-max-strict", []),
    ("05-github-unreachable", ["github-unreachable/web-ci"]), ("06-drop-id401", ["github-unreachable/web-ci"]),
    ("08-listener-401", ["credentials/web-ci"]), ("09-edit-bad-token", ["credentials/web-ci"]),
    ("10-add-bad-token", ["credentials/bad-ci"]), ("11-add-429", ["github-refuses/lim-ci"]),
    ("12-listener-of-deleted-set", ["listener-stale/lim-ci"]),
    ("13-runner-killed-with-job", ["container-fails/web-ci"]),
    ("15-runner-exits-1-without-job", ["cycling/mem-ci", "out-of-memory/mem-ci", "container-fails/web-ci"]),
    ("16-outdated", ["outdated/mem-ci", "outdated/web-ci"]), ("17-after-outdated-edit", ["outdated/mem-ci"]),
    ("18-remove-with-busy", []), ("19-ars-deleted-by-hand", []),
    ("20-controller-scaled-to-0", ["controller-not-ready/"]), ("21-lost-runner-300s", []),
    ("24-node-gone-4min", ["node-lost/"]), ("26-image-missing", ["image-pull/web-ci"]), ("27-edit-while-busy", []),
    ("29-jit-refused", ["jit-refused/web-ci"]), ("30-lingering-and-hints", []),
  ]

  @Test(arguments: findings.indices) func `each recording gives its findings and no others`(index: Int) throws {
    let (name, expected) = Self.findings[index]
    let known = try Recording(name).knowledge()
    #expect(Set(known.findings.map(\.id)) == expected, "\(name): \(known.findings)")
    // Each is reported once.
    #expect(known.findings.count == expected.count, "\(name)")
  }

  private static let states: [(recording: String, states: [String: String])] = [
    ("01-idle", ["web-ci-kwhpf-runner-lfhrh": "idle"]),
    (
      "02-busy",
      [
        "web-ci-kwhpf-runner-244b5": "busy", "web-ci-kwhpf-runner-6d4kx": "idle", "web-ci-kwhpf-runner-lfhrh": "busy",
      ]
    ),
    ("03-after-two-jobs", ["web-ci-kwhpf-runner-6d4kx": "idle"]),
    (
      "04-queue-above-max-strict",
      [
        "web-ci-kwhpf-runner-6d4kx": "busy", "web-ci-kwhpf-runner-962h2": "busy", "web-ci-kwhpf-runner-vpvqh": "busy",
      ]
    ),
    (
      "13-runner-killed-with-job",
      [
        "web-ci-kwhpf-runner-7xskv": "finishing", "web-ci-kwhpf-runner-j8vz7": "idle",
        "web-ci-kwhpf-runner-txsrl": "idle",
      ]
    ),
    (
      "15-runner-exits-1-without-job",
      [
        "mem-ci-bncfx-runner-7jtkm": "idle", "mem-ci-bncfx-runner-bc244": "failing",
        "mem-ci-bncfx-runner-z6ntw": "finishing", "web-ci-kwhpf-runner-j8vz7": "idle",
        "web-ci-kwhpf-runner-k8x8k": "idle", "web-ci-kwhpf-runner-txsrl": "finishing",
      ]
    ),
    ("24-node-gone-4min", ["web-ci-gtkm8-runner-cc9n4": "idle", "web-ci-gtkm8-runner-fr44s": "busy"]),
    ("26-image-missing", ["web-ci-tsdbw-runner-g7xqr": "failing"]),
    (
      "27-edit-while-busy",
      [
        "web-ci-47qgx-runner-4b8v4": "idle", "web-ci-47qgx-runner-bzvzk": "idle", "web-ci-fsmjh-runner-4m5j8": "busy",
      ]
    ), ("29-jit-refused", ["web-ci-vkg6r-runner-7bjd4": "starting", "web-ci-vkg6r-runner-9gm5t": "starting"]),
  ]

  @Test(arguments: states.indices) func `each recording gives the states of its runners`(index: Int) throws {
    let (name, expected) = Self.states[index]
    let snapshot = try #require(try Recording(name).knowledge().snapshot)
    #expect(
      Dictionary(uniqueKeysWithValues: snapshot.runners.map { ($0.name, $0.state.word) }) == expected, "\(name)")
  }

  @Test func `a removal under way is not a trouble`() throws {
    let known = try Recording("18-remove-with-busy").knowledge()
    #expect(known.statuses.first { $0.name == "org-ci" }?.isTerminating == true)
  }

  @Test func `a refused registration names the limit, with GitHub's words`() throws {
    let found = try #require(try Recording("11-add-429").knowledge().findings.first)
    #expect(found.evidence.contains { $0.contains("giving up after 5 attempt(s)") })
    #expect(found.remedy.contains("429"))
  }
}

/// Watches of a real cluster, replayed event by event.
@Suite struct RealStreamTests {
  private struct Event {
    let type: String
    let object: JSONValue
    let at: Int64
    var kind: String { object["kind"]?.stringValue ?? "" }
  }

  private func events(_ name: String) throws -> [Event] {
    try fixture("real/streams/\(name).jsonl").split(separator: 0x0A).map { line in
      let event = try JSONValue(parsing: Array(line))
      return Event(
        type: event["type"]?.stringValue ?? "", object: try #require(event["object"]),
        at: try #require(event["at"]?.stringValue.flatMap { Timestamp.parse($0) }))
    }
  }

  /// The findings after each event of a stream, with a healthy scale set and listener.
  private func replay(
    _ name: String, set: String = "web-ci", hasListener: Bool = true,
    after event: (Event, Int64) -> [KnowledgeEvent] = { _, _ in [] }
  ) throws -> [(at: Int64, ids: Set<String>, titles: [String])] {
    let events = try events(name)
    let start = try #require(events.first).at
    var known = ClusterKnowledge(place: ClusterPlace(context: "real"))
    var configuration = Configuration()
    configuration.set(
      try Installation(
        name: InstallationName(set), target: GitHubTarget("https://github.com/acme/web"),
        authentication: .token(.literal(Secret("t")))))
    known.take(.configuration(.success(configuration)), at: start)
    var store = ClusterStore()
    store.apply(
      [
        .put(DiagnosisTests.set(set)), .listEnds,
      ] as [WatchEvent<ScaleSet>])
    store.apply(
      [.put(ControllerState(version: "0.14.2", isReady: true, name: "c")), .listEnds] as [WatchEvent<ControllerState>])
    store.apply(
      (hasListener ? [.put(DiagnosisTests.listener(set))] : []) + [.listEnds] as [WatchEvent<Pod>])
    store.apply([.listEnds] as [WatchEvent<EphemeralRunner>])
    var found: [(at: Int64, ids: Set<String>, titles: [String])] = []
    var now = start
    for change in events {
      now = max(now, change.at)
      let isGone = change.type == "DELETED"
      switch change.kind {
      case "Pod": store.apply([isGone ? .gone(Pod(change.object)) : .put(Pod(change.object))])
      case "EphemeralRunner":
        let runner = EphemeralRunner(change.object)
        store.apply([isGone ? .gone(runner) : .put(runner)])
      default: continue
      }
      known.take(
        .observed(
          ClusterObservation(
            cluster: .ready(version: "v1.36.2"), snapshot: store.snapshot(at: now), heardAt: now)), at: now)
      if hasListener {
        known.take(.listener(scaleSet: set, [.polled(at: start - 60)]), at: now)
      }
      for answer in event(change, now) { known.take(answer, at: now) }
      found.append((now, Set(known.findings.map(\.id)), known.findings.map(\.title)))
    }
    return found
  }

  @Test func `a listener that ends every three seconds has one cause throughout`() throws {
    let words = Array(try fixture("real/08-listener-401/web-ci.listener.log")).split(separator: 0x0A)
      .compactMap(ListenerLog.fact)
    let found = try replay("listener-fails-every-3s", hasListener: false) { event, now in
      // The log can be read while the container has exited and its pod still exists.
      let state = Pod(event.object).containers.first?.activity
      guard event.type != "DELETED", case .terminated(_, _, _, let finished)? = state else { return [] }
      return [
        .listener(
          scaleSet: "web-ci",
          words.map { fact in
            guard case .problem(let said, _) = fact else { return fact }
            return .problem(said, at: finished ?? now)
          }.filter { if case .problem = $0 { true } else { false } })
      ]
    }
    #expect(found.count > 25)
    for look in found { #expect(look.ids == ["credentials/web-ci"], "\(look)") }
  }

  @Test func `a listener whose words nobody read is never fine once it has ended`() throws {
    let found = try replay("listener-fails-every-3s", hasListener: false)
    for look in found { #expect(look.ids == ["listener-failing/web-ci"], "\(look)") }
  }

  @Test func `a lost node is one finding for as long as it is lost`() throws {
    let found = try replay("node-gone")
    let lost = found.map { $0.ids.contains("node-lost/") }
    let first = try #require(lost.firstIndex(of: true))
    let last = try #require(lost.lastIndex(of: true))
    #expect(lost[first...last].allSatisfy { $0 })
    #expect(found[..<first].allSatisfy { $0.ids.isEmpty }, "\(found[..<first])")
    for look in found[first...last] { #expect(look.ids == ["node-lost/"], "\(look)") }
    #expect(found[first].titles.first?.contains("does not respond") == true)
  }

  @Test func `a runner that dies under a job is one finding for one death`() throws {
    let found = try replay("killed-with-job")
    for look in found { #expect(look.ids.isSubset(of: ["container-fails/web-ci"]), "\(look)") }
    #expect(found.last?.ids == ["container-fails/web-ci"])
  }

  @Test func `the life of a job is no finding`() throws {
    for look in try replay("job-lifecycle") { #expect(look.ids.isEmpty, "\(look)") }
  }
}
