import Foundation
import NIOHTTP1
import Synchronization
import TestSupport
import Testing

@testable import Basics
@testable import KubeProxy
@testable import Tools

/// When a proxy is started, replaced, not used and stopped.
@Suite(.timeLimit(.minutes(20))) struct ProxyLifeTests {
  private static let pods = "/api/v1/namespaces/arc-systems/pods"

  @Test func `nothing is started before the first question`() async throws {
    let world = try ProxyWorld()
    let pipe = KubePipe(toolbox: world.toolbox)
    await pipe.close()
    #expect(world.proxyCalls.isEmpty)
    #expect(world.folders.isEmpty)
  }

  @Test func `a proxy that was killed is replaced and its streams end`() async throws {
    let world = try ProxyWorld { exchange in
      guard exchange.path.contains("watch") else { return exchange.answer("{}") }
      exchange.begin()
      exchange.say("first\n")
    }
    let pipe = KubePipe(toolbox: world.toolbox)
    let heard = Lock(false)
    let watching = Task {
      await engineError { try await pipe.stream(Self.pods + "?watch=1") { _ in heard.withLock { $0 = true } } }
    }
    #expect(try await eventually { heard.withLock { $0 } })
    world.kill()
    // Without an error: the cluster reported none, and the reader resumes the stream.
    #expect(await watching.value == nil)
    _ = try await pipe.get(Self.pods, timeout: .seconds(testPatience))
    #expect(world.proxyCalls.count == 2)
    await pipe.close()
    #expect(world.folders.isEmpty)
  }

  @Test func `a kubeconfig that changed is read by another proxy`() async throws {
    let world = try ProxyWorld()
    let pipe = KubePipe(toolbox: world.toolbox)
    _ = try await pipe.get(Self.pods, timeout: .seconds(testPatience))
    _ = try await pipe.get(Self.pods, timeout: .seconds(testPatience))
    #expect(world.proxyCalls.count == 1)
    try world.folder.write("contexts: [another]", to: "config")
    _ = try await pipe.get(Self.pods, timeout: .seconds(testPatience))
    #expect(world.proxyCalls.count == 2)
    #expect(world.folders.count == 1)
    await pipe.close()
  }

  @Test func `credentials that are refused repeatedly are read again`() async throws {
    let world = try ProxyWorld { $0.answer(.unauthorized, "Unauthorized") }
    let pipe = KubePipe(toolbox: world.toolbox, refusalPatience: .zero) { _ in }
    for _ in 0..<2 { _ = await engineError { _ = try await pipe.get(Self.pods, timeout: .seconds(testPatience)) } }
    #expect(world.proxyCalls.count == 1)
    #expect(
      await engineError { _ = try await pipe.get(Self.pods, timeout: .seconds(testPatience)) }?.kind == .unauthorized)
    #expect(world.proxyCalls.count == 2)
    await pipe.close()
  }

  @Test(arguments: [
    #"error: unknown command "proxy" for "kubectl""#, "error: listen unix: operation not permitted", "",
  ]) func `without a proxy each question is a process`(_ text: String) async throws {
    let world = try ProxyWorld()
    world.nextProxies(.ends(ToolResult(exit: .code(1), errorOutput: Array(text.utf8))))
    let told = Lock(0)
    let pipe = KubePipe(toolbox: world.toolbox) { _ in told.withLock { $0 += 1 } }
    #expect(pipe.logLimit == LogLimit.streams)
    for _ in 0..<2 {
      let answer = try await pipe.get(Self.pods, timeout: .seconds(testPatience))
      #expect(String(decoding: answer, as: UTF8.self) == "from kubectl itself")
    }
    try await pipe.stream(Self.pods + "?watch=1") { #expect($0.count == 1) }
    // This is decided once.
    #expect(world.proxyCalls.count == 1)
    #expect(told.withLock { $0 } == 1)
    #expect(pipe.logLimit == LogLimit.processes)
    #expect(world.otherCalls.allSatisfy { $0.arguments.prefix(2) == ["get", "--raw"] })
    #expect(world.folders.isEmpty)
    await pipe.close()
  }

  @Test func `a program that answers everything with success is no proxy`() async throws {
    let world = try ProxyWorld()
    world.nextProxies(.ends(ToolResult(exit: .code(0))))
    let pipe = KubePipe(toolbox: world.toolbox)
    #expect(try await pipe.get(Self.pods, timeout: .seconds(testPatience)) == Array("from kubectl itself".utf8))
    await pipe.close()
  }

  @Test func `a context that is missing is told and asked for again`() async throws {
    let world = try ProxyWorld()
    world.nextProxies(
      .ends(ToolResult(exit: .code(1), errorOutput: Array(#"error: context "test" does not exist"#.utf8))))
    let pipe = KubePipe(toolbox: world.toolbox)
    let error = await engineError { _ = try await pipe.get(Self.pods, timeout: .seconds(testPatience)) }
    #expect(error?.what == "The kubeconfig has no context test")
    _ = try await pipe.get(Self.pods, timeout: .seconds(testPatience))
    #expect(world.proxyCalls.count == 2)
    #expect(world.otherCalls.isEmpty)
    await pipe.close()
  }

  @Test func `an older kubectl serves without appending paths`() async throws {
    let world = try ProxyWorld()
    world.nextProxies(
      .ends(ToolResult(exit: .code(1), errorOutput: Array("error: unknown flag: --append-server-path".utf8))))
    let pipe = KubePipe(toolbox: world.toolbox)
    #expect(try await pipe.get(Self.pods, timeout: .seconds(testPatience)) == Array("{}".utf8))
    #expect(world.proxyCalls.map { $0.arguments.contains("--append-server-path=true") } == [true, false])
    await pipe.close()
  }

  @Test func `what the proxy does not let through is asked of kubectl`() async throws {
    let world = try ProxyWorld()
    let pipe = KubePipe(toolbox: world.toolbox)
    #expect(
      try await pipe.get("/api/v1/namespaces/a/secrets", timeout: .seconds(testPatience))
        == Array("from kubectl itself".utf8))
    #expect(world.proxyCalls.isEmpty)
    await pipe.close()
  }

  @Test func `after its end a pipe answers nothing`() async throws {
    let world = try ProxyWorld()
    let pipe = KubePipe(toolbox: world.toolbox)
    _ = try await pipe.get(Self.pods, timeout: .seconds(testPatience))
    await pipe.close()
    #expect(world.folders.isEmpty)
    await #expect(throws: CancellationError.self) { try await pipe.get(Self.pods, timeout: .seconds(testPatience)) }
  }
}
