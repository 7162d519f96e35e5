import Foundation
import NIOCore
import Synchronization
import TestSupport

@testable import Basics
@testable import KubeProxy
@testable import Tools

/// kubectl and the server behind it, in this process.
final class ProxyWorld: ToolRunner, Sendable {
  /// The behavior of `kubectl proxy`.
  enum Proxy: Sendable {
    case serves
    case ends(ToolResult)
    case says(String)
  }

  private struct State {
    var proxies: [@Sendable (ToolCall) -> Proxy] = []
    var calls: [ToolCall] = []
    var sockets: [String] = []
    var ends: [AsyncStream<Void>.Continuation] = []
  }

  private let state = Lock(State())
  private let answer: @Sendable (TestServer.Exchange) -> Void
  let folder: TemporaryFolder
  let kubeconfig: String

  init(_ answer: @escaping @Sendable (TestServer.Exchange) -> Void = { $0.answer("{}") }) throws {
    self.answer = answer
    folder = try TemporaryFolder()
    try FileManager.default.createDirectory(atPath: folder.path + "/run", withIntermediateDirectories: true)
    kubeconfig = try folder.write("contexts: []", to: "config")
    try folder.write("#!/bin/sh\n", to: "kubectl", mode: 0o755)
  }

  var toolbox: Toolbox {
    Toolbox(
      runner: self,
      environment: ["PATH": folder.path, "XDG_RUNTIME_DIR": folder.path + "/run", "KUBECONFIG": kubeconfig],
      target: .existing(context: "test"))
  }

  /// The next proxies behave like this; later ones serve.
  func nextProxies(_ outcomes: Proxy...) {
    state.withLock { $0.proxies += outcomes.map { outcome in { _ in outcome } } }
  }

  var proxyCalls: [ToolCall] { state.withLock { $0.calls.filter { $0.arguments.first == "proxy" } } }
  var otherCalls: [ToolCall] { state.withLock { $0.calls.filter { $0.arguments.first != "proxy" } } }
  /// The existing folders of sockets.
  var folders: [String] { (try? FileManager.default.contentsOfDirectory(atPath: folder.path + "/run")) ?? [] }

  /// Ends the running proxies as if they were killed.
  func kill() {
    let ends = state.withLock { state in
      defer { state.ends = [] }
      return state.ends
    }
    for end in ends { end.yield() }
  }

  func run(_ call: ToolCall, onLine: (@Sendable (ToolLine) -> Void)?) async throws -> ToolResult {
    state.withLock { $0.calls.append(call) }
    return ToolResult(exit: .code(0), output: Array("from kubectl itself".utf8))
  }

  func stream(_ call: ToolCall, onChunk: @Sendable ([UInt8]) async throws -> Void) async throws -> ToolResult {
    let (proxy, killed) = state.withLock { state -> (Proxy, AsyncStream<Void>) in
      state.calls.append(call)
      let (killed, kill) = AsyncStream.makeStream(of: Void.self)
      state.ends.append(kill)
      return (state.proxies.isEmpty ? .serves : state.proxies.removeFirst()(call), killed)
    }
    guard call.arguments.first == "proxy" else {
      try await onChunk(Array("a line of kubectl itself\n".utf8))
      return ToolResult(exit: .code(0))
    }
    switch proxy {
    case .ends(let result): return result
    case .says(let text): try await onChunk(Array(text.utf8))
    case .serves: break
    }
    let socket = call.arguments[1].dropFirst("--unix-socket=".count)
    let server = try await TestServer.start(at: SocketAddress(unixDomainSocketPath: String(socket)), answer)
    try await onChunk(Array("Starting to ".utf8))
    try await onChunk(Array("serve on \(socket)\n".utf8))
    for await _ in killed { break }
    await server.stop()
    try Task.checkCancellation()
    return ToolResult(exit: .signal(9))
  }
}

/// The error of the body; nil if it succeeds.
func engineError(_ body: () async throws -> Void) async -> EngineError? {
  do { try await body() } catch { return error as? EngineError }
  return nil
}
