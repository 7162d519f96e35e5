import Foundation
import Synchronization

#if canImport(Darwin)
import Darwin
#else
import Glibc
#endif

/// Runs a program on a pseudo-terminal, and keeps its output with timestamps.
final class TerminalProgram {
  struct Failure: Error, CustomStringConvertible { var description: String }

  struct Chunk {
    var time: UInt64
    var bytes: [UInt8]
  }

  let process: pid_t
  private let master: Int32
  private(set) var chunks: [Chunk] = []
  private(set) var total = 0
  let started: UInt64

  init(_ path: String, _ arguments: [String], environment: [String: String], columns: UInt16, rows: UInt16) throws {
    let slave: String
    #if canImport(Darwin)
    master = posix_openpt(O_RDWR | O_NOCTTY)
    guard master >= 0, grantpt(master) == 0, unlockpt(master) == 0, let name = ptsname(master) else {
      throw Failure(description: "no pseudo-terminal")
    }
    slave = String(cString: name)
    #else
    // The Glibc module's feature macros hide posix_openpt and related functions; these are the equivalent calls.
    master = open("/dev/ptmx", O_RDWR | O_NOCTTY | O_CLOEXEC)
    var (zero, index): (Int32, UInt32) = (0, 0)
    guard master >= 0, ioctl(master, 0x4004_5431, &zero) == 0, ioctl(master, 0x8004_5430, &index) == 0 else {
      throw Failure(description: "no pseudo-terminal")
    }
    slave = "/dev/pts/\(index)"
    #endif
    var size = winsize(ws_row: rows, ws_col: columns, ws_xpixel: 0, ws_ypixel: 0)
    _ = ioctl(master, UInt(TIOCSWINSZ), &size)
    _ = fcntl(master, F_SETFD, FD_CLOEXEC)
    _ = fcntl(master, F_SETFL, fcntl(master, F_GETFL) | O_NONBLOCK)
    #if canImport(Darwin)
    var actions: posix_spawn_file_actions_t?
    var attributes: posix_spawnattr_t?
    let newSession = Int16(POSIX_SPAWN_SETSID)
    #else
    var actions = posix_spawn_file_actions_t()
    var attributes = posix_spawnattr_t()
    let newSession: Int16 = 0x80
    #endif
    posix_spawn_file_actions_init(&actions)
    posix_spawnattr_init(&attributes)
    defer {
      posix_spawn_file_actions_destroy(&actions)
      posix_spawnattr_destroy(&attributes)
    }
    for target in Int32(0)..<3 { posix_spawn_file_actions_addopen(&actions, target, slave, O_RDWR, 0) }
    posix_spawnattr_setflags(&attributes, newSession)
    var list = ([path] + arguments).map { strdup($0) } + [nil]
    var variables = environment.map { strdup("\($0.key)=\($0.value)") } + [nil]
    defer { for text in list + variables { free(text) } }
    var child: pid_t = 0
    started = Clock.now()
    let failure = posix_spawn(&child, path, &actions, &attributes, &list, &variables)
    guard failure == 0 else { throw Failure(description: "\(path): \(String(cString: strerror(failure)))") }
    process = child
  }

  deinit {
    // Give it time to end its children.
    kill(process, SIGTERM)
    var status: Int32 = 0
    for _ in 0..<300 where waitpid(process, &status, WNOHANG) == 0 { usleep(10_000) }
    kill(process, SIGKILL)
    close(master)
  }

  /// Reads output until the condition is true or the time is over.
  ///
  /// - Returns: whether the condition became true.
  @discardableResult
  func read(seconds: Double, until isSo: (Chunk) -> Bool = { _ in false }) -> Bool {
    let end = Clock.now() + UInt64(seconds * 1e9)
    var buffer = [UInt8](repeating: 0, count: 1 << 16)
    while true {
      let now = Clock.now()
      guard now < end else { return false }
      var wait = pollfd(fd: master, events: Int16(POLLIN), revents: 0)
      guard poll(&wait, 1, Int32((end - now) / 1_000_000) + 1) > 0 else { continue }
      #if canImport(Darwin)
      let count = Darwin.read(master, &buffer, buffer.count)
      #else
      let count = Glibc.read(master, &buffer, buffer.count)
      #endif
      guard count > 0 else { return false }
      let chunk = Chunk(time: Clock.now(), bytes: Array(buffer[..<count]))
      total += count
      chunks.append(chunk)
      if isSo(chunk) { return true }
    }
  }

  /// Waits until a text has been written since the last `forget`.
  ///
  /// - Returns: the time at which it was received.
  func wait(for text: String, seconds: Double) throws -> UInt64 {
    let wanted = Array(text.utf8)
    var tail: [UInt8] = []
    var time: UInt64 = 0
    let found = read(seconds: seconds) { chunk in
      tail = tail.suffix(wanted.count) + chunk.bytes
      time = chunk.time
      return contains(tail, wanted)
    }
    guard found else { throw Failure(description: "\"\(text)\" did not come within \(seconds) s") }
    return time
  }

  func forget() {
    chunks = []
    total = 0
  }

  func type(_ text: String) {
    let bytes = Array(text.utf8)
    _ = bytes.withUnsafeBytes { buffer in
      #if canImport(Darwin)
      Darwin.write(master, buffer.baseAddress, buffer.count)
      #else
      Glibc.write(master, buffer.baseAddress, buffer.count)
      #endif
    }
  }

  /// Types a key and waits for the first response.
  ///
  /// - Returns: the milliseconds until it was received; nil if there was none.
  func answer(to key: String, within seconds: Double = 1) -> Double? {
    let start = Clock.now()
    type(key)
    var time: UInt64 = 0
    let came = read(seconds: seconds) { chunk in
      time = chunk.time
      return true
    }
    return came ? Double(time - start) / 1e6 : nil
  }

  /// Quits with the q key.
  ///
  /// - Returns: the number of its child processes that are still running.
  func quit() -> Int {
    let children = ProcessCost.children(of: process)
    type("q")
    read(seconds: 2)
    return children.filter { ProcessCost.isAlive($0) }.count
  }
}

/// Whether `bytes` contains `wanted`.
func contains(_ bytes: [UInt8], _ wanted: [UInt8]) -> Bool {
  guard let first = wanted.first, bytes.count >= wanted.count else { return false }
  return bytes.withUnsafeBufferPointer { bytes in
    (0...(bytes.count - wanted.count)).contains { start in
      bytes[start] == first && wanted.indices.allSatisfy { bytes[start + $0] == wanted[$0] }
    }
  }
}

/// A percentile, for example the median.
func percentile(_ values: [Double], _ share: Double) -> Double {
  guard !values.isEmpty else { return .nan }
  let sorted = values.sorted()
  return sorted[min(sorted.count - 1, Int(Double(sorted.count) * share))]
}
