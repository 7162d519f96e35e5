import Engine
import NIOCore
import NIOEmbedded
import NIOHTTP1
import TestSupport
import Testing

@testable import Basics
@testable import Demo
@testable import Knowledge
@testable import Kubernetes

/// The responses of the demo's proxy while time passes and its cluster changes, with a clock controlled by the test.
@Suite struct DemoServerTests {
  /// A demo with its server, in the test's thread.
  private final class World {
    let folder: TemporaryFolder
    let store: DemoStore
    let loop = EmbeddedEventLoop()
    let server: DemoServer
    private let clock: Clock

    private final class Clock { var wall = 0.0 }

    init(seed: UInt64, runners: Int) throws {
      folder = try TemporaryFolder(isCreated: false)
      _ = try DemoCluster.prepare(
        root: folder.path, executable: "/bin/true", options: DemoOptions(seed: seed, runners: runners))
      store = DemoStore(folder: folder.path + "/state")
      let clock = Clock()
      // Far from the times of the files, which are real.
      clock.wall = store.load().anchorWall + 100_000
      self.clock = clock
      let call = DemoCall(
        name: "kubectl", arguments: DemoArguments([]), environment: [:], store: store,
        faults: DemoFaults(environment: [:], folder: store.folder), wall: { clock.wall })
      server = DemoServer(call: call, context: store.load().contexts[0], loop: loop)
    }

    /// The current world, computed from scratch.
    var now: DemoWorld { DemoWorld(state: store.load(), wall: clock.wall) }

    func pass(_ seconds: Double) {
      clock.wall += seconds
      server.look()
    }

    /// Changes the cluster.
    func change(_ change: (inout DemoState, _ now: Double) -> Void) throws {
      let time = now.now
      try store.update { change(&$0, time) }
      server.look()
    }

    func ask(_ path: String) -> Connection {
      let connection = Connection(loop)
      server.answer(path, DemoConnection(connection.channel))
      return connection
    }
  }

  /// The client side of a connection.
  private final class Connection {
    let channel: EmbeddedChannel
    private(set) var isOver = false

    init(_ loop: EmbeddedEventLoop) { channel = EmbeddedChannel(loop: loop) }

    /// What was received since the last call.
    func read() throws -> String {
      var text = ""
      while let part = try channel.readOutbound(as: HTTPServerResponsePart.self) {
        switch part {
        case .body(.byteBuffer(let buffer)): text += String(buffer: buffer)
        case .end: isOver = true
        default: break
        }
      }
      return text
    }
  }

  /// The objects of a kind, as seen by a client that applies the events of a watch.
  private final class Watch {
    let plural: String
    private let path: String
    private let world: World
    private var connection: Connection
    private(set) var objects: [String: JSONValue] = [:]
    private var version = ""

    init(_ world: World, _ path: String) throws {
      (self.world, self.path) = (world, path)
      plural = path.split(separator: "/").last.map(String.init) ?? ""
      connection = world.ask("\(path)?watch=1&sendInitialEvents=true")
      try read()
    }

    func read() throws {
      for line in try connection.read().split(separator: "\n") {
        let event = try JSONValue(parsing: Array(line.utf8))
        guard let object = event["object"] else { continue }
        version = object["metadata"]?["resourceVersion"]?.stringValue ?? version
        let key = DemoServerTests.key(object)
        switch event["type"]?.stringValue {
        case "ADDED":
          #expect(objects[key] == nil, "\(key) was added twice")
          objects[key] = object
        case "MODIFIED":
          #expect(objects[key] != nil, "\(key) was changed before it was added")
          objects[key] = object
        case "DELETED":
          #expect(objects.removeValue(forKey: key) != nil, "\(key) was deleted before it was added")
        default: break
        }
      }
    }

    /// Loses the connection, and resumes at the last received version.
    func resume(after seconds: Double) throws {
      world.server.forget(DemoConnection(connection.channel).id)
      world.pass(seconds)
      connection = world.ask("\(path)?watch=1&resourceVersion=\(version)")
      for line in try connection.read().split(separator: "\n") {
        let event = try JSONValue(parsing: Array(line.utf8))
        guard let object = event["object"], event["type"] != "BOOKMARK" else { continue }
        #expect(event["type"] != "ERROR", "\(line)")
        // An event may be repeated after resuming.
        objects[DemoServerTests.key(object)] = event["type"] == "DELETED" ? nil : object
      }
    }
  }

  private static func key(_ object: JSONValue) -> String {
    "\(object["metadata"]?["name"]?.stringValue ?? "")/\(object["metadata"]?["uid"]?.stringValue ?? "")"
  }

  /// The objects by their keys, without the version, which is that of the response.
  private static func plain(_ objects: some Sequence<JSONValue>) -> [String: JSONValue] {
    Dictionary(
      objects.map { (key($0), $0.setting(["metadata", "resourceVersion"], nil)) }, uniquingKeysWith: { $1 })
  }

  private static let paths =
    ["pods", "events"].map { "/api/v1/namespaces/arc-systems/\($0)" }
    + ["autoscalingrunnersets", "ephemeralrunnersets", "ephemeralrunners", "autoscalinglisteners"].map {
      "/apis/actions.github.com/v1alpha1/namespaces/arc-systems/\($0)"
    } + ["/apis/apps/v1/namespaces/arc-systems/deployments"]

