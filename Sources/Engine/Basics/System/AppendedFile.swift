#if canImport(Darwin)
import Darwin
#else
import Glibc
#endif

/// A file that lines are added to, for its owner alone. Several programs may add to one: each line is one write.
package final class AppendedFile: Sendable {
  private let descriptor: Int32

  /// Opens a file, or makes it.
  ///
  /// - Throws: `FileIO.Failure`; also for a symbolic link, somebody else's file and everything that is not a regular
  ///   file: a terminal would be written over, and a pipe can stop its writer.
  package init(_ path: String) throws(FileIO.Failure) {
    descriptor = open(
      path, O_RDWR | O_APPEND | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY, 0o600)
    guard descriptor >= 0 else {
      switch errno {
      case ELOOP: throw FileIO.Failure(operation: "open", code: ELOOP, explanation: "it is a symbolic link")
      case ENXIO: throw FileIO.Failure(operation: "open", code: ENXIO, explanation: "it is not a regular file")
      default: throw FileIO.Failure(operation: "open", code: errno)
      }
    }
    if let problem = Self.problem(descriptor) {
      close(descriptor)
      throw problem
    }
  }

  private static func problem(_ descriptor: Int32) -> FileIO.Failure? {
    if let kind = FileIO.specialKind(descriptor) {
      return FileIO.Failure(operation: "open", code: EINVAL, explanation: "it is \(kind), not a regular file")
    }
    var info = stat()
    guard fstat(descriptor, &info) == 0 else { return FileIO.Failure(operation: "open", code: errno) }
    guard info.st_uid == geteuid() else {
      return FileIO.Failure(operation: "open", code: EPERM, explanation: "it belongs to another user")
    }
    guard info.st_mode & 0o077 == 0 || fchmod(descriptor, 0o600) == 0 else {
      return FileIO.Failure(operation: "chmod", code: errno)
    }
    // A line that a full disk cut short must not become one with the next.
    var last: UInt8 = 0
    if info.st_size > 0, pread(descriptor, &last, 1, info.st_size - 1) == 1, last != 0x0A {
      _ = write(descriptor, "\n", 1)
    }
    return nil
  }

  deinit { close(descriptor) }

  /// Adds a line, whole or not at all as far as the system can say.
  ///
  /// - Returns: the `errno` of why it was not written; 0 when it was.
  package func add(_ line: String) -> Int32 {
    let bytes = Array((line + "\n").utf8)
    while true {
      let count = bytes.withUnsafeBytes { write(descriptor, $0.baseAddress, $0.count) }
      if count == bytes.count { return 0 }
      if count < 0, errno == EINTR { continue }
      // Half a line is written where the disk has just filled up.
      return count < 0 ? errno : ENOSPC
    }
  }
}
