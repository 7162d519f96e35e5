import Synchronization
import TestSupport
import Testing

@testable import ARC
@testable import Basics
@testable import Kubernetes
@testable import Tools

/// A cluster whose controller, and with it the listeners, is in another namespace than the scale sets.
private final class SplitCluster: KubernetesAPI {
  /// The namespaces whose pods may be read.
  let allowed: Lock<Set<String>>
  let asked = Lock<[String]>([])

  init(allowed: Set<String>) { self.allowed = Lock(allowed) }

  private static let forbidden = EngineError(
    .unauthorized, "The cluster does not allow this", why: "pods is forbidden: User \"ci\" cannot list resource")

  private func namespace(of path: String) -> String {
    let parts = path.split(separator: "/")
    let at = parts.firstIndex(of: "namespaces").map { $0 + 1 }
    return at.map { String(parts[$0]) } ?? ""
  }

  static func listener(_ name: String, in namespace: String) -> JSONValue {
    [
      "metadata": [
        "name": .string(name), "namespace": .string(namespace), "uid": .string(namespace),
        "labels": [
          "app.kubernetes.io/component": "runner-scale-set-listener", "actions.github.com/scale-set-name": "web",
        ],
      ],
      "status": [
        "phase": "Running", "containerStatuses": [["name": "listener", "state": ["running": [:]]]],
      ],
    ]
  }