  /// The changes to apply one after another.
  private static let deeds: [(String, @Sendable (inout DemoState, Double) -> Void)] = [
    (
      "two pods are deleted",
      { state, now in
        let set = DemoWorld(state: state, wall: DemoClock(state: state, wall: 0).wall(of: now)).scaleSets[2]
        for runner in set.runners(at: now).prefix(2) { state.deletedPods[runner.name] = now }
      }
    ),
    ("a listener is deleted", { state, now in state.listenersSince["web-ci"] = now }),
    (
      "a scale set is upgraded",
      { state, now in
        state.releases["web-ci"]?.revision += 1
        state.releases["web-ci"]?.templateSince = now
      }
    ),
    (
      "a scale set is uninstalled",
      { state, now in
        if let release = state.releases.removeValue(forKey: "nix-builder") {
          state.leaving["nix-builder"] = .init(release: release, at: now)
        }
      }
    ),
    ("credentials are refused", { state, _ in for key in state.kept.keys { state.kept[key]?.isGood = false } }),
    (
      "credentials are good",
      { state, now in
        for key in state.kept.keys {
          state.kept[key]?.isGood = true
          state.kept[key]?.changedAt = now
        }
      }
    ),
    ("something goes wrong", { state, _ in state.trouble = FindingRule.noCommand.rawValue }),
    ("it is over", { state, _ in state.trouble = nil }),
    (
      "the older version is installed",
      { state, now in
        for name in state.releases.keys {
          state.releases[name]?.version = "0.14.2"
          state.releases[name]?.installedAt = now
        }
      }
    ),
    ("the controller is of another version", { state, _ in state.releases["arc"]?.version = "0.15.0" }),
  ]

  @Test(arguments: Rounds.some(1, of: [1, 7] as [UInt64]))
  func `what watches told is what lists say, whatever was done meanwhile`(seed: UInt64) throws {
    let runners = Rounds.count(60, soak: 200)
    let world = try World(seed: seed, runners: runners)
    var dice = SeededDice(seed: seed)
    var watches = try Self.paths.map { try Watch(world, $0) }
    var deeds = Self.deeds[...]
    var most = 0
    for step in 0..<66 {
      if step % 6 == 5, let deed = deeds.popFirst() { try world.change(deed.1) }
      // Between two reads no, some or many runners change.
      world.pass(Double.random(in: 0.26...[0.3, 2, 12].randomElement(using: &dice)!, using: &dice))
      for watch in watches { try watch.read() }
      // While a problem is simulated, times in lists change without an event.
      guard step % 6 == 4, world.store.load().trouble == nil else { continue }
      if step % 18 == 10 { for watch in watches { try watch.resume(after: 3) } }
      for watch in watches { try watch.read() }
      let now = world.now
      for watch in watches {
        let (told, listed) = (Self.plain(watch.objects.values), Self.plain(now.objects(watch.plural)))
        #expect(Set(told.keys) == Set(listed.keys), "\(watch.plural), step \(step)")
        for (key, object) in listed where told[key] != nil {
          #expect(told[key] == object, "\(watch.plural) \(key), step \(step)")
        }
        most = max(most, listed.count)
      }
      // A new client gets the same objects.
      if step % 24 == 4 { watches += try [Watch(world, Self.paths[0])] }
    }
    #expect(deeds.isEmpty)
    #expect(most > runners * 3 / 4)
  }

  @Test func `a followed log is told whole, line by line, and ends with its pod`() throws {
    let world = try World(seed: 3, runners: 12)
    var followed: [String: (connection: Connection, told: String)] = [:]
    var whole: [String: String] = [:]
    var ended = 0
    let request = DemoLogRequest(
      pod: "", container: "runner", follows: true, hasTimestamps: true, tail: nil, since: nil)
    for _ in 0..<150 {
      let now = world.now
      for set in now.scaleSets where set.badImage == nil {
        for runner in set.runners(at: now.now) where now.now >= runner.ready && followed[runner.name] == nil {
          let path =
            "/api/v1/namespaces/arc-systems/pods/\(runner.name)/log?container=runner&follow=true&timestamps=true"
          followed[runner.name] = (world.ask(path), "")
          whole[runner.name] = request.text(try now.wholeLog(pod: runner.name, container: "runner").get(), now)
        }
      }
      world.pass(3.1)
      for (name, follow) in followed {
        followed[name]?.told += try follow.connection.read()
      }
      let present = Set(world.now.scaleSets.flatMap { $0.runners(at: world.now.now).map(\.name) })
      for (name, follow) in followed where whole[name] != nil {
        let text = try #require(whole[name])
        if present.contains(name) {
          guard case .success(let lines) = world.now.log(pod: name, container: "runner") else {
            Issue.record("\(name) has no log")
            continue
          }
          #expect(follow.told == request.text(lines, world.now))
          #expect(!follow.connection.isOver)
        } else {
          #expect(follow.told == text)
          #expect(follow.connection.isOver)
          whole[name] = nil
          ended += 1
        }
      }
    }
    #expect(ended > 15)
  }

  @Test func `a listener's log is told as it goes`() throws {
    let world = try World(seed: 5, runners: 30)
    let set = try #require(world.now.scaleSets.first { $0.name == "web-ci" })
    let controller = try #require(world.now.controllerPodName)
    for (pod, container) in [(set.listenerName, "listener"), (controller, "manager")] {
      let connection = world.ask("/api/v1/namespaces/arc-systems/pods/\(pod)/log?container=\(container)&follow=true")
      _ = try connection.read()
      var last = world.now.now
      var count = 0
      for _ in 0..<60 {
        world.pass(2.7)
        let now = world.now
        let new = try now.log(pod: pod, container: container).get().filter { $0.time > last }.map(\.text)
        last = now.now
        // The order within a second does not matter.
        let told = try connection.read().split(separator: "\n").map(String.init)
        #expect(told.sorted() == new.sorted())
        count += told.count
      }
      #expect(count > 20)
    }
  }
}
