import Benchmark
import Foundation

@testable import ARC
@testable import Basics
@testable import DashboardCore
@testable import DashboardPanes
@testable import Installations
@testable import Knowledge
@testable import Kubernetes
@testable import TUI
@testable import TerminalKit
@testable import Tools

/// Measures decoding, joining, filtering and drawing, without processes and terminals.
struct Micro {
  let sizes: [Int]

  /// The median time of a pass in milliseconds.
  private func median(_ name: String, iterations: Int? = nil, _ body: @escaping () -> Void) throws -> Double {
    let suite = BenchmarkSuite(name: "deskrun")
    suite.benchmark(name, function: body)
    var settings: [BenchmarkSetting] = [Quiet(true), Format(.none), WarmupIterations(2)]
    settings.append(iterations.map { Iterations($0) } ?? MinTime(seconds: 0.4))
    var runner = BenchmarkRunner(suites: [suite], settings: settings)
    try runner.run()
    return percentile(runner.results.first?.measurements ?? [], 0.5) / 1e6
  }

  func run(_ report: inout Report) throws {
    report.heading("Reading, joining and drawing, 160x50; milliseconds of one core")
    var perEvent: [Int: Double] = [:]
    for size in sizes {
      let world = World(size)
      let decoded = try median("decode", iterations: size > 2000 ? 3 : 10) { _ = World.store(world.lines) }
      report.add("\(size) runners: decode and join", decoded, "ms")
      let whole = try median("list to frame", iterations: size > 2000 ? 3 : 10) {
        var model = World.model()
        World.observe(&model, World.store(world.lines))
        _ = render(model)
      }
      report.add(
        "\(size) runners: from list received to first complete frame", whole, "ms", limit: size == 5000 ? 150 : nil)

      var store = World.store(world.lines)
      var model = World.model()
      World.observe(&model, store)
      var frame = render(model).frame
      var number = 0
      let events = (0..<64).map { index in
        let changed = FakeObjects.modified(
          FakeObjects.runner((index * 37) % size, job: index % 2 == 0 ? "test \(index)" : nil, version: index))
        return ArraySlice(Array(changed.utf8.dropLast()))
      }
      let event = try median("event") {
        number += 1
        if let event = try? WatchLine<EphemeralRunner>.event(events[number % events.count]) { store.apply([event]) }
        World.observe(&model, store)
        let next = render(model).frame
        _ = FrameDifference.runs(from: frame, to: next)
        frame = next
      }
      perEvent[size] = event
      report.add("\(size) runners: one event read, joined and drawn", event, "ms", limit: size == 5000 ? 1 : nil)

      let draw = try median("render") { _ = render(model) }
      report.add("\(size) runners: a frame rendered", draw, "ms")
      _ = update(&model, .key(.character("2")), at: World.now)
      let filter = try median("filter") {
        _ = update(&model, .key(.character("/")), at: World.now)
        _ = update(&model, .key(.character("u")), at: World.now)
        _ = render(model)
        _ = update(&model, .key(.escape), at: World.now)
      }
      report.add("\(size) runners: a key in the filter, and back", filter, "ms", limit: size == 5000 ? 8 : nil)
      let sort = try median("sort") {
        model[table: RunnersPane.id].sort = RunnerColumn.job.rawValue
        _ = update(&model, .key(.character("I")), at: World.now)
        _ = render(model)
      }
      report.add("\(size) runners: another order", sort, "ms")
    }
    if let few = perEvent[200], let many = perEvent[5000] {
      report.add("one event, 5000 runners over 200", many / few, "times", limit: 2)
    }
    let pod = Array(FakeObjects.pod(1).utf8)
    report.add(
      "a pod of \(pod.count) bytes scanned", try median("scan") { _ = try? JSONScanner.scan(pod) { Pod(&$0) } }, "ms")
    report.add("the same as a tree", try median("tree") { _ = try? JSONValue(parsing: pod) }, "ms")
    let lines = (0..<1000).map { index in
      ArraySlice(
        Array(
          "2026-11-24T12:00:05.123456789Z \u{1B}[32m[\(index)]\u{1B}[0m compiling module \(index) with flags -O2 -g"
            .utf8))
    }
    var buffer = LogBuffer()
    let log = try median("log") { buffer.append(lines.map { LogLine(pod: "p", $0, keepsColors: true) }) }
    report.add("1000 lines of a log read and kept", log, "ms")
  }

  /// Prints the memory of a number of runners in megabytes. It runs in a separate process, so that nothing else is
  /// counted.
  static func memory(_ size: Int) {
    let before = ProcessCost(getpid()).resident
    var store = ClusterStore()
    store.apply([WatchEvent<Pod>.listBegins])
    store.apply([WatchEvent<EphemeralRunner>.listBegins])
    for index in 0..<size {
      let pod = ArraySlice(Array(FakeObjects.added(FakeObjects.pod(index)).utf8.dropLast()))
      let runner = ArraySlice(
        Array(FakeObjects.added(FakeObjects.runner(index, job: FakeObjects.job(of: index))).utf8.dropLast()))
      if let event = try? WatchLine<Pod>.event(pod) { store.apply([event]) }
      if let event = try? WatchLine<EphemeralRunner>.event(runner) { store.apply([event]) }
    }
    let set = ArraySlice(Array(FakeObjects.added(FakeObjects.scaleSet).utf8.dropLast()))
    if let event = try? WatchLine<ScaleSet>.event(set) { store.apply([event]) }
    var model = World.model()
    World.observe(&model, store)
    _ = render(model)
    print(ProcessCost(getpid()).peak - before)
  }
}

/// A cluster with a number of runners.
struct World {
  static let now: Int64 = 1_795_521_605
  var lines: (pods: [ArraySlice<UInt8>], runners: [ArraySlice<UInt8>])

  init(_ size: Int) {
    func line(_ text: String) -> ArraySlice<UInt8> { ArraySlice(Array(text.utf8.dropLast())) }
    lines = (
      (0..<size).map { line(FakeObjects.added(FakeObjects.pod($0))) },
      (0..<size).map { line(FakeObjects.added(FakeObjects.runner($0, job: FakeObjects.job(of: $0)))) }
    )
  }

  static func store(_ lines: (pods: [ArraySlice<UInt8>], runners: [ArraySlice<UInt8>])) -> ClusterStore {
    var store = ClusterStore()
    store.apply(
      [WatchEvent<Pod>.listBegins] + lines.pods.compactMap { try? WatchLine<Pod>.event($0) } + [.listEnds])
    store.apply(
      [WatchEvent<EphemeralRunner>.listBegins]
        + lines.runners.compactMap { try? WatchLine<EphemeralRunner>.event($0) } + [.listEnds])
    let set = ArraySlice(Array(FakeObjects.added(FakeObjects.scaleSet).utf8.dropLast()))
    if let event = try? WatchLine<ScaleSet>.event(set) { store.apply([event]) }
    return store
  }

  static func model() -> Model {
    var settings = Settings()
    settings.context = "bench"
    var model = Model(settings: settings, size: Size(columns: 160, rows: 50), now: now, panes: Panes.all)
    _ = update(&model, .configuration(.success(Configuration())), at: now)
    return model
  }

  static func observe(_ model: inout Model, _ store: ClusterStore) {
    let observation = ClusterObservation(
      cluster: .ready(version: "v1.36.1"), snapshot: store.snapshot(at: now), heardAt: now)
    _ = update(&model, .observed(observation), at: now)
    precondition(!model.rows(of: RunnersPane.self).isEmpty && !model.isEmpty, "the dashboard shows no runners")
  }
}
