#if canImport(Darwin)
import Darwin
#else
import Glibc
#endif

/// The streams of a simulated tool: those of its process, or replacements if it runs within another process.
struct DemoStreams {
  /// Writes bytes to standard output (1) or standard error (2).
  var put: (_ bytes: [UInt8], _ descriptor: Int32) -> Void
  /// Reads standard input to its end.
  var input: () -> [UInt8]
  /// A descriptor that reports an error or hang-up once nobody reads standard output anymore.
  var reader: Int32

  /// Writes a line with an error or progress.
  func complain(_ text: String) { put(Array((text + "\n").utf8), 2) }

  static var ofProcess: DemoStreams { DemoStreams(put: write, input: read, reader: 1) }

  /// Ends the program if nobody reads anymore, as the real tools do.
  private static func write(_ bytes: [UInt8], to descriptor: Int32) {
    var bytes = bytes[...]
    while !bytes.isEmpty {
      let count = bytes.withUnsafeBytes { systemWrite(descriptor, $0.baseAddress, $0.count) }
      if count < 0, errno == EINTR { continue }
      if count <= 0 { exit(141) }
      bytes = bytes.dropFirst(count)
    }
  }

  private static func read() -> [UInt8] {
    var bytes: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 64 << 10)
    while true {
      let count = systemRead(0, &buffer, buffer.count)
      if count < 0, errno == EINTR { continue }
      guard count > 0 else { return bytes }
      bytes.append(contentsOf: buffer[..<count])
    }
  }
}

extension DemoCall {
  /// Writes data to standard output.
  func say(_ text: String) { streams.put(Array(text.utf8), 1) }

  /// Writes a line with an error or progress.
  func complain(_ text: String) { streams.complain(text) }

  /// Reads standard input to its end.
  func input() -> [UInt8] { streams.input() }

  /// Whether the reader of standard output has gone.
  var readerIsGone: Bool {
    var descriptor = pollfd(fd: streams.reader, events: 0, revents: 0)
    return poll(&descriptor, 1, 0) > 0 && Int32(descriptor.revents) & (POLLERR | POLLHUP) != 0
  }
}

/// Waiting in real time.
enum DemoTime {
  /// Sleeps for some seconds.
  static func sleep(_ seconds: Double) {
    guard seconds > 0 else { return }
    var wait = timespec(tv_sec: Int(seconds), tv_nsec: Int((seconds - seconds.rounded(.down)) * 1e9))
    var rest = timespec()
    while nanosleep(&wait, &rest) != 0, errno == EINTR { wait = rest }
  }
}

private func systemWrite(_ descriptor: Int32, _ bytes: UnsafeRawPointer?, _ count: Int) -> Int {
  write(descriptor, bytes, count)
}

private func systemRead(_ descriptor: Int32, _ bytes: UnsafeMutablePointer<UInt8>, _ count: Int) -> Int {
  read(descriptor, bytes, count)
}
