import Synchronization

@testable import ARC
@testable import Basics
@testable import Kubernetes
@testable import Tools

/// A cluster whose runners start and end jobs as controlled by a test, with streams that can be interrupted.
final class RunnersPipe: KubernetesPipe {
  private struct Runner {
    var log: [String] = []
    var isBusy = false
    /// Its container has exited.
    var isOver = false
    /// It is deleted with its pod. A log that is being read is sent to its end.
    var isGone = false
    var version = 0
  }

  private struct State {
    var runners: [String: Runner] = [:]
    var version = 1
    var isDown = false
    /// Streams opened before this number changed are interrupted.
    var cuts = 0
    /// Pods whose logs are refused.
    var mute: Set<String> = []
    var asked = 0
    var open = 0
    var most = 0
  }

  private let state = Lock(State())
  private let listeners = Lock<[Int: AsyncStream<Void>.Continuation]>([:])
  private let number = Lock(0)
  private let limit: Int

  init(limit: Int = LogLimit.streams) { self.limit = limit }

  var logLimit: Int { limit }
  func close() async {}

  /// The maximum number of logs that were followed at the same time.
  var mostStreams: Int { state.withLock { $0.most } }
  /// How often a log was requested.
  var asked: Int { state.withLock { $0.asked } }
  /// The number of logs that are being followed.
  var openStreams: Int { state.withLock { $0.open } }

  private static let cut = EngineError(.unreachable, "The connection was closed")
  private static let start: Int64 = 1_795_521_600

  /// A log line with a timestamp; several per second.
  static func stamped(_ number: Int, _ text: String) -> String {
    "\(Timestamp.text(start + Int64(number / 3)).dropLast()).\(number % 3)00000000Z \(text)"
  }

  // MARK: Changes

  private func change(_ body: (inout State) -> Void) {
    state.withLock { state in
      state.version += 1
      body(&state)
    }
    for continuation in listeners.withLock({ Array($0.values) }) { continuation.yield() }
  }

  private func change(_ names: [String], _ body: (inout Runner) -> Void) {
    change { state in
      for name in names {
        var runner = state.runners[name] ?? Runner()
        body(&runner)
        runner.version = state.version
        state.runners[name] = runner
      }
    }
  }

  private static func say(_ text: String, _ runner: inout Runner) {
    runner.log.append(stamped(runner.log.count, text))
  }

  /// Starts a job on each of these runners.
  func begin(_ names: [String]) {
    change(names) { runner in
      Self.say("√ Connected to GitHub", &runner)
      Self.say("2026-11-24 12:00:00Z: Running job: build", &runner)
      runner.isBusy = true
    }
  }

  func say(_ text: String, _ names: [String]) { change(names) { Self.say(text, &$0) } }

  /// Ends their jobs with this result.
  ///
  /// - Parameter isGone: whether ARC deletes the runners at once.
  func end(_ names: [String], _ result: String, isGone: Bool) {
    change(names) { runner in
      Self.say("2026-11-24 12:05:00Z: Job build completed with result: \(result)", &runner)
      Self.say("√ Removed .runner", &runner)
      (runner.isOver, runner.isGone) = (true, isGone)
    }
  }

  func delete(_ names: [String]) { change(names) { $0.isGone = true } }
  func refuseLogs(of names: [String]) { change { $0.mute.formUnion(names) } }
  /// Interrupts all log streams.
  func cutLogs() { change { $0.cuts += 1 } }
  func setDown(_ isDown: Bool) { change { $0.isDown = isDown } }

  func log(_ name: String) -> [String] { state.withLock { $0.runners[name]?.log ?? [] } }

  // MARK: Requests

