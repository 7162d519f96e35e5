import Foundation
import Synchronization
import TestSupport
import Testing
import ToolsTestSupport

@testable import Basics
@testable import Tools

/// Children that misbehave like real programs.
@Suite(.serialized) struct SystemToolRunnerTests {
  let runner = SystemToolRunner()

  func shell(
    _ script: String, input: [UInt8]? = nil, timeout: Duration? = .seconds(60), grace: Duration = .milliseconds(300),
    limit: Int = 64 << 20
  ) -> ToolCall {
    ToolCall(
      "/bin/sh", ["-c", script], environment: ["PATH": "/usr/bin:/bin"], input: input, timeout: timeout,
      gracePeriod: grace, outputLimit: limit)
  }

  @Test func `collects both streams and the status`() async throws {
    let result = try await runner.run(shell("echo out; echo err >&2; exit 3"))
    #expect(result.exit == .code(3))
    #expect(result.outputText == "out\n")
    #expect(result.errorText == "err\n")
    #expect(!result.outputWasCut)
  }

  @Test func `hands on each line as it comes`() async throws {
    let lines = Lock<[ToolLine]>([])
    _ = try await runner.run(shell("printf 'one\\r\\ntwo'; printf 'three\\n' >&2")) { line in
      lines.withLock { $0.append(line) }
    }
    let heard = lines.withLock { $0 }
    #expect(heard.filter { $0.stream == .output }.map(\.text) == ["one", "two"])
    #expect(heard.filter { $0.stream == .error }.map(\.text) == ["three"])
  }

  @Test func `gives the child its input`() async throws {
    let input = [UInt8](repeating: UInt8(ascii: "x"), count: 1 << 20)
    let result = try await runner.run(shell("wc -c", input: input))
    #expect(result.outputText.trimmingCharacters(in: .whitespaces).hasPrefix("1048576"))
  }

  @Test func `a child that does not read its input is no problem`() async throws {
    let input = [UInt8](repeating: 0, count: 4 << 20)
    let result = try await runner.run(shell("exec <&-; echo done; exit 4", input: input))
    #expect(result.exit == .code(4))
    #expect(result.outputText == "done\n")
  }

  @Test func `without input it reads nothing`() async throws {
    #expect(try await runner.run(shell("cat; echo end")).outputText == "end\n")
  }

  @Test func `only the given environment is seen`() async throws {
    try #require(getenv("PATH") != nil)
    let result = try await runner.run(ToolCall("/usr/bin/env", [], environment: ["A": "b"]))
    #expect(result.outputText == "A=b\n")
  }

  @Test func `a signal is told`() async throws {
    #expect(try await runner.run(shell("kill -USR1 $$")).exit == .signal(SIGUSR1))
  }

  @Test func `much output arrives whole`() async throws {
    let result = try await runner.run(shell("head -c 50000000 /dev/zero"))
    #expect(result.output.count == 50_000_000)
    #expect(result.exit == .code(0))
  }

  @Test func `endless output is cut and the child stopped`() async throws {
    let result = try await runner.run(shell("while :; do echo yyyyyyyyyyyyyyyyyyyyyyyyyyyyy; done", limit: 100_000))
    #expect(result.outputWasCut)
    #expect(result.output.count == 100_000)
    #expect(result.exit == .signal(SIGTERM))
  }

  @Test func `standard error keeps its end`() async throws {
    let result = try await runner.run(shell("head -c 1000000 /dev/zero >&2; echo last >&2; exit 1"))
    #expect(result.errorOutput.count <= 16 << 10)
    #expect(result.errorText.hasSuffix("last\n"))
  }

