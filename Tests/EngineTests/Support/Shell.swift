import Foundation

@testable import Engine

/// A shell script as a tool call.
func shell(
  _ script: String, input: [UInt8]? = nil, timeout: Duration? = .seconds(60), grace: Duration = .milliseconds(300),
  limit: Int = 64 << 20
) -> ToolCall {
  ToolCall(
    "/bin/sh", ["-c", script], environment: ["PATH": "/usr/bin:/bin"], input: input, timeout: timeout,
    gracePeriod: grace, outputLimit: limit)
}

/// Waits for a condition, at most some seconds.
func eventually(_ condition: () throws -> Bool) async throws -> Bool {
  for _ in 0..<1000 {
    if try condition() { return true }
    try await Task.sleep(for: .milliseconds(10))
  }
  return try condition()
}

/// Whether a process of this id exists and is no zombie.
func isAlive(_ pid: Int32) -> Bool {
  guard kill(pid, 0) == 0 else { return false }
  #if os(Linux)
  guard let stat = try? String(contentsOfFile: "/proc/\(pid)/stat", encoding: .utf8) else { return false }
  return !stat.contains(") Z ")
  #else
  return true
  #endif
}
