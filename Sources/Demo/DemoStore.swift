import Engine

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

#if canImport(Darwin)
import Darwin
#else
import Glibc
#endif

/// The file with the demo's state, shared by all simulated tools that run at the same time.
struct DemoStore {
  let folder: String

  /// The path of the file.
  var file: String { folder + "/state.json" }

  /// The current state.
  func load() -> DemoState {
    guard let bytes = try? FileIO.read(file), let state = try? JSONDecoder().decode(DemoState.self, from: Data(bytes))
    else { return DemoState() }
    return state
  }

  /// Whether the file exists.
  var exists: Bool { FileIO.exists(file) }

  /// The file's current stamp.
  var stamp: FileStamp { FileStamp(of: [file]) }

  /// When the last action changed it, in seconds since 1970; 0 without a file.
  var changedAt: Double { stamp.changedAt }

  /// Changes the state, exclusively.
  @discardableResult
  func update<R>(_ change: (inout DemoState) throws -> R) throws -> R {
    let lock = open(folder + "/state.lock", O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
    guard lock >= 0 else {
      throw EngineError(.failed, "The demo's state cannot be locked", why: String(cString: strerror(errno)))
    }
    defer { close(lock) }
    while flock(lock, LOCK_EX) != 0, errno == EINTR {}
    var state = load()
    let before = state
    state.settle(wall: Self.wallClock())
    let result = try change(&state)
    if state != before || !exists { try save(state) }
    return result
  }

  private func save(_ state: DemoState) throws {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys]
    let data = try encoder.encode(state)
    do {
      try FileIO.replace(file, with: Array(data))
    } catch {
      throw EngineError(.failed, "The demo's state cannot be written", why: error.reason, fix: "Check \(folder)")
    }
  }

  /// Seconds since 1970, with fraction.
  static func wallClock() -> Double {
    var time = timespec()
    clock_gettime(CLOCK_REALTIME, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
  }
}
