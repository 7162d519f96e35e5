import Foundation
import TestSupport

#if canImport(Darwin)
import Darwin
#else
import Glibc
#endif

/// A running program with pipes or a pseudo-terminal.
final class Session {
  struct Failure: Error, CustomStringConvertible {
    var description: String
  }

  let process: pid_t
  private var input: Int32
  private var streams: [(descriptor: Int32, bytes: [UInt8])]
  private let hasTerminal: Bool
  /// The path of the program's end of the terminal; empty without a terminal.
  let terminalPath: String
  private var status: Int32?

  init(
    _ path: String, _ arguments: [String], environment: [String: String], terminal: (columns: UInt16, rows: UInt16)?
  ) throws {
    // A child that exits early must not end the tests.
    signal(SIGPIPE, SIG_IGN)
    var inner: [Int32]
    var slave: String?
    if let terminal {
      let pair = try PseudoTerminal(columns: terminal.columns, rows: terminal.rows)
      slave = pair.path
      inner = []
      input = pair.master
      streams = [(pair.master, [])]
    } else {
      let pipes = try (0..<3).map { _ in try Self.pipe() }
      inner = [pipes[0].reader, pipes[1].writer, pipes[2].writer]
      input = pipes[0].writer
      streams = [(pipes[1].reader, []), (pipes[2].reader, [])]
    }
    hasTerminal = terminal != nil
    terminalPath = slave ?? ""
    process = try Spawn.run(path, arguments, environment: environment, descriptors: inner, terminal: slave)
    for descriptor in inner { close(descriptor) }
  }

  deinit {
    if status == nil {
      kill(process, SIGKILL)
      var ended: Int32 = 0
      waitpid(process, &ended, 0)
    }
    closeInput()
    for stream in streams where stream.descriptor >= 0 { close(stream.descriptor) }
  }

  /// The standard output so far, or everything shown on the terminal.
  var output: String { String(decoding: streams[0].bytes, as: UTF8.self) }
  /// The standard error so far.
  var errors: String { hasTerminal ? "" : String(decoding: streams[1].bytes, as: UTF8.self) }

  /// The output so far as bytes.
  var bytes: [UInt8] { streams[0].bytes }

  /// The terminal's settings; nil if there is none, or if it was closed.
  var terminalSettings: termios? {
    var settings = termios()
    return hasTerminal && input >= 0 && tcgetattr(input, &settings) == 0 ? settings : nil
  }

  /// Changes the terminal's size, which signals its program.
  func resize(columns: UInt16, rows: UInt16) {
    var size = winsize(ws_row: rows, ws_col: columns, ws_xpixel: 0, ws_ypixel: 0)
    _ = ioctl(input, UInt(TIOCSWINSZ), &size)
  }

  /// Closes the terminal, like its window.
  func hangUp() {
    if hasTerminal, input >= 0 { close(input) }
    input = -1
    streams[0].descriptor = -1
  }

  /// Types or pipes text in.
  func send(_ text: String) {
    var bytes = Array(text.utf8)[...]
    while !bytes.isEmpty, input >= 0 {
      let count = bytes.withUnsafeBytes { write(input, $0.baseAddress, $0.count) }
      guard count > 0 else { return }
      bytes = bytes.dropFirst(count)
    }
  }

  /// Ends standard input. A terminal stays open: end its input with ctrl-D.
  func closeInput() {
    if input >= 0, !hasTerminal { close(input) }
    input = -1
  }

  /// Reads until this text was received on either stream.
  func wait(for text: String, seconds: Double = testPatience) throws {
    let end = Date().addingTimeInterval(seconds)
    while !output.contains(text), !errors.contains(text) {
      guard readOnce(until: end) else {
        throw Failure(description: "\"\(text)\" never came; there was:\n\(output)\n\(errors)")
      }
    }
  }

  /// Reads to the end, and returns the outcome.
  func finish(seconds: Double = testPatience) -> DeskrunBinary.Outcome {
    let end = Date().addingTimeInterval(seconds)
    while readOnce(until: end) {}
    if Date() >= end { kill(process, SIGKILL) }
    var ended: Int32 = 0
    while waitpid(process, &ended, 0) < 0, errno == EINTR {}
    let signal = ended & 0x7F
    let status = signal == 0 ? (ended >> 8) & 0xFF : 128 + signal
    self.status = status
    return DeskrunBinary.Outcome(status: status, output: output, errors: errors)
  }

  /// Waits for the program's end without reading; returns the status like `finish`.
  func waitForEnd(seconds: Double = testPatience) throws -> Int32 {
    let end = Date().addingTimeInterval(seconds)
    var ended: Int32 = 0
    while waitpid(process, &ended, WNOHANG) == 0 {
      guard Date() < end else { throw Failure(description: "it did not end") }
      usleep(5000)
    }
    let signal = ended & 0x7F
    let status = signal == 0 ? (ended >> 8) & 0xFF : 128 + signal
    self.status = status
    return status
  }

  /// Reads once from each stream with data; false at the end of all streams or of the time.
  func readOnce(until end: Date) -> Bool {
    var waits = streams.map { pollfd(fd: $0.descriptor, events: Int16(POLLIN), revents: 0) }
    guard streams.contains(where: { $0.descriptor >= 0 }), end > Date() else { return false }
    let patience = min(end.timeIntervalSinceNow, 1) * 1000
    guard poll(&waits, nfds_t(waits.count), Int32(max(1, patience))) > 0 else { return true }
    for (at, wait) in waits.enumerated() where wait.revents != 0 {
      var chunk = [UInt8](repeating: 0, count: 1 << 16)
      let count = systemRead(wait.fd, &chunk, chunk.count)
      if count > 0 {
        streams[at].bytes += chunk[..<count]
      } else if count == 0 || errno != EINTR {
        // The master of a terminal returns EIO after the last process has closed it.
        close(wait.fd)
        streams[at].descriptor = -1
        if hasTerminal { input = -1 }
      }
    }
    return streams.contains { $0.descriptor >= 0 }
  }

  private static func pipe() throws -> (reader: Int32, writer: Int32) {
    var ends: [Int32] = [-1, -1]
    let isMade = Spawn.lock.withLock { _ in
      guard systemPipe(&ends) == 0 else { return false }
      for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
      return true
    }
    guard isMade else { throw Failure(description: "no pipe") }
    return (ends[0], ends[1])
  }
}

private func systemRead(_ descriptor: Int32, _ bytes: UnsafeMutablePointer<UInt8>, _ count: Int) -> Int {
  read(descriptor, bytes, count)
}

private func systemPipe(_ ends: UnsafeMutablePointer<Int32>) -> Int32 { pipe(ends) }
