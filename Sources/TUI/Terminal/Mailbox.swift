import Synchronization

#if canImport(Darwin)
import Darwin
#else
import Glibc
#endif

/// Messages for the thread of the screen, from any other. A byte in a pipe wakes it.
final class Mailbox<Message: Sendable>: Sendable {
  private let waiting = Mutex<[Message]>([])
  /// Readable when there is something.
  let reader: Int32
  /// Also written to by signal handlers, with the signal's number.
  let writer: Int32

  /// Makes an empty one; nil when the system has no more descriptors.
  init?() {
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

  /// Hands over a message.
  func post(_ message: Message) {
    let isFirst = waiting.withLock { waiting in
      waiting.append(message)
      return waiting.count == 1
    }
    guard isFirst else { return }
    var byte: UInt8 = 0
    _ = write(writer, &byte, 1)
  }

  /// Takes all there are.
  func take() -> [Message] {
    waiting.withLock { waiting in
      defer { waiting = [] }
      return waiting
    }
  }
}
