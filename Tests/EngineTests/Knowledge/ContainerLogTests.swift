import Synchronization
import TestSupport
import Testing

@testable import ARC
@testable import Basics
@testable import Knowledge
@testable import Kubernetes
@testable import Tools

/// The log of one container with interrupted streams, and many at once.
@Suite(.timeLimit(.minutes(20))) struct ContainerLogTests {
  private static let lines = (0..<6).map { "2026-11-24T12:00:0\($0)Z line \($0)" }

  private func log(_ api: LogAPI) -> ContainerLog {
    ContainerLog(
      api: api, LogRequest(pod: "r", namespace: "n", container: "runner"),
      backoff: Backoff(first: .milliseconds(1), limit: .milliseconds(5)))
  }

  @Test func `a stream that breaks is taken up where it broke`() async throws {
    let api = LogAPI()
    api.say(Self.lines)
    api.breakNext(after: 2, EngineError(.unreachable, "cut"))
    api.breakNext(after: 3, nil)
    let heard = Lock<[String]>([])
    let errors = Lock(0)
    try await log(api).follow { lines in
      heard.withLock { $0 += lines.map { String(decoding: $0, as: UTF8.self) } }
      if heard.withLock({ $0.count }) == Self.lines.count { api.end() }
    } goesOn: { error, _ in
      if error != nil { errors.withLock { $0 += 1 } }
      return heard.withLock { $0.count } < Self.lines.count
    }
    #expect(heard.withLock { $0 } == Self.lines)
    #expect(errors.withLock { $0 } == 1)
    #expect(api.streams == 3)
  }

  @Test func `whoever follows decides whether a failure ends it`() async throws {
    let api = LogAPI()
    api.breakNext(after: 0, EngineError(.notFound, "gone"))
    api.say(Self.lines)
    let hasHeard = Lock<Bool?>(nil)
    await #expect(throws: EngineError.self) {
      try await log(api).follow { _ in
      } goesOn: { error, heard in
        hasHeard.withLock { $0 = heard }
        if let error { throw error }
        return true
      }
    }
    #expect(hasHeard.withLock { $0 } == false)
  }

  /// As many as permitted are followed concurrently, and no more.
  @Test func `the logs of two hundred runners are kept`() async throws {
    let (api, folder) = (LogAPI(), try TemporaryFolder())
    api.say(["2026-11-24T12:00:00Z line"])
    let archive = LogArchive(folder: folder.path)
    let recorder = LogRecorder(api: api, archive: archive) { _, _ in }
    recorder.record(busy: (0..<250).map { LogRecorder.Target(runner: "r-\($0)", scaleSet: "web") })
    #expect(try await eventually { archive.entries().filter { $0.size > 0 }.count == 200 })
    #expect(api.streams == 200)
    await recorder.stop()
  }
}
