#if canImport(Darwin)
import Darwin
#else
import Glibc
#endif

extension FileIO {
  /// Opens a file for reading without waiting for anybody; nil when there is none.
  ///
  /// - Throws: `Failure` that says what is there when it is not a regular file.
  package static func openFile(_ path: String) throws(Failure) -> Int32? {
    // Without O_NONBLOCK, opening a pipe that nobody writes to would already take for ever.
    let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY)
    guard descriptor >= 0 else {
      if errno == ENOENT { return nil }
      // A socket cannot be opened at all.
      if errno == ENXIO { throw Failure(operation: "open", code: ENXIO, explanation: "it is not a regular file") }
      throw Failure(operation: "open", code: errno)
    }
    if let kind = specialKind(descriptor) {
      close(descriptor)
      throw Failure(operation: "open", code: EINVAL, explanation: "it is \(kind), not a regular file")
    }
    return descriptor
  }

  private static let namedPipe = "a named pipe"

  /// What an open file is when it is not a regular one.
  package static func specialKind(_ descriptor: Int32) -> String? {
    var info = stat()
    guard fstat(descriptor, &info) == 0 else { return nil }
    switch info.st_mode & S_IFMT {
    case S_IFREG: return nil
    case S_IFDIR: return "a directory"
    case S_IFIFO: return namedPipe
    case S_IFSOCK: return "a socket"
    default: return "a device"
    }
  }

}

/// Whether a folder can hold what decides over clusters and what is secret.
package enum FolderSafety {
  /// Why the folder cannot, or nil: others could replace files in it. That others may look at the names in it does no
  /// harm, as the files themselves are for their owner alone.
  ///
  /// - Parameter user: who works with it.
  package static func problem(_ path: String, user: uid_t = getuid()) -> String? {
    var info = stat()
    guard stat(path, &info) == 0 else { return nil }
    guard info.st_mode & S_IFMT == S_IFDIR else { return "\(path) is not a directory" }
    // Root may be given the folder of somebody else on purpose, as in a container.
    if info.st_uid != user, user != 0 {
      return "\(path) belongs to \(owner(info.st_uid)), who could replace the configuration"
    }
    if info.st_mode & 0o002 != 0 { return "every user of this computer can write to \(path) (\(mode(info.st_mode)))" }
    return nil
  }

  /// What is not as it should be and may still be wanted, or nil.
  package static func doubt(_ path: String) -> String? {
    var info = stat()
    guard stat(path, &info) == 0, info.st_mode & 0o020 != 0 else { return nil }
    return "the group \(info.st_gid) can write to \(path) (\(mode(info.st_mode)))"
  }

  private static func owner(_ id: uid_t) -> String { id == 0 ? "root" : "the user \(id)" }

  private static func mode(_ mode: mode_t) -> String { "mode 0" + String(mode & 0o777, radix: 8) }
}
