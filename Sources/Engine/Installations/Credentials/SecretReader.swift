import Basics
import Synchronization

#if canImport(Darwin)
import Darwin
#else
import Glibc
#endif

/// Reads a secret from a file, a pipe or a FIFO, however long its writer takes, until the task is canceled.
package enum SecretReader {
  /// No token or key is longer.
  package static let limit = 1 << 20
  /// How often to check for cancellation while waiting, in milliseconds.
  private static let patience: Int32 = 100

  /// Reads until the end.
  ///
  /// - Throws: `CancellationError`, or `FileIO.Failure`, with code `EFBIG` if it is too long for a secret.
  package static func read(_ descriptor: Int32) async throws -> [UInt8] {
    let isCancelled = Flag()
    return try await withTaskCancellationHandler {
      try await withCheckedThrowingContinuation { continuation in
        // Waiting blocks, which a thread of the pool must not do.
        OwnThread.run { continuation.resume(with: Result { try readAll(descriptor, isCancelled) }) }
      }
    } onCancel: {
      isCancelled.value.store(true, ordering: .relaxed)
    }
  }

  private final class Flag: Sendable {
    package let value = Atomic(false)
  }

  private static func readAll(_ descriptor: Int32, _ isCancelled: Flag) throws -> [UInt8] {
    var bytes: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 16 << 10)
    while true {
      try wait(descriptor, isCancelled)
      #if canImport(Darwin)
      let count = Darwin.read(descriptor, &buffer, buffer.count)
      #else
      let count = Glibc.read(descriptor, &buffer, buffer.count)
      #endif
      if count < 0, errno == EINTR || errno == EAGAIN { continue }
      guard count >= 0 else { throw FileIO.Failure(operation: "read", code: errno) }
      if count == 0 { return bytes }
      bytes.append(contentsOf: buffer[..<count])
      guard bytes.count <= limit else { throw FileIO.Failure(operation: "read", code: EFBIG) }
    }
  }

  /// Reads a file. A FIFO is awaited until somebody has written to it.
  ///
  /// - Throws: as the other method, and `EngineError` for a terminal, which would echo the input.
  package static func read(file path: String) async throws -> [UInt8] {
    // Without O_NONBLOCK, opening a FIFO that nobody writes to would block and could not be canceled.
    let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY)
    guard descriptor >= 0 else { throw FileIO.Failure(operation: "open", code: errno) }
    defer { close(descriptor) }
    guard isatty(descriptor) == 0 else {
      throw EngineError(
        .invalid, "\(SafeText.line(path)) is a terminal", why: "What is typed there would be shown",
        fix: "Use --auth-value - on the command line, which hides it")
    }
    return try await read(descriptor)
  }

  private static func wait(_ descriptor: Int32, _ isCancelled: Flag) throws {
    while true {
      if isCancelled.value.load(ordering: .relaxed) { throw CancellationError() }
      var wait = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
      let count = poll(&wait, 1, patience)
      if count > 0 { return }
      guard count == 0 || errno == EINTR else { throw FileIO.Failure(operation: "poll", code: errno) }
    }
  }
}
