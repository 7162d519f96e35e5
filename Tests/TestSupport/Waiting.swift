import Foundation

/// How long a test waits for a condition, in seconds: much longer than the slowest computer needs, because only a
/// failing test waits that long.
public let testPatience = 180.0

/// Waits for a condition; false if it is not true within `testPatience`.
public func eventually(_ condition: () async throws -> Bool) async throws -> Bool {
  let end = Date().addingTimeInterval(testPatience)
  while Date() < end {
    if try await condition() { return true }
    try await Task.sleep(for: .milliseconds(10))
  }
  return try await condition()
}

/// Whether a process with this id exists and is not a zombie.
public func isAlive(_ pid: Int32) -> Bool {
  guard kill(pid, 0) == 0 else { return false }
  #if os(Linux)
  guard let stat = try? String(contentsOfFile: "/proc/\(pid)/stat", encoding: .utf8) else { return false }
  return !stat.contains(") Z ")
  #else
  return true
  #endif
}
