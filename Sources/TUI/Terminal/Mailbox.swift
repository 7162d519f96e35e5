import Basics
import Synchronization

#if canImport(Darwin)
import Darwin
#else
import Glibc
#endif

/// Messages from other threads to the screen's thread, which is woken by a byte in a pipe.
///
/// Whether the pipe needs a byte depends on whether messages are waiting. So reading the byte and taking the messages
/// must be a single step: `take` is the only place that reads the pipe.
package final class Mailbox<Message: Sendable>: Sendable {
  /// What had arrived when it was taken.
  package struct Post: Sendable {
    /// The numbers of the signals received, in order.
    package var signals: [Int32] = []
    package var messages: [Message] = []
  }

  private let waiting = Lock<[Message]>([])
  private let reader: Int32
  /// Signal handlers write to it too, with the signal's number.
  package let writer: Int32

  /// Creates an empty mailbox; nil if the system has no more descriptors.
  package init?() {
    var ends: [Int32] = [-1, -1]
    guard pipe(&ends) == 0 else { return nil }
    for end in ends {
      _ = fcntl(end, F_SETFD, FD_CLOEXEC)
      _ = fcntl(end, F_SETFL, fcntl(end, F_GETFL) | O_NONBLOCK)
    }
    (reader, writer) = (ends[0], ends[1])
  }

  deinit {
    close(reader)
    close(writer)
  }

  package func post(_ message: Message) {
    waiting.withLock { waiting in
      waiting.append(message)
      guard waiting.count == 1 else { return }
      // A full pipe wakes the thread just as well.
      var byte: UInt8 = 0
      _ = write(writer, &byte, 1)
    }
  }

  /// Takes everything that has arrived.
  package func take() -> Post {
    waiting.withLock { waiting in
      let post = Post(signals: signals(), messages: waiting)
      waiting = []
      return post
    }
  }

  /// The descriptor to `poll` while waiting.
  package var wait: pollfd { pollfd(fd: reader, events: Int16(POLLIN), revents: 0) }

  /// Empties the pipe. Call with the lock held.
  private func signals() -> [Int32] {
    var signals: [Int32] = []
    withUnsafeTemporaryAllocation(byteCount: 256, alignment: 1) { buffer in
      while true {
        let count = read(reader, buffer.baseAddress, buffer.count)
        if count < 0, errno == EINTR { continue }
        guard count > 0 else { return }
        signals += buffer.prefix(count).filter { $0 != 0 }.map(Int32.init)
      }
    }
    return signals
  }
}
