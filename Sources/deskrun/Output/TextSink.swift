import Basics
import Synchronization

#if canImport(Darwin)
import Darwin
#else
import Glibc
#endif

/// Writing is no longer possible: nobody reads anymore, or the system rejects it. Only thrown for data; unread
/// messages are dropped.
package struct StreamClosed: Error {
  /// The `errno` of the write; `EPIPE` if the reader is gone.
  package var code: Int32 = EPIPE
}

/// A destination for text.
package protocol TextSink: Sendable {
  /// Writes all of it.
  func write(_ text: PrintableText) throws(StreamClosed)
  /// Writes another program's bytes unchanged: for files and pipes, never for a terminal.
  func write(bytes: [UInt8]) throws(StreamClosed)
}

/// A descriptor, written to without buffering: each call is a single write if possible.
package struct DescriptorSink: TextSink {
  package let descriptor: Int32

  package init(descriptor: Int32) {
    self.descriptor = descriptor
  }

  package func write(_ text: PrintableText) throws(StreamClosed) {
    var text = text.raw
    if let failure = text.withUTF8({ all($0) }) { throw StreamClosed(code: failure) }
  }

  package func write(bytes: [UInt8]) throws(StreamClosed) {
    if let failure = bytes.withUnsafeBufferPointer({ all($0) }) { throw StreamClosed(code: failure) }
  }

  /// - Returns: the `errno` of a failed write.
  private func all(_ bytes: UnsafeBufferPointer<UInt8>) -> Int32? {
    var at = 0
    while at < bytes.count {
      let count = systemWrite(descriptor, bytes.baseAddress.map { $0 + at }, bytes.count - at)
      if count > 0 {
        at += count
      } else if errno == EAGAIN || errno == EWOULDBLOCK {
        // Another process made the shared terminal non-blocking; wait until it accepts more.
        var wait = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
        _ = poll(&wait, 1, -1)
      } else if errno != EINTR {
        return errno
      }
    }
    return nil
  }
}

private func systemWrite(_ descriptor: Int32, _ bytes: UnsafePointer<UInt8>?, _ count: Int) -> Int {
  write(descriptor, bytes, count)
}

/// Stores the text in memory.
final class MemorySink: TextSink {
  private let kept = Lock("")

  /// All that was written.
  package var text: String { kept.withLock { $0 } }

  package func write(_ text: PrintableText) { kept.withLock { $0 += text.raw } }

  package func write(bytes: [UInt8]) { kept.withLock { $0 += String(decoding: bytes, as: UTF8.self) } }
}
