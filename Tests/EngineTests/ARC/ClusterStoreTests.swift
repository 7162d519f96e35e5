import ARCTestSupport
import Synchronization
import TestSupport
import Testing

@testable import ARC
@testable import Basics
@testable import Kubernetes
@testable import Tools

/// The stored objects of a cluster while changes arrive.
@Suite struct ClusterStoreTests {
  /// The lists of all kinds, so that the store is complete.
  static func listed(_ runners: [EphemeralRunner] = [], _ pods: [Pod] = []) -> ClusterStore {
    var store = ClusterStore()
    store.apply([WatchEvent<Pod>.listBegins] + pods.map(WatchEvent.put) + [.listEnds])
    for kind in [ObservedKind.jobPods, .controllerPods] {
      store.apply([WatchEvent<Pod>.listBegins, .listEnds], .init(kind: kind))
    }
    store.apply([WatchEvent<EphemeralRunner>.listBegins] + runners.map(WatchEvent.put) + [.listEnds])
    store.apply([WatchEvent<ScaleSet>.listBegins, .listEnds])
    store.apply([WatchEvent<ControllerState>.listBegins, .listEnds])
    return store
  }

  @Test func `nothing is told before every kind was listed`() {
    var store = ClusterStore()
    store.apply([WatchEvent<Pod>.listBegins, .listEnds])
    #expect(!store.isComplete)
    #expect(Self.listed().isComplete)
  }

  @Test func `what was not told again in a new list is gone`() {
    var store = Self.listed(["a", "b", "c"].map { ClusterObjects.runner($0, ClusterObjects.idle) })
    store.apply([
      .listBegins, .put(ClusterObjects.runner("b", ClusterObjects.busy)),
      .put(ClusterObjects.runner("d", ClusterObjects.idle)), .listEnds,
    ])
    let snapshot = store.snapshot(at: 0)
    #expect(snapshot.runners.map(\.name) == ["b", "d"])
    #expect(snapshot.counts["web"] == .init(idle: 1, busy: 1))
  }

  @Test func `a list that is under way forgets nothing yet`() {
    var store = Self.listed(["a", "b"].map { ClusterObjects.runner($0, ClusterObjects.idle) })
    store.apply([.listBegins, .put(ClusterObjects.runner("b", ClusterObjects.busy))])
    #expect(store.snapshot(at: 0).runners.map(\.name) == ["a", "b"])
  }

  @Test func `job pods come and go with their runner, in any order`() {
    var store = Self.listed()
    store.apply([.put(ClusterObjects.pod("a-workflow", phase: "Running", job: "a"))])
    store.apply([.put(ClusterObjects.runner("a", ClusterObjects.busy))])
    #expect(store.snapshot(at: 0).runner("a")?.jobPods.map(\.metadata.name) == ["a-workflow"])
    store.apply([WatchEvent<Pod>.gone(ClusterObjects.pod("a-workflow", phase: "Running", job: "a"))])
    #expect(store.snapshot(at: 0).runner("a")?.jobPods.isEmpty == true)
  }

  /// After any sequence of events, the store equals a fresh list.
  @Test(arguments: 1...6) func `changes add up to what a list says`(seed: Int) {
    var dice = SeededDice(seed: UInt64(seed))
    var runners: [String: EphemeralRunner] = [:]
    var pods: [String: Pod] = [:]
    var store = Self.listed()
    var former = store.snapshot(at: 0)
    var seen: [String: Runner] = [:]
    for _ in 0..<400 {
      let name = "r\(Int.random(in: 0..<20, using: &dice))"
      switch Int.random(in: 0..<6, using: &dice) {
      case 0, 1:
        let status = Bool.random(using: &dice) ? ClusterObjects.idle : ClusterObjects.busy
        let runner = ClusterObjects.runner(name, status, set: Int.random(in: 0..<2, using: &dice) == 0 ? "web" : "nix")
        runners[name] = runner
        store.apply([.put(runner)])
      case 2:
        if let gone = runners.removeValue(forKey: name) { store.apply([WatchEvent<EphemeralRunner>.gone(gone)]) }
      case 3, 4:
        let isJob = Bool.random(using: &dice)
        let pod = ClusterObjects.pod(
          isJob ? name + "-workflow" : name, phase: Bool.random(using: &dice) ? "Running" : "Succeeded",
          job: isJob ? name : nil)
        pods[pod.metadata.name] = pod
        store.apply([.put(pod)])
      default:
        if let gone = pods.removeValue(forKey: name) { store.apply([WatchEvent<Pod>.gone(gone)]) }
      }
      let now = store.snapshot(at: 0)
      for change in now.changes(since: former) {
        if let after = change.after {
          seen[after.name] = after
        } else if let gone = change.before {
          seen[gone.name] = nil
        }
      }
      former = now
    }
    let fresh = Snapshot(
      takenAt: 0, controller: nil, scaleSets: [], runners: Array(runners.values), pods: Array(pods.values))
    let told = store.snapshot(at: 0)
    #expect(told.runners == fresh.runners)
    #expect(told.pods == fresh.pods)
    #expect(told.counts.filter { $0.value != .init() } == fresh.counts)
    #expect(seen.values.sorted { $0.name < $1.name } == fresh.runners)
  }

  @Test func `what a snapshot holds does not change after it`() {
    var store = Self.listed([ClusterObjects.runner("a", ClusterObjects.idle)])
    let before = store.snapshot(at: 0)
    store.apply([
      .put(ClusterObjects.runner("a", ClusterObjects.busy)), .put(ClusterObjects.runner("b", ClusterObjects.idle)),
    ])
    #expect(before.runners.map(\.state) == [.idle])
    #expect(store.snapshot(at: 1).runners.count == 2)
  }
}
