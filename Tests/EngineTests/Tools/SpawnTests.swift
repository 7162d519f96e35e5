import Foundation
import Synchronization
import TestSupport
import Testing
import ToolsTestSupport

@testable import Basics
@testable import Tools

/// How children are started, and when they are not.
@Suite(.serialized) struct SpawnTests {
  let runner = SystemToolRunner()

  private func failure(_ call: ToolCall) async -> EngineError? {
    do {
      _ = try await runner.run(call)
      return nil
    } catch { return error as? EngineError }
  }

  @Test func `a file that is not executable is named with the remedy`() async throws {
    let folder = try TemporaryFolder()
    let file = try folder.write("#!/bin/sh\n", to: "helm")
    let error = try #require(await failure(ToolCall(file, [], environment: [:])))
    #expect(error.kind == .toolMissing)
    #expect(error.what.contains(file))
    #expect(error.why == "Permission denied")
    #expect(error.fix?.contains("chmod +x") == true)
  }

  @Test func `a missing interpreter is not taken for a missing file`() async throws {
    let folder = try TemporaryFolder()
    let file = try folder.write("#!/nonexistent/interpreter\n", to: "kind", mode: 0o755)
    let error = try #require(await failure(ToolCall(file, [], environment: [:])))
    #expect(error.kind == .toolMissing)
    #expect(error.why?.contains("interpreter") == true)
  }

  @Test func `arguments the system cannot take are refused`() async throws {
    let cut = try #require(await failure(ToolCall("/bin/echo", ["a\0b"], environment: [:])))
    #expect(cut.kind == .invalid)
    let long = try #require(
      await failure(ToolCall("/bin/echo", [String(repeating: "x", count: 8 << 20)], environment: [:])))
    #expect(long.kind == .failed)
    #expect(!long.description.contains("xxxx"))
  }

  @Test func `what is cancelled already is never begun`() async throws {
    let folder = try TemporaryFolder()
    let marker = "\(folder.path)/began"
    let task = Task {
      withUnsafeCurrentTask { $0?.cancel() }
      return try await runner.run(shell("echo > \(marker)"))
    }
    await #expect(throws: CancellationError.self) { try await task.value }
    #expect(!FileManager.default.fileExists(atPath: marker))
  }

  @Test func `cancellation while the input waits to be read`() async throws {
    let pid = Lock<Int32>(0)
    let task = Task {
      try await runner.run(shell("echo $$; exec sleep 300", input: [UInt8](repeating: 0, count: 4 << 20))) { line in
        pid.withLock { $0 = Int32(line.text) ?? 0 }
      }
    }
    #expect(try await eventually { pid.withLock { $0 > 0 } })
    task.cancel()
    await #expect(throws: CancellationError.self) { try await task.value }
    #expect(!isAlive(pid.withLock { $0 }))
  }

  @Test func `cancellation while the child floods`() async throws {
    let pid = Lock<Int32>(0)
    let task = Task {
      try await runner.stream(shell("trap '' TERM; echo $$; while :; do echo more; done")) { chunk in
        pid.withLock { if $0 == 0 { $0 = Int32(String(decoding: chunk, as: UTF8.self).prefix { $0.isNumber }) ?? -1 } }
      }
    }
    #expect(try await eventually { pid.withLock { $0 > 0 } })
    task.cancel()
    await #expect(throws: CancellationError.self) { try await task.value }
    #expect(!isAlive(pid.withLock { $0 }))
  }

  @Test func `a time beyond all measure is no time at all to wait for`() async throws {
    let result = try await runner.run(
      shell("exit 7", timeout: .seconds(Int64.max), grace: .seconds(Int64.max)))
    #expect(result.exit == .code(7))
  }

  @Test func `a child that closes its output and goes on is waited for`() async throws {
    #expect(try await runner.run(shell("exec >&- 2>&-; sleep 0.2; exit 6")).exit == .code(6))
    let call = shell("exec >&- 2>&-; sleep 300", timeout: .milliseconds(100))
    #expect(try await runner.run(call).exit == .timedOut)
  }

  @Test func `children have default signals and lead their group`() async throws {
    // This program ignores SIGPIPE; a child that inherited this would keep writing to closed pipes.
    #expect(try await runner.run(shell("kill -PIPE $$; echo survived")).exit == .signal(SIGPIPE))
    let result = try await runner.run(shell("echo $$; ps -o pgid= -p $$ || cut -d' ' -f5 /proc/$$/stat"))
    let numbers = result.outputText.split(whereSeparator: \.isWhitespace)
    #expect(numbers.count == 2)
    #expect(numbers.first == numbers.last)
  }

  @Test func `a hundred at once leave nothing behind`() async throws {
    try await withThrowingTaskGroup(of: Void.self) { group in
      for index in 0..<100 {
        group.addTask {
          let input = Array("\(index)".utf8)
          let result = try await runner.run(shell("cat; exit \(index)", input: input))
          #expect(result.output == input)
          #expect(result.exit == .code(Int32(index)))
        }
      }
      try await group.waitForAll()
    }
  }

  @Test func `pipes never take the place of the standard descriptors`() throws {
    let (reader, writer) = try FilePipe.make()
    defer {
      close(reader)
      close(writer)
    }
    #expect(reader > 2)
    #expect(writer > 2)
    for end in [reader, writer] { #expect(fcntl(end, F_GETFD) & FD_CLOEXEC != 0) }
  }
}