  func get(_ path: String, timeout: Duration) async throws -> [UInt8] {
    if path.contains("/deployments") {
      return Array(
        #"{"items":[{"metadata":{"name":"arc","namespace":"tools"},"status":{"readyReplicas":1}}]}"#.utf8)
    }
    guard path.contains("/pods") else { return Array(#"{"items":[]}"#.utf8) }
    let namespace = namespace(of: path)
    asked.withLock { $0.append(namespace) }
    guard allowed.withLock({ $0.contains(namespace) }) else { throw Self.forbidden }
    let items: [JSONValue] = namespace == "arc-systems" ? [] : [Self.listener("web-listener", in: namespace)]
    return Array(JSONValue.object(["items": .array(items)]).encoded().utf8)
  }

  func stream(_ path: String, onLines: @Sendable ([ArraySlice<UInt8>]) async throws -> Void) async throws {
    let namespace = namespace(of: path)
    asked.withLock { $0.append(namespace) }
    guard allowed.withLock({ $0.contains(namespace) }) else { throw Self.forbidden }
    let event: JSONValue = ["type": "ADDED", "object": Self.listener("web-listener", in: namespace)]
    let end =
      #"{"type":"BOOKMARK","object":{"metadata":{"resourceVersion":"7","annotations":{"k8s.io/initial-events-end":"true"}}}}"#
    try await onLines([Array(event.encoded().utf8)[...], Array(end.utf8)[...]])
    try await Task.sleep(for: .seconds(3600))
  }
}

@Suite struct ListenersElsewhereTests {
  @Test func `a look goes on without listeners that may not be read, and says so`() async throws {
    let reader = SnapshotReader(api: SplitCluster(allowed: ["arc-systems"]), namespace: "arc-systems")
    let snapshot = try await reader.read(now: 0)
    #expect(snapshot.controllerNamespace == "tools")
    #expect(snapshot.listenersProblem?.kind == .unauthorized)
    #expect(snapshot.listener(of: "web") == .unknown)

    let all = SnapshotReader(api: SplitCluster(allowed: ["arc-systems", "tools"]), namespace: "arc-systems")
    let whole = try await all.read(now: 0)
    #expect(whole.listenersProblem == nil)
    #expect(whole.listener(of: "web") == .running)
    #expect(whole.listener(of: "other") == .absent)
  }

  @Test func `what keeps the scale sets from being read is an error as before`() async throws {
    let reader = SnapshotReader(api: SplitCluster(allowed: ["tools"]), namespace: "arc-systems")
    let error = await #expect(throws: EngineError.self) { try await reader.read(now: 0) }
    #expect(error?.kind == .unauthorized)
  }

  /// Watches in a store, with a controller that the test moves.
  private final class Watch: Sendable {
    let store = Lock(ClusterStore())
    let ended = Lock<[String]>([])
    let namespace = Lock<String?>(nil)

    func isSeen(in namespace: String) -> Bool {
      store.withLock { $0.snapshot(at: 0) }.listenerPod(of: "web")?.metadata.namespace == namespace
    }
    var problem: EngineError? { store.withLock { $0.snapshot(at: 0) }.listenersProblem }
    var listener: ListenerState { store.withLock { $0.snapshot(at: 0) }.listener(of: "web") }
  }

  private func watching(
    _ api: SplitCluster, _ watch: Watch, _ body: (AsyncStream<Void>.Continuation) async throws -> Void
  ) async throws {
    var patience = WatchPatience()
    patience.wait = (.milliseconds(1), .milliseconds(2))
    let listeners = ListenersElsewhere(api: api, namespace: "arc-systems", patience: patience) {
      watch.namespace.withLock { $0 }
    } tell: { news in
      switch news {
      case .events(let events): watch.store.withLock { $0.applyElsewhere(events) }
      case .forget(let problem): watch.store.withLock { $0.forgetElsewhere(problem) }
      case .ended(let path): watch.ended.withLock { $0.append(path) }
      case .report: break
      }
    }
    let (moves, moved) = AsyncStream.makeStream(of: Void.self)
    let task = Task { await listeners.run(moves) }
    defer { task.cancel() }
    try await body(moved)
  }

  @Test func `listeners are watched where the controller is, and where it moves to`() async throws {
    let api = SplitCluster(allowed: ["tools", "other"])
    let watch = Watch()
    try await watching(api, watch) { moved async throws in
      moved.yield()
      watch.namespace.withLock { $0 = "tools" }
      moved.yield()
      #expect(try await eventually { watch.isSeen(in: "tools") })
      watch.namespace.withLock { $0 = "other" }
      moved.yield()
      #expect(try await eventually { watch.isSeen(in: "other") })
      // What is not watched any more is not taken for a watch that is silent.
      #expect(watch.ended.withLock { $0 } == ["/api/v1/namespaces/tools/pods"])
      watch.namespace.withLock { $0 = "arc-systems" }
      moved.yield()
      #expect(try await eventually { watch.listener == .absent })
    }
  }

  @Test func `listeners that may not be read are unknown until they may`() async throws {
    let api = SplitCluster(allowed: [])
    let watch = Watch()
    watch.namespace.withLock { $0 = "tools" }
    try await watching(api, watch) { moved async throws in
      moved.yield()
      #expect(try await eventually { watch.problem?.kind == .unauthorized })
      #expect(watch.listener == .unknown)
      api.allowed.withLock { _ = $0.insert("tools") }
      #expect(try await eventually { watch.listener == .running })
      #expect(watch.problem == nil)
    }
  }

  private static func controller(in namespace: String) -> ControllerState {
    var controller = ControllerState(version: "0.15.0", isReady: true, name: "arc")
    controller.namespace = namespace
    return controller
  }

  @Test func `a controller that moves keeps its name, and its listener too`() {
    var store = ClusterStore()
    store.apply([.put(Self.controller(in: "tools"))])
    store.apply([.put(Self.controller(in: "zoo")), .gone(Self.controller(in: "tools"))])
    #expect(store.controllerNamespace == "zoo")

    func pod(_ namespace: String) -> Pod { Pod(SplitCluster.listener("web-listener", in: namespace)) }
    store.applyElsewhere([.put(pod("zoo"))])
    // That the watch of the own namespace lists none of that name does not remove it.
    store.apply([WatchEvent<Pod>.listBegins, .listEnds])
    #expect(store.snapshot(at: 0).listenerPod(of: "web")?.metadata.namespace == "zoo")
    store.apply([.put(pod("arc-systems"))])
    store.forgetElsewhere(nil)
    #expect(store.snapshot(at: 0).listenerPod(of: "web")?.metadata.namespace == "arc-systems")
  }

  @Test func `a watch that has ended for good is no trouble`() {
    var health = WatchHealth()
    _ = health.take(.current, of: "/pods")
    _ = health.take(.trouble(WatchTrouble(resource: "pods", cause: .expires)), of: "/pods")
    #expect(health.staleSince(WatchPatience()) != nil)
    health.forget("/pods")
    #expect(health.trouble == nil)
    #expect(health.staleSince(WatchPatience()) == nil)
  }
}