  func get(_ path: String, timeout: Duration) async throws -> [UInt8] {
    let state = state.withLock { $0 }
    if state.isDown { throw Self.cut }
    let words = path.prefix { $0 != "?" }.split(separator: "/").map(String.init)
    if words.last == "version" { return Array(#"{"gitVersion":"v1.36.1"}"#.utf8) }
    if words.count > 1, words[words.count - 2] == "pods", let name = words.last {
      guard let runner = state.runners[name], !runner.isGone else { throw EngineError(.notFound, "\(name) not found") }
      return Array(Self.pod(name, runner).encoded().utf8)
    }
    return Array(#"{"metadata":{"resourceVersion":"1"},"items":[]}"#.utf8)
  }

  func stream(_ path: String, onLines: @Sendable ([ArraySlice<UInt8>]) async throws -> Void) async throws {
    let (news, continuation) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
    continuation.yield()
    let id = number.withLock { number in
      number += 1
      return number
    }
    listeners.withLock { $0[id] = continuation }
    defer { _ = listeners.withLock { $0.removeValue(forKey: id) } }
    let words = path.prefix { $0 != "?" }.split(separator: "/").map(String.init)
    if words.last == "log" {
      try await follow(words[words.count - 2], path, news, onLines)
    } else {
      try await watch(words.last ?? "", news, onLines)
    }
  }

  private func follow(
    _ name: String, _ path: String, _ news: AsyncStream<Void>,
    _ onLines: @Sendable ([ArraySlice<UInt8>]) async throws -> Void
  ) async throws {
    let since = path.split(separator: "&").first { $0.hasPrefix("sinceTime=") }.flatMap {
      Timestamp.parse(String($0.dropFirst(10)).replacing("%3A", with: ":"))
    }
    let cuts = try state.withLock { state -> Int in
      state.asked += 1
      if state.isDown { throw Self.cut }
      guard let runner = state.runners[name], !runner.isGone else { throw EngineError(.notFound, "\(name) not found") }
      if state.mute.contains(name) { throw EngineError(.failed, "The log of \(name) is refused") }
      state.open += 1
      state.most = max(state.most, state.open)
      return state.cuts
    }
    defer { state.withLock { $0.open -= 1 } }
    var next = 0
    for await _ in news {
      let state = state.withLock { $0 }
      if state.isDown || state.cuts != cuts { throw Self.cut }
      let runner = state.runners[name] ?? Runner()
      let new = runner.log[next...].filter { line in
        since.map { (Timestamp.parse(String(line.prefix { $0 != " " })) ?? 0) >= $0 } ?? true
      }
      next = runner.log.count
      if !new.isEmpty { try await onLines(new.map { ArraySlice(Array($0.utf8)) }) }
      if runner.isOver || runner.isGone { return }
    }
    throw CancellationError()
  }

  private func watch(
    _ kind: String, _ news: AsyncStream<Void>, _ onLines: @Sendable ([ArraySlice<UInt8>]) async throws -> Void
  ) async throws {
    var told: [String: Int] = [:]
    var hasListed = false
    for await _ in news {
      let state = state.withLock { $0 }
      if state.isDown { throw Self.cut }
      var lines: [ArraySlice<UInt8>] = []
      func tell(_ type: String, _ object: JSONValue) {
        lines.append(ArraySlice(Array(JSONValue.object(["type": .string(type), "object": object]).encoded().utf8)))
      }
      for (name, runner) in state.runners.sorted(by: { $0.key < $1.key }) where told[name] != runner.version {
        let object: JSONValue
        switch kind {
        case "pods": object = Self.pod(name, runner)
        case "ephemeralrunners": object = Self.runner(name, runner)
        default: continue
        }
        if runner.isGone {
          if told[name] != nil { tell("DELETED", object) }
        } else {
          tell(told[name] == nil ? "ADDED" : "MODIFIED", object)
        }
        told[name] = runner.version
      }
      if !hasListed {
        hasListed = true
        tell(
          "BOOKMARK",
          ["metadata": ["resourceVersion": "1", "annotations": ["k8s.io/initial-events-end": "true"]]])
      }
      if !lines.isEmpty { try await onLines(lines) }
    }
    throw CancellationError()
  }

  private static func metadata(_ name: String, _ runner: Runner) -> JSONValue {
    [
      "name": .string(name), "uid": .string("uid-\(name)"), "resourceVersion": .string(String(runner.version)),
      "labels": ["actions.github.com/scale-set-name": "web", "actions-ephemeral-runner": "True"],
    ]
  }

  private static func pod(_ name: String, _ runner: Runner) -> JSONValue {
    let activity: JSONValue =
      runner.isOver
      ? ["terminated": ["exitCode": 0, "reason": "Completed"]] : ["running": ["startedAt": "2026-11-24T12:00:00Z"]]
    return [
      "metadata": metadata(name, runner),
      "status": [
        "phase": runner.isOver ? "Succeeded" : "Running",
        "containerStatuses": [["name": "runner", "ready": .bool(!runner.isOver), "state": activity]],
      ],
    ]
  }

  private static func runner(_ name: String, _ runner: Runner) -> JSONValue {
    var status: JSONObject = ["phase": "Running", "ready": true]
    if runner.isBusy {
      status["jobId"] = "1"
      status["jobDisplayName"] = .string("build \(name)")
    }
    return ["metadata": metadata(name, runner), "status": .object(status)]
  }
}
