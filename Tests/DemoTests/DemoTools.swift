import Engine

@testable import Basics
@testable import Demo
@testable import Kubernetes
@testable import Tools

/// The demo's kubectl and docker without a process: the calls that `deskrun` makes while it looks and watches.
struct DemoTools: ToolRunner {
  /// The state of the demo at creation; what happens later depends on the clock.
  private let state: DemoState

  /// The frozen time in seconds since 1970, so that consecutive reads are consistent.
  private let moment: Double?

  init(_ store: DemoStore, isFrozen: Bool) {
    state = store.load()
    moment = isFrozen ? DemoStore.wallClock() : nil
  }

  private var world: DemoWorld { DemoWorld(state: state, wall: moment ?? DemoStore.wallClock()) }

  func run(_ call: ToolCall, onLine: (@Sendable (ToolLine) -> Void)?) async throws -> ToolResult {
    try Task.checkCancellation()
    if call.executable.hasSuffix("/docker") { return docker(state) }
    if call.arguments.starts(with: ["config", "get-contexts"]) {
      return ToolResult(exit: .code(0), output: Array(state.contexts.map { "\($0)\n" }.joined().utf8))
    }
    if let at = call.arguments.firstIndex(of: "--context"), !state.contexts.contains(call.arguments[at + 1]) {
      return failed("error: context \"\(call.arguments[at + 1])\" does not exist")
    }
    guard call.executable.hasSuffix("/kubectl"), let path = Self.path(call) else {
      return failed("unexpected call: \(call.executable) \(call.arguments)")
    }
    guard state.isReached else {
      return failed("The connection to the server 127.0.0.1:6443 was refused - did you specify the right host or port?")
    }
    return answer(path, world)
  }

  func stream(_ call: ToolCall, onChunk: @Sendable ([UInt8]) async throws -> Void) async throws -> ToolResult {
    guard let path = Self.path(call) else { return failed("unexpected call: \(call.arguments)") }
    guard path.contains("/log?") else { return try await watch(path, onChunk) }
    var sent = 0
    while !Task.isCancelled {
      let answer = answer(path, world)
      guard answer.exit.isSuccess else { return answer }
      if answer.output.count > sent { try await onChunk(Array(answer.output[sent...])) }
      sent = max(sent, answer.output.count)
      try await Task.sleep(for: .milliseconds(400))
    }
    throw CancellationError()
  }

  private static func path(_ call: ToolCall) -> String? {
    call.arguments.firstIndex(of: "--raw").map { call.arguments[$0 + 1] }
  }

  private func failed(_ text: String) -> ToolResult {
    ToolResult(exit: .code(1), errorOutput: Array("\(text)\n".utf8))
  }

  private func docker(_ state: DemoState) -> ToolResult {
    guard let node = state.node else { return failed("Error: No such container") }
    let mounts = node.mounts.map { ["Source": .string($0[0]), "Destination": .string($0[1])] as JSONValue }
    let document: JSONValue = [["State": ["Status": .string(node.status)], "Mounts": .array(mounts)]]
    return ToolResult(exit: .code(0), output: Array(document.encoded().utf8))
  }

  private func answer(_ path: String, _ world: DemoWorld) -> ToolResult {
    let parts = path.split(separator: "?", maxSplits: 1).map(String.init)
    let query = DemoAPI.query(parts.count > 1 ? parts[1] : "")
    let words = parts[0].split(separator: "/").map(String.init)
    if words.first == "version" { return ToolResult(exit: .code(0), output: Array(#"{"gitVersion":"v1.36.1"}"#.utf8)) }
    if words.first == "readyz" { return ToolResult(exit: .code(0), output: Array("ok".utf8)) }
    if path == ClusterIdentity.path,
      let object = world.objects("namespaces").first(where: { $0["metadata"]?["name"] == "kube-system" })
    {
      return ToolResult(exit: .code(0), output: Array(object.encoded().utf8))
    }
    if words.last == "storageclasses", world.state.trouble == FindingRule.clusterHalfCreated.rawValue {
      return ToolResult(exit: .code(0), output: Array(#"{"kind":"StorageClassList","items":[]}"#.utf8))
    }
    if words.last == "log" {
      switch world.log(pod: words[words.count - 2], container: query["container"] ?? "") {
      case .failure(let failure): return failed(failure.text)
      case .success(let lines):
        let text = lines.map { line in
          "\(Timestamp.text(Int64(world.clock.wall(of: line.time))).dropLast()).000000000Z \(line.text)\n"
        }.joined()
        return ToolResult(exit: .code(0), output: Array(text.utf8))
      }
    }
    let list: JSONValue = ["metadata": ["resourceVersion": "1"], "items": .array(objects(words, query, world))]
    return ToolResult(exit: .code(0), output: Array(list.encoded().utf8))
  }

  private func objects(_ words: [String], _ query: [String: String], _ world: DemoWorld) -> [JSONValue] {
    let objects = world.objects(words.last ?? "")
    guard let selector = query["labelSelector"] else { return objects }
    return objects.filter { DemoSelector(selector).matches($0) }
  }

  /// A watch that starts with a list and continues with changes.
  private func watch(_ path: String, _ onChunk: @Sendable ([UInt8]) async throws -> Void) async throws -> ToolResult {
    let parts = path.split(separator: "?", maxSplits: 1).map(String.init)
    let (words, query) = (
      parts[0].split(separator: "/").map(String.init), DemoAPI.query(parts.count > 1 ? parts[1] : "")
    )
    var known: [String: JSONValue] = [:]
    var version = 1
    func line(_ type: String, _ object: JSONValue) -> [UInt8] {
      Array((JSONValue.object(["type": .string(type), "object": object]).encoded() + "\n").utf8)
    }
    while !Task.isCancelled {
      let world = self.world
      var now: [String: JSONValue] = [:]
      for object in objects(words, query, world) { now[object["metadata"]?["name"]?.stringValue ?? ""] = object }
      var chunk: [UInt8] = []
      for (name, object) in now.sorted(by: { $0.key < $1.key }) where known[name] != object {
        chunk += line(known[name] == nil ? "ADDED" : "MODIFIED", object)
      }
      for (name, object) in known.sorted(by: { $0.key < $1.key }) where now[name] == nil {
        chunk += line("DELETED", object)
      }
      if version == 1 {
        let annotations: JSONValue = ["k8s.io/initial-events-end": "true"]
        chunk += line("BOOKMARK", ["metadata": ["resourceVersion": "1", "annotations": annotations]])
      }
      version += 1
      known = now
      if !chunk.isEmpty { try await onChunk(chunk) }
      try await Task.sleep(for: .milliseconds(400))
    }
    throw CancellationError()
  }
}
