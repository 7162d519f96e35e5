import Synchronization
import Testing

@testable import Basics
@testable import Kubernetes
@testable import Tools

/// An API with scripted responses to each call of `stream` or `get`.
final class ScriptedAPI: KubernetesAPI {
  enum Answer: Sendable {
    case lines([String])
    case failure(EngineError)
    /// Continues until canceled.
    case hang
  }

  private let streams: Lock<[Answer]>
  private let lists: Lock<[Answer]>
  let asked = Lock<[String]>([])

  init(streams: [Answer], lists: [Answer] = []) {
    self.streams = Lock(streams)
    self.lists = Lock(lists)
  }

  func get(_ path: String, timeout: Duration) async throws -> [UInt8] {
    asked.withLock { $0.append("list") }
    switch lists.withLock({ $0.isEmpty ? .hang : $0.removeFirst() }) {
    case .lines(let lines): return Array(lines.joined().utf8)
    case .failure(let error): throw error
    case .hang:
      try await Task.sleep(for: .seconds(3600))
      return []
    }
  }

  func stream(_ path: String, onLines: @Sendable ([ArraySlice<UInt8>]) async throws -> Void) async throws {
    asked.withLock { $0.append(path.contains("sendInitialEvents") ? "watch with list" : "watch") }
    switch streams.withLock({ $0.isEmpty ? .hang : $0.removeFirst() }) {
    case .lines(let lines): for line in lines { try await onLines([ArraySlice(Array(line.utf8))]) }
    case .failure(let error): throw error
    case .hang: try await Task.sleep(for: .seconds(3600))
    }
  }
}

extension WatchPatience {
  /// Waits only where a test requires it.
  static var none: WatchPatience {
    var patience = WatchPatience()
    patience.poll = .milliseconds(1)
    patience.wait = (.milliseconds(1), .milliseconds(2))
    patience.absent = (.milliseconds(1), .milliseconds(2))
    return patience
  }
}

@Suite struct WatchStreamTests {
  private static func added(_ name: String) -> String {
    #"{"type":"ADDED","object":{"kind":"Pod","metadata":{"name":"\#(name)"}}}"#
  }
  private static let listEnd =
    #"{"type":"BOOKMARK","object":{"metadata":{"annotations":{"k8s.io/initial-events-end":"true"}}}}"#
  private static func list(_ names: [String]) -> String {
    let items = names.map { #"{"metadata":{"name":"\#($0)"}}"# }.joined(separator: ",")
    return #"{"metadata":{"resourceVersion":"7"},"items":[\#(items)]}"#
  }

  /// Runs until an event with this text; returns all events so far.
  private func told(_ api: ScriptedAPI, until wanted: String) async throws -> [String] {
    let told = Lock<[String]>([])
    let (ends, end) = AsyncStream.makeStream(of: Void.self)
    let task = Task {
      var stream = WatchStream<Pod>(api: api, path: "/pods")
      stream.patience = .none
      try await stream.run { events in
        for event in events {
          let word =
            switch event {
            case .listBegins: "begin"
            case .put(let pod): "+" + pod.metadata.name
            case .gone(let pod): "-" + pod.metadata.name
            case .listEnds: "end"
            }
          told.withLock { $0.append(word) }
          if word == wanted { end.finish() }
        }
      }
    }
    defer { task.cancel() }
    for await _ in ends {}
    return told.withLock { told in
      Array(told.prefix { $0 != wanted }) + [wanted]
    }
  }

  @Test func `list and changes come in one stream`() async throws {
    let gone = #"{"type":"DELETED","object":{"metadata":{"name":"a"}}}"#
    let api = ScriptedAPI(streams: [.lines([Self.added("a"), Self.listEnd, Self.added("b"), gone])])
    #expect(try await told(api, until: "-a") == ["begin", "+a", "end", "+b", "-a"])
  }

  @Test func `an older server is asked for a list and what came after it`() async throws {
    let refusal = EngineError(
      .failed, "refused", why: "sendInitialEvents: Forbidden: sendInitialEvents is forbidden for watch")
    let api = ScriptedAPI(
      streams: [.failure(refusal), .lines([Self.added("b")])], lists: [.lines([Self.list(["a"])])])
    #expect(try await told(api, until: "+b").suffix(4) == ["begin", "+a", "end", "+b"])
    #expect(api.asked.withLock { $0.prefix(3) } == ["watch with list", "list", "watch"])
  }

  @Test func `where no watch is answered the list is read again and again`() async throws {
    let refusal = EngineError(.unreachable, "refused", why: "503")
    let api = ScriptedAPI(
      streams: [.failure(refusal), .failure(refusal)],
      lists: [.lines([Self.list(["a"])]), .lines([Self.list(["a", "b"])])])
    #expect(try await told(api, until: "+b").suffix(3) == ["begin", "+a", "+b"])
  }

  @Test func `a cluster that answers nothing is an error, at once`() async throws {
    let down = EngineError(.unreachable, "The cluster does not answer")
    let api = ScriptedAPI(streams: [.failure(down)], lists: [.failure(EngineError(.timedOut, "later"))])
    let error = await #expect(throws: EngineError.self) {
      try await WatchStream<Pod>(api: api, path: "/pods").run { _ in }
    }
    #expect(error?.what == "The cluster does not answer")
  }

  @Test func `a version that has expired begins anew`() async throws {
    let expired = #"{"type":"ERROR","object":{"kind":"Status","code":410,"message":"too old resource version"}}"#
    let api = ScriptedAPI(streams: [.lines([Self.added("a"), Self.listEnd, expired]), .lines([Self.added("b")])])
    #expect(try await told(api, until: "+b") == ["begin", "+a", "end", "begin", "+b"])
  }

  @Test func `kinds the cluster does not know are none`() async throws {
    let api = ScriptedAPI(streams: [.failure(EngineError(.notFound, "the server could not find the resource"))])
    #expect(try await told(api, until: "end") == ["begin", "begin", "end"])
  }

  @Test func `the type may come after the object`() throws {
    let line = #"{"object":{"metadata":{"name":"a"}},"type":"ADDED"}"#
    guard case .put(let pod)? = try WatchLine<Pod>.event(ArraySlice(Array(line.utf8))) else {
      Issue.record("nothing was read")
      return
    }
    #expect(pod.metadata.name == "a")
  }

  @Test func `half a line is an error that says where`() {
    let failure = #expect(throws: WatchFailure.self) {
      _ = try WatchLine<Pod>.event(ArraySlice(Array(#"{"type":"ADDED","object":{"meta"#.utf8)))
    }
    #expect(failure == .notJSON(line: #"{"type":"ADDED","object":{"meta"#))
  }
}
