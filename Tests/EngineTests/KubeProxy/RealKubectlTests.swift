import Foundation
import NIOCore
import Synchronization
import TestSupport
import Testing

@testable import Basics
@testable import KubeProxy
@testable import Tools

private let hasKubectl: Bool = {
  let path = ProcessInfo.processInfo.environment["PATH"] ?? ""
  return (try? ToolLocator(environment: ["PATH": path]).locate(.kubectl)) != nil
}()

/// The real kubectl between the pipe and a server in this process.
@Suite(.timeLimit(.minutes(20)), .enabled(if: hasKubectl)) struct RealKubectlTests {
  private static func pipe(to port: Int, path: String = "", _ folder: TemporaryFolder) throws -> KubePipe {
    let kubeconfig = try folder.write(
      """
      apiVersion: v1
      kind: Config
      clusters: [{name: c, cluster: {server: "http://127.0.0.1:\(port)\(path)"}}]
      users: [{name: u, user: {}}]
      contexts: [{name: test, context: {cluster: c, user: u}}]
      """, to: "config")
    return KubePipe(
      toolbox: Toolbox(
        runner: SystemToolRunner(),
        environment: [
          "PATH": ProcessInfo.processInfo.environment["PATH"] ?? "", "HOME": folder.path, "TMPDIR": folder.path,
          "XDG_RUNTIME_DIR": folder.path, "KUBECONFIG": kubeconfig,
        ],
        target: .existing(context: "test")))
  }

  @Test func `questions streams and refusals go through it`() async throws {
    let folder = try TemporaryFolder()
    let server = try await TestServer.start(at: SocketAddress(ipAddress: "127.0.0.1", port: 0)) { exchange in
      if exchange.path.contains("watch") {
        exchange.begin()
        exchange.say("one\n")
        exchange.say("two\n")
        exchange.end()
      } else if exchange.path.hasPrefix("/behind/") {
        exchange.answer(exchange.path)
      } else {
        exchange.answer(.notFound, #"{"kind":"Status","reason":"NotFound","message":"no pods"}"#)
      }
    }
    let port = try #require(server.port)
    let pipe = try Self.pipe(to: port, folder)
    let heard = Lock<[String]>([])
    try await pipe.stream("/api/v1/pods?watch=1") { lines in
      heard.withLock { $0 += lines.map { String(decoding: $0, as: UTF8.self) } }
    }
    #expect(heard.withLock { $0 } == ["one", "two"])
    #expect(
      await engineError { _ = try await pipe.get("/api/v1/pods", timeout: .seconds(testPatience)) }?.kind == .notFound)
    await pipe.close()
    // A server below a path.
    let other = try Self.pipe(to: port, path: "/behind/this", folder)
    let answer = try await other.get("/api/v1/pods?limit=1", timeout: .seconds(testPatience))
    #expect(String(decoding: answer, as: UTF8.self) == "/behind/this/api/v1/pods?limit=1")
    await other.close()
    await server.stop()
    #expect(!DirectoryTree.names(in: folder.path).contains { $0.hasPrefix("deskrun-pipe-") })
  }

  @Test func `a server that is gone is unreachable`() async throws {
    let folder = try TemporaryFolder()
    let server = try await TestServer.start(at: SocketAddress(ipAddress: "127.0.0.1", port: 0)) { $0.answer("{}") }
    let port = try #require(server.port)
    await server.stop()
    let pipe = try Self.pipe(to: port, folder)
    let error = await engineError { _ = try await pipe.get("/readyz", timeout: .seconds(testPatience)) }
    #expect(error?.kind == .unreachable)
    #expect(error?.what == "The cluster test does not answer")
    await pipe.close()
  }
}
