import Foundation

/// Waits for a condition, at most some seconds.
public func eventually(_ condition: () throws -> Bool) async throws -> Bool {
  for _ in 0..<1000 {
    if try condition() { return true }
    try await Task.sleep(for: .milliseconds(10))
  }
  return try condition()
}

/// Whether a process of this id exists and is no zombie.
public func isAlive(_ pid: Int32) -> Bool {
  guard kill(pid, 0) == 0 else { return false }
  #if os(Linux)
  guard let stat = try? String(contentsOfFile: "/proc/\(pid)/stat", encoding: .utf8) else { return false }
  return !stat.contains(") Z ")
  #else
  return true
  #endif
}