  @Test func `time out ends the whole group`() async throws {
    let script = "trap '' TERM; (trap '' TERM; sleep 300) & echo $! ; echo $$; sleep 300"
    var pids: [Int32] = []
    // Long enough for the shell to have started.
    for timeout in [0.3, 3, 30] where pids.count < 2 {
      let result = try await runner.run(shell(script, timeout: .seconds(timeout)))
      #expect(result.exit == .timedOut)
      pids = result.outputText.split(separator: "\n").compactMap { Int32($0) }
    }
    #expect(pids.count == 2)
    for pid in pids { #expect(try await eventually { !isAlive(pid) }) }
  }

  @Test func `members that outlive the leader are killed`() async throws {
    let result = try await runner.run(shell("(trap '' TERM HUP; sleep 300) & echo $!; exit 0"))
    #expect(result.exit == .code(0))
    let pid = try #require(Int32(result.outputText.trimmingCharacters(in: .whitespacesAndNewlines)))
    #expect(try await eventually { !isAlive(pid) })
  }

  @Test func `a pipe held by an escaped grandchild is not waited for`() async throws {
    let result = try await runner.run(shell("setsid sleep 300 & echo $!; exit 0"))
    #expect(result.exit == .code(0))
    if let pid = Int32(result.outputText.trimmingCharacters(in: .whitespacesAndNewlines)) { kill(pid, SIGKILL) }
  }

  @Test func `an escaped grandchild that floods the pipe is left behind`() async throws {
    let result = try await runner.run(shell("setsid yes & echo $! >&2; sleep 0.1; exit 5", limit: 1 << 30))
    #expect(result.exit == .code(5))
    if let pid = Int32(result.errorText.trimmingCharacters(in: .whitespacesAndNewlines)) { kill(pid, SIGKILL) }
  }

  @Test func `cancellation ends the tree and throws`() async throws {
    let pids = Lock<[Int32]>([])
    let call = shell("trap '' TERM; (trap '' TERM; sleep 300) & echo $!; echo $$; sleep 300")
    let task = Task {
      try await runner.run(call) { line in
        if let pid = Int32(line.text) { pids.withLock { $0.append(pid) } }
      }
    }
    #expect(try await eventually { pids.withLock { $0.count } == 2 })
    task.cancel()
    await #expect(throws: CancellationError.self) { try await task.value }
    for pid in pids.withLock({ $0 }) { #expect(!isAlive(pid)) }
  }

  @Test func `what is cancelled before it starts ends too`() async throws {
    let call = shell("sleep 300")
    let task = Task {
      withUnsafeCurrentTask { $0?.cancel() }
      return try await runner.run(call)
    }
    await #expect(throws: CancellationError.self) { try await task.value }
  }

  @Test func `a missing program is named`() async throws {
    await #expect {
      try await runner.run(ToolCall("/nonexistent/helm", [], environment: [:]))
    } throws: { error in
      guard let error = error as? EngineError else { return false }
      return error.kind == .toolMissing && error.what.contains("/nonexistent/helm") && error.why != nil
    }
  }

  @Test func `a slow consumer holds the child`() async throws {
    let received = Lock(0)
    let folder = try TemporaryFolder()
    let written = folder.url.appendingPathComponent("written")
    let call = shell("head -c 8000000 /dev/zero; echo all > \(written.path)")
    let result = try await runner.stream(call) { chunk in
      let isFirst = received.withLock { total in
        defer { total += chunk.count }
        return total == 0
      }
      if isFirst {
        // Far more time than writing 8 MB would take if the child were not blocked.
        try await Task.sleep(for: .milliseconds(300))
        #expect(!FileManager.default.fileExists(atPath: written.path))
      }
    }
    #expect(result.exit == .code(0))
    #expect(received.withLock { $0 } == 8_000_000)
  }

  @Test func `a consumer that throws ends the child`() async throws {
    struct Enough: Error {}
    let pid = Lock<Int32>(0)
    await #expect(throws: Enough.self) {
      try await runner.stream(shell("echo $$; while :; do echo more; done")) { chunk in
        let text = String(decoding: chunk, as: UTF8.self)
        pid.withLock { $0 = Int32(text.split(separator: "\n").first ?? "") ?? 0 }
        throw Enough()
      }
    }
    #expect(pid.withLock { $0 } > 0)
    #expect(!isAlive(pid.withLock { $0 }))
  }

  #if compiler(>=6.2)
  /// In its own process, so that files opened by other tests are not counted.
  @Test func `many children leave nothing behind`() async throws {
    await #expect(processExitsWith: .success) {
      let runner = SystemToolRunner()
      func shell(_ script: String) -> ToolCall {
        ToolCall("/bin/sh", ["-c", script], environment: ["PATH": "/usr/bin:/bin"])
      }
      _ = try await runner.run(shell("true"))
      let before = openDescriptors()
      for _ in 0..<10 {
        try await withThrowingTaskGroup(of: Void.self) { group in
          for index in 0..<10 {
            group.addTask {
              let result = try await runner.run(shell("echo \(index); exit \(index)"))
              #expect(result.exit == .code(Int32(index)))
              #expect(result.outputText == "\(index)\n")
            }
          }
          try await group.waitForAll()
        }
      }
      #expect(openDescriptors() <= before + 2)
      #if os(Linux)
      let tasks = try FileManager.default.contentsOfDirectory(atPath: "/proc/self/task")
      let children = tasks.compactMap { try? String(contentsOfFile: "/proc/self/task/\($0)/children", encoding: .utf8) }
      #expect(children.flatMap { $0.split(separator: " ") }.count <= 1, "\(children)")
      #endif
    }
  }
  #endif

  @Test func `children inherit no descriptors`() async throws {
    #if os(Linux)
    let streaming = Task { try await runner.run(shell("sleep 0.5")) }
    let result = try await runner.run(shell("ls /proc/self/fd"))
    #expect(result.outputText.split(separator: "\n").count <= 4)
    _ = try await streaming.value
    #endif
  }
}

/// The number of open descriptors of this process.
private func openDescriptors() -> Int {
  #if os(Linux)
  return (try? FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd").count) ?? 0
  #else
  return (0..<256).filter { fcntl(Int32($0), F_GETFD) >= 0 }.count
  #endif
}
