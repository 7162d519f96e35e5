import Foundation
import NIOCore
import NIOHTTP1
import Synchronization
import TestSupport
import Testing

@testable import Basics
@testable import KubeProxy
@testable import Tools

/// Requests and streams over the socket of a proxy.
@Suite(.timeLimit(.minutes(20))) struct KubePipeTests {
  private static let pods = "/api/v1/namespaces/arc-systems/pods"

  @Test func `a question is asked of the proxy and not of a process`() async throws {
    let world = try ProxyWorld { $0.answer($0.headers["Host"] == ["localhost"] ? $0.path : "wrong host") }
    let pipe = KubePipe(toolbox: world.toolbox)
    #expect(
      String(decoding: try await pipe.get(Self.pods + "?limit=5", timeout: .seconds(testPatience)), as: UTF8.self)
        == Self.pods
        + "?limit=5")
    _ = try await pipe.get("/readyz", timeout: .seconds(testPatience))
    #expect(world.proxyCalls.count == 1)
    #expect(world.otherCalls.isEmpty)
    let arguments = try #require(world.proxyCalls.first?.arguments)
    #expect(arguments.suffix(2) == ["--context", "test"])
    #expect(arguments.contains("--reject-methods=POST,PUT,PATCH,DELETE"))
    await pipe.close()
    #expect(world.folders.isEmpty)
  }

  @Test func `a proxy is told to be frugal unless the user says otherwise`() async throws {
    let world = try ProxyWorld()
    var toolbox = world.toolbox
    toolbox.environment["GOGC"] = "off"
    let pipe = KubePipe(toolbox: toolbox)
    _ = try await pipe.get(Self.pods, timeout: .seconds(30))
    let environment = try #require(world.proxyCalls.first?.environment)
    #expect(environment["GOGC"] == "off")
    #expect(environment["GOMAXPROCS"] == "1")
    _ = try await pipe.get("/api/v1/namespaces/a/secrets", timeout: .seconds(5))
    #expect(world.otherCalls.first?.environment["GOMAXPROCS"] == nil)
    await pipe.close()
  }

  @Test func `a proxy for one command starts as kubectl does, and one that stays is frugal`() async throws {
    for stays in [true, false] {
      let world = try ProxyWorld()
      let pipe = KubePipe(toolbox: world.toolbox, stays: stays)
      _ = try await pipe.get(Self.pods, timeout: .seconds(30))
      let environment = try #require(world.proxyCalls.first?.environment)
      #expect((environment["GOGC"] != nil) == stays)
      #expect((environment["GOMAXPROCS"] != nil) == stays)
      await pipe.close()
    }
  }

  @Test func `questions that come together share one proxy`() async throws {
    let world = try ProxyWorld()
    let pipe = KubePipe(toolbox: world.toolbox)
    try await withThrowingTaskGroup(of: Void.self) { group in
      for _ in 0..<20 { group.addTask { _ = try await pipe.get(Self.pods, timeout: .seconds(testPatience)) } }
      try await group.waitForAll()
    }
    #expect(world.proxyCalls.count == 1)
    await pipe.close()
  }

  @Test func `while the credentials are refused, hundreds of readers ask for them a few times, and are told why`()
    async throws
  {
    let asked = Lock(0)
    let isRefused = Lock(true)
    let world = try ProxyWorld { exchange in
      asked.withLock { $0 += 1 }
      if isRefused.withLock({ $0 }) {
        exchange.answer(.internalServerError, "getting credentials: exec: executable sso failed with exit code 1")
      } else {
        exchange.answer("pods")
      }
    }
    let pipe = KubePipe(toolbox: world.toolbox)
    for _ in 0..<300 {
      let error = await engineError { _ = try await pipe.get(Self.pods, timeout: .seconds(testPatience)) }
      #expect(error?.why?.contains("executable sso failed") == true)
    }
    // Far fewer than one per request.
    #expect(asked.withLock { $0 } < 100)
    isRefused.withLock { $0 = false }
    var answer: [UInt8]?
    while answer == nil {
      answer = try? await pipe.get(Self.pods, timeout: .seconds(testPatience))
      try await Task.sleep(for: .milliseconds(20))
    }
    #expect(answer == Array("pods".utf8))
    for _ in 0..<20 { _ = try await pipe.get(Self.pods, timeout: .seconds(testPatience)) }
    await pipe.close()
  }

  @Test func `a big answer comes whole`() async throws {
    let text = String(repeating: "0123456789abcdef", count: 1 << 18)
    let world = try ProxyWorld { $0.answer(text) }
    let pipe = KubePipe(toolbox: world.toolbox)
    #expect(try await pipe.get(Self.pods, timeout: .seconds(testPatience)) == Array(text.utf8))
    await pipe.close()
  }

  private static let status = #"{"kind":"Status","reason":"REASON","message":"it is so"}"#

  @Test(arguments: [
    (500, "dial tcp 127.0.0.1:6443: connect: connection refused", EngineError.Kind.unreachable),
    (500, "x509: certificate signed by unknown authority", .unreachable),
    (500, "[+]ping ok\n[-]etcd failed: reason withheld\nreadyz check failed", .unreachable),
    (500, "getting credentials: exec: executable aws not found", .failed),
    (502, "unexpected EOF", .unreachable), (503, "", .unreachable), (504, "", .timedOut),
    (401, status.replacing("REASON", with: "Unauthorized"), .unauthorized), (401, "Unauthorized", .unauthorized),
    (403, status.replacing("REASON", with: "Forbidden"), .unauthorized),
    (404, status.replacing("REASON", with: "NotFound"), .notFound), (404, "404 page not found", .notFound),
    (400, status.replacing("REASON", with: "BadRequest"), .failed),
  ]) func `a refusal is what kubectl would have said`(_ code: Int, _ body: String, _ kind: EngineError.Kind)
    async throws
  {
    let world = try ProxyWorld { $0.answer(HTTPResponseStatus(statusCode: code), body) }
    let pipe = KubePipe(toolbox: world.toolbox)
    let ofGet = await engineError { _ = try await pipe.get(Self.pods, timeout: .seconds(testPatience)) }
    let ofStream = await engineError { try await pipe.stream(Self.pods + "?watch=1") { _ in } }
    #expect(ofGet?.kind == kind)
    // The command to run manually differs, like the paths.
    #expect(ofStream?.what == ofGet?.what && ofStream?.why == ofGet?.why && ofStream?.details == ofGet?.details)
    #expect(ofStream?.kind == ofGet?.kind)
    await pipe.close()
  }

  @Test func `a version that is too old is told as such`() async throws {
    let world = try ProxyWorld { $0.answer(.gone, Self.status.replacing("REASON", with: "Expired")) }
    let pipe = KubePipe(toolbox: world.toolbox)
    let error = await engineError { try await pipe.stream(Self.pods + "?watch=1") { _ in } }
    #expect(error?.why?.contains("Expired") == true)
    await pipe.close()
  }

  @Test func `an answer that does not come times out`() async throws {
    let world = try ProxyWorld { $0.begin() }
    let pipe = KubePipe(toolbox: world.toolbox)
    #expect(await engineError { _ = try await pipe.get(Self.pods, timeout: .milliseconds(50)) }?.kind == .timedOut)
    await pipe.close()
  }

  // MARK: Streams

  @Test func `lines come whole however they are cut`() async throws {
    let world = try ProxyWorld { exchange in
      exchange.begin()
      for piece in ["one\ntw", "o\n", "th", "ree\nfo", "ur"] { exchange.say(piece) }
      exchange.end()
    }
    let pipe = KubePipe(toolbox: world.toolbox)
    let heard = Lock<[String]>([])
    try await pipe.stream(Self.pods + "?watch=1") { lines in
      heard.withLock { $0 += lines.map { String(decoding: $0, as: UTF8.self) } }
    }
    #expect(heard.withLock { $0 } == ["one", "two", "three", "four"])
    await pipe.close()
  }

  @Test func `a stream that is cut tells what was whole and fails`() async throws {
    let world = try ProxyWorld { exchange in
      exchange.begin()
      exchange.say("one\ntw").whenComplete { _ in exchange.cut() }
    }
    let pipe = KubePipe(toolbox: world.toolbox)
    let heard = Lock<[String]>([])
    let error = await engineError {
      try await pipe.stream(Self.pods + "?watch=1") { lines in
        heard.withLock { $0 += lines.map { String(decoding: $0, as: UTF8.self) } }
      }
    }
    #expect(heard.withLock { $0 } == ["one"])
    #expect(error?.kind == .unreachable)
    await pipe.close()
  }

  /// A slow consumer blocks the sender: of 24 MB, only what fits into the socket has been sent.
  @Test func `a slow consumer holds its stream and not the memory`() async throws {
    let piece = String(repeating: String(repeating: "x", count: 1023) + "\n", count: 64)
    let count = 384
    let sent = Lock(0)
    let world = try ProxyWorld { exchange in
      exchange.begin()
      @Sendable func send(_ left: Int) {
        guard left > 0 else { return exchange.end() }
        exchange.say(piece).whenSuccess {
          sent.withLock { $0 += piece.utf8.count }
          send(left - 1)
        }
      }
      send(count)
    }
    let pipe = KubePipe(toolbox: world.toolbox)
    let (gate, open) = AsyncStream.makeStream(of: Void.self)
    let heard = Lock(0)
    let reading = Task {
      try await pipe.stream(Self.pods + "/r/log?follow=true") { lines in
        let isFirst = heard.withLock { heard in
          defer { heard += lines.reduce(0) { $0 + $1.count + 1 } }
          return heard == 0
        }
        if isFirst { for await _ in gate { break } }
      }
    }
    // A sender that is not blocked would continue until everything is sent.
    var looks: [Int] = []
    #expect(
      try await eventually {
        looks.append(sent.withLock { $0 })
        return looks.count > 30 && looks[looks.count - 1] > 0 && Set(looks.suffix(30)).count == 1
      })
    #expect(sent.withLock { $0 } < 8 << 20)
    open.yield()
    try await reading.value
    #expect(heard.withLock { $0 } == count * piece.utf8.count)
    await pipe.close()
  }

  @Test func `a stream that is given up closes its connection`() async throws {
    let stuck = Lock(false)
    let world = try ProxyWorld { exchange in
      exchange.begin()
      @Sendable func send() {
        exchange.say("line\n").whenComplete { result in
          if case .failure = result { stuck.withLock { $0 = true } } else { send() }
        }
      }
      send()
    }
    let pipe = KubePipe(toolbox: world.toolbox)
    struct Enough: Error {}
    await #expect(throws: Enough.self) { try await pipe.stream(Self.pods + "?watch=1") { _ in throw Enough() } }
    #expect(try await eventually { stuck.withLock { $0 } })
    let task = Task { try await pipe.stream(Self.pods + "?watch=1") { _ in } }
    task.cancel()
    await #expect(throws: CancellationError.self) { try await task.value }
    await pipe.close()
  }
}
