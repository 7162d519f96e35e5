import Foundation
import Synchronization
import TestSupport
import Testing
import ToolsTestSupport

@testable import Basics
@testable import Tools

/// Consumers that are slower than their child, or delay each other.
@Suite(.serialized) struct SlowConsumerTests {
  let runner = SystemToolRunner()

  @Test func `what an ended child left in the pipe is still read by a slow consumer`() async throws {
    // It times out while the consumer waits, but only after the child has exited, for which a busy computer needs more
    // time.
    for seconds in [0.5, 5, 50] {
      let received = Lock(0)
      // At least as much as memory and pipe can hold: the child can exit while the last part is in the pipe.
      let result = try await runner.stream(shell("head -c 327000 /dev/zero", timeout: .seconds(seconds))) { chunk in
        let isFirst = received.withLock { total in
          defer { total += chunk.count }
          return total == 0
        }
        if isFirst { try await Task.sleep(for: .seconds(seconds + 0.2)) }
      }
      if result.exit == .timedOut, seconds < 50 { continue }
      #expect(received.withLock { $0 } == 327_000)
      #expect(result.exit == .code(0))
      return
    }
  }

  @Test func `a listener that blocks holds up nobody else`() async throws {
    let isReleased = DispatchSemaphore(value: 0)
    let hasBegun = Lock(false)
    let blocked = Task {
      try await runner.run(shell("echo first >&2; echo second >&2")) { _ in
        let isFirst = hasBegun.withLock { hasBegun in
          defer { hasBegun = true }
          return !hasBegun
        }
        if isFirst { isReleased.wait() }
      }
    }
    #expect(try await eventually { hasBegun.withLock { $0 } })
    // Time-outs and other children continue meanwhile.
    let other = try await runner.run(shell("sleep 300", timeout: .milliseconds(50)))
    #expect(other.exit == .timedOut)
    isReleased.signal()
    #expect(try await blocked.value.exit == .code(0))
  }

  @Test func `every line of a chatty child is heard though only the end is kept`() async throws {
    let count = Lock((output: 0, error: 0))
    let script = "i=0; while [ $i -lt 20000 ]; do echo line $i >&2; i=$((i+1)); done; seq 1 20000"
    let result = try await runner.run(shell(script)) { line in
      count.withLock { if line.stream == .error { $0.error += 1 } else { $0.output += 1 } }
    }
    #expect(count.withLock { $0 } == (20000, 20000))
    #expect(result.errorOutput.count <= 16 << 10)
    #expect(result.errorText.hasSuffix("line 19999\n"))
  }

  @Test func `standard error is held back too while somebody listens`() async throws {
    let folder = try TemporaryFolder()
    let marker = folder.url.appendingPathComponent("marker")
    let heard = Lock(0)
    // Lines of 1 kB, 4 MB in total.
    let script = "head -c 4096000 /dev/zero | tr '\\0' x | fold -w 1023 >&2; echo > \(marker.path)"
    _ = try await runner.run(shell(script)) { line in
      let isFirst = heard.withLock { heard in
        defer { heard += 1 }
        return heard == 0
      }
      // Far more time than writing 4 MB would take if the child were not blocked.
      if isFirst {
        usleep(300_000)
        #expect(!FileManager.default.fileExists(atPath: marker.path))
      }
    }
    #expect(heard.withLock { $0 } > 4000)
    #expect(FileManager.default.fileExists(atPath: marker.path))
  }

  @Test func `streams side by side each get their own`() async throws {
    try await withThrowingTaskGroup(of: Void.self) { group in
      for index in 0..<8 {
        group.addTask {
          let text = Lock("")
          let result = try await runner.stream(shell("i=0; while [ $i -lt 500 ]; do echo \(index); i=$((i+1)); done")) {
            chunk in text.withLock { $0 += String(decoding: chunk, as: UTF8.self) }
          }
          #expect(result.exit == .code(0))
          #expect(text.withLock { $0 } == String(repeating: "\(index)\n", count: 500))
        }
      }
      try await group.waitForAll()
    }
  }

  @Test func `a consumer may be cancelled while the ended childs output waits`() async throws {
    let hasBegun = Lock(false)
    let task = Task {
      try await runner.stream(shell("head -c 380000 /dev/zero")) { _ in
        hasBegun.withLock { $0 = true }
        try await Task.sleep(for: .seconds(300))
      }
    }
    #expect(try await eventually { hasBegun.withLock { $0 } })
    task.cancel()
    await #expect(throws: CancellationError.self) { try await task.value }
  }
}
