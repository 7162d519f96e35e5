#if canImport(Darwin)
import Darwin
#else
import Glibc
#endif

/// A file, accessible only to its owner, to append lines to. Several programs may do so: each line is one write.
package final class AppendedFile: Sendable {
  private let descriptor: Int32

  /// Opens or creates a file.
  ///
  /// - Throws: `FileIO.Failure`; also for a symbolic link, a file of another user, and anything but a regular file: a
  ///   terminal would be written to, and a pipe can block its writer.
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
    // A line that a full disk cut short must not run into the next one.
    var last: UInt8 = 0
    if info.st_size > 0, pread(descriptor, &last, 1, info.st_size - 1) == 1, last != 0x0A {
      _ = write(descriptor, "\n", 1)
    }
    return nil
  }

  deinit { close(descriptor) }

  /// Appends a line, in full or not at all as far as the system can guarantee it.
  ///
  /// - Returns: 0 on success, otherwise the `errno` of the failure.
  package func add(_ line: String) -> Int32 {
    let bytes = Array((line + "\n").utf8)
    while true {
      let count = bytes.withUnsafeBytes { write(descriptor, $0.baseAddress, $0.count) }
      if count == bytes.count { return 0 }
      if count < 0, errno == EINTR { continue }
      // A partial line is written when the disk has just filled up.
      return count < 0 ? errno : ENOSPC
    }
  }
}
