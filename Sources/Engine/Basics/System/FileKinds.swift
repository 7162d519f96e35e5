#if canImport(Darwin)
import Darwin
#else
import Glibc
#endif

extension FileIO {
  /// Opens a file for reading without blocking; nil if it does not exist.
  ///
  /// - Throws: `Failure` that names what it is, if it is not a regular file.
  package static func openFile(_ path: String) throws(Failure) -> Int32? {
    // Without O_NONBLOCK, opening a pipe that nobody writes to would block forever.
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

  /// What an open file is, if not a regular file.
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

/// Whether a folder is safe for settings that control clusters and for secrets.
package enum FolderSafety {
  /// Why the folder is unsafe, or nil: others could replace files in it. That others can list it does no harm, as the
  /// files themselves are readable only by their owner.
  ///
  /// - Parameter user: the user who works with it.
  package static func problem(_ path: String, user: uid_t = getuid()) -> String? {
    var info = stat()
    guard stat(path, &info) == 0 else { return nil }
    guard info.st_mode & S_IFMT == S_IFDIR else { return "\(path) is not a directory" }
    // Root may use another user's folder on purpose, as in a container.
    if info.st_uid != user, user != 0 {
      return "\(path) belongs to \(owner(info.st_uid)), who could replace the configuration"
    }
    if info.st_mode & 0o002 != 0 { return "every user of this computer can write to \(path) (\(mode(info.st_mode)))" }
    return nil
  }

  /// What is unusual but may be intended, or nil.
  package static func doubt(_ path: String) -> String? {
    var info = stat()
    guard stat(path, &info) == 0, info.st_mode & 0o020 != 0 else { return nil }
    return "the group \(info.st_gid) can write to \(path) (\(mode(info.st_mode)))"
  }

  private static func owner(_ id: uid_t) -> String { id == 0 ? "root" : "the user \(id)" }

  private static func mode(_ mode: mode_t) -> String { "mode 0" + String(mode & 0o777, radix: 8) }
}
