import Engine
import Foundation
import TestSupport
import Testing

@testable import Demo

/// The embedded cluster as a function of its state and the clock.
@Suite struct DemoWorldTests {
  let state: DemoState
  let start = 1_800_000_000.0

  init() throws {
    var state = try PreparedDemo.seed7.get()
    // Use the same clock in every run.
    let shift = start - state.anchorWall
    state.anchorWall += shift
    self.state = state
  }

  func world(_ after: Double) -> DemoWorld { DemoWorld(state: state, wall: start + after) }

  /// The same with another version of ARC.
  func world(_ after: Double, arc version: String) -> DemoWorld {
    var state = state
    for name in state.releases.keys { state.releases[name]?.version = version }
    state.definitions = version
    return DemoWorld(state: state, wall: start + after)
  }

  func names(_ objects: [JSONValue]) -> [String] { objects.compactMap { $0["metadata"]?["name"]?.stringValue } }

  @Test func `the same question has the same answer`() {
    for after in [0, 1, 60, 3600, 86_400.0] {
      for kind in ["pods", "ephemeralrunners", "autoscalingrunnersets", "events", "deployments"] {
        #expect(world(after).objects(kind) == world(after).objects(kind))
      }
    }
  }

  @Test func `runners are never more than allowed and the idle ones never missing`() throws {
    for after in stride(from: 0.0, to: 20_000, by: Rounds.soak == nil ? 397 : 37) {
      let world = world(after)
      for set in world.scaleSets where set.badImage == nil {
        let runners = set.runners(at: world.now)
        #expect(runners.count <= set.maximum)
        #expect(Set(runners.map(\.name)).count == runners.count)
      }
      let web = try #require(world.scaleSets.first { $0.name == "web-ci" })
      #expect(!web.runners(at: world.now).isEmpty)
    }
  }

  @Test(arguments: [
    ("0.14.2", ["Pending", "Running", "Running with a job", "Running with a job, deleted"]),
    ("0.15.0", ["Pending", "Running with a job", "Succeeded with a job"]),
  ])
  func `every state is seen sooner or later`(version: String, states: [String]) {
    var seen: Set<String> = []
    for after in stride(from: 0.0, to: 4000, by: Rounds.soak == nil ? 17 : 3) {
      for object in world(after, arc: version).objects("ephemeralrunners") {
        let status = object["status"]
        seen.insert(
          (status?["phase"]?.stringValue ?? "") + (status?["jobId"] == nil ? "" : " with a job")
            + (object["metadata"]?["deletionTimestamp"] == nil ? "" : ", deleted"))
      }
    }
    #expect(seen == Set(states))
  }

  @Test func `a log agrees with the status`() throws {
    var checked = 0
    for after in stride(from: 0.0, to: 3000, by: Rounds.soak == nil ? 41 : 11) {
      let world = world(after)
      for set in world.scaleSets {
        for runner in set.runners(at: world.now) where runner.badImage == nil && world.now >= runner.ready {
          guard case .success(let lines) = world.log(pod: runner.name, container: "runner") else {
            Issue.record("\(runner.name) has no log")
            continue
          }
          let text = lines.map(\.text).joined(separator: "\n")
          #expect(text.contains("Running job: \(runner.job.name)") == (world.now >= runner.busy))
          #expect(text.contains("completed with result") == (world.now >= runner.over))
          checked += 1
        }
      }
    }
    #expect(checked > 100)
  }

  @Test func `every pod belongs to a runner and the other way round`() {
    let world = world(1234)
    let runners = Set(names(world.objects("ephemeralrunners")))
    let pods = world.objects("pods").filter { $0["metadata"]?["labels"]?["actions-ephemeral-runner"] == "True" }
    #expect(Set(names(pods)) == runners)
  }

  /// The simulated objects have the fields of the recorded ones that deskrun and its users look at.
  @Test(arguments: ["pods", "ephemeralrunners", "autoscalingrunnersets", "autoscalinglisteners"])
  func `objects have the shape of the recordings`(kind: String) throws {
    let url = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .appendingPathComponent("Fixtures/shapes.json")
    let shapes = try JSONValue(parsing: Array(Data(contentsOf: url)))
    let wanted = try #require(shapes[kind]?.arrayValue).compactMap(\.stringValue)
    #expect(wanted.count > 8)
    var found: Set<String> = []
    // The recordings are from 0.14.2.
    for after in stride(from: 0.0, to: 600, by: 40) {
      for object in world(after, arc: "0.14.2").objects(kind) { Self.paths(object, "", &found) }
    }
    for path in wanted { #expect(found.contains(path), "\(kind) lacks \(path)") }
  }

  /// From 0.15 on, statuses have no counts, and runner sets have the name of their scale set.
  @Test func `the newer version has bare statuses`() throws {
    var found: Set<String> = []
    for after in stride(from: 0.0, to: 600, by: 40) {
      let world = world(after, arc: "0.15.0")
      for kind in ["autoscalingrunnersets", "ephemeralrunnersets"] {
        for object in world.objects(kind) { Self.paths(object["status"] ?? [:], kind, &found) }
      }
      #expect(names(world.objects("ephemeralrunnersets")) == world.scaleSets.map(\.name))
    }
    #expect(
      found == [
        "autoscalingrunnersets/phase", "autoscalingrunnersets/observedGeneration", "ephemeralrunnersets/phase",
        "ephemeralrunnersets/appliedActionableRevision",
      ])
  }

  static func paths(_ value: JSONValue, _ prefix: String, _ found: inout Set<String>) {
    switch value {
    case .object(let object):
      for (key, inner) in object.members {
        let path = prefix.isEmpty ? key : prefix + "/" + key
        found.insert(path)
        paths(inner, path, &found)
      }
    case .array(let items): for item in items { paths(item, prefix + "[]", &found) }
    default: break
    }
  }

  @Test func `thousands of runners are answered for`() throws {
    var state = state
    let values = try JSONValue(parsing: try #require(state.releases["web-ci"]?.values))
    var object = try #require(values.objectValue)
    object["minRunners"] = 5000
    object["maxRunners"] = 5000
    state.releases["web-ci"]?.values = JSONValue.object(object).encoded()
    let runners = DemoWorld(state: state, wall: start + 500).objects("ephemeralrunners")
    #expect(runners.count > 4900)
  }

  @Test func `a speed changed on the way does not move what was`() {
    var fast = state
    let clock = DemoClock(state: state, wall: start + 100)
    fast.anchorDemo = clock.now
    fast.anchorWall = start + 100
    fast.speed = 50
    #expect(DemoClock(state: fast, wall: start + 100).now == clock.now)
    #expect(DemoClock(state: fast, wall: start + 101).now == clock.now + 50)
    #expect(abs(DemoClock(state: fast, wall: 0).wall(of: clock.now - 10) - (start + 90)) < 0.001)
  }

  @Test func `writers at the same time lose nothing`() async throws {
    let folder = try TemporaryFolder()
    let store = DemoStore(folder: folder.path)
    try await withThrowingTaskGroup(of: Void.self) { group in
      for index in 0..<32 { group.addTask { try store.update { $0.contexts.append("c\(index)") } } }
      try await group.waitForAll()
    }
    #expect(Set(store.load().contexts).count == 32)
  }
}
