import Basics
import Synchronization

#if canImport(Darwin)
import Darwin
#else
import Glibc
#endif

/// A private folder for a socket. It is deleted when this program ends; one left by a killed program is deleted by the
/// next program that creates a folder in the same place.
///
/// Everybody who can access the socket can read the cluster, so the folder has mode 0700 and an unpredictable name. Its
/// owner holds a lock in it as long as it lives: process ids are meaningless if several containers share the place.
package final class SocketFolder: Sendable {
  /// The path of the folder.
  package let path: String
  /// The path of the socket.
  package var socket: String { path + "/" + Self.socketName }

  /// Maximum length of a socket's path that all systems support, in bytes.
  static let pathLimit = 103
  static let prefix = "deskrun-pipe-"
  private static let socketName = "s"
  private static let lockName = "lock"
  private let lock: Lock<Int32?>

  private init(path: String, lock: Int32) {
    self.path = path
    self.lock = Lock(lock)
  }

  deinit { remove() }

  /// Creates a folder in the place that the environment specifies: `XDG_RUNTIME_DIR`, `TMPDIR`, otherwise `/tmp`.
  ///
  /// - Throws: `EngineError` if none of these can be used.
  package static func make(_ environment: [String: String]) throws(EngineError) -> SocketFolder {
    var problems: [String] = []
    for place in places(environment) {
      do throws(EngineError) { return try make(in: place) } catch { problems.append(error.why ?? error.what) }
    }
    throw EngineError(
      .failed, "No folder can hold the socket for kubectl proxy", why: problems.joined(separator: "; "),
      fix: "Set XDG_RUNTIME_DIR to a folder that can be written")
  }

  private static func places(_ environment: [String: String]) -> [String] {
    [environment["XDG_RUNTIME_DIR"], environment["TMPDIR"], "/tmp"].compactMap(\.self).filter { $0.hasPrefix("/") }
      .map { $0.count > 1 && $0.hasSuffix("/") ? String($0.dropLast()) : $0 }
  }

  private static func make(in place: String) throws(EngineError) -> SocketFolder {
    let name = String(UInt64.random(in: 0 ... .max), radix: 36)
    let path = "\(place)/\(prefix)\(name)"
    func failure(_ why: String) -> EngineError { EngineError(.failed, "\(path) cannot be created", why: why) }
    guard "\(path)/\(socketName)".utf8.count <= pathLimit else {
      throw failure("\(place): the path of a socket would be longer than \(pathLimit) bytes")
    }
    // It becomes visible under its name only after its lock is held.
    let unnamed = "\(place)/.\(prefix)\(name)"
    guard mkdir(unnamed, 0o700) == 0 else { throw failure("\(place): \(String(cString: strerror(errno)))") }
    let lock = open("\(unnamed)/\(lockName)", O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0o600)
    guard lock >= 0, flock(lock, LOCK_EX | LOCK_NB) == 0, rename(unnamed, path) == 0 else {
      let why = "\(place): \(String(cString: strerror(errno)))"
      if lock >= 0 { close(lock) }
      unlink("\(unnamed)/\(lockName)")
      rmdir(unnamed)
      throw failure(why)
    }
    let folder = SocketFolder(path: path, lock: lock)
    living.withLock { _ = $0.insert(path) }
    removesAtExit
    return folder
  }

  /// Deletes the folder. May be called from any thread, any number of times.
  package func remove() {
    lock.withLock { lock in
      guard let held = lock else { return }
      Self.clear(path)
      close(held)
      lock = nil
    }
    Self.living.withLock { _ = $0.remove(path) }
  }

  private static func clear(_ path: String) {
    unlink("\(path)/\(socketName)")
    unlink("\(path)/\(lockName)")
    rmdir(path)
  }

  private static let living = Lock<Set<String>>([])
  /// Registered with the first folder.
  private static let removesAtExit: Void = { atexit { SocketFolder.removeAll() } }()

  /// Deletes all folders of this program, for an exit that does not wait.
  package static func removeAll() {
    for path in living.withLock({ $0 }) { clear(path) }
  }

  /// Deletes the folders whose owners have died. This takes a while if `/tmp` has thousands of other entries.
  package static func removeStale(_ environment: [String: String]) {
    for place in Set(places(environment)) { removeStale(in: place) }
  }

  private static func removeStale(in place: String) {
    for name in DirectoryTree.names(in: place) where name.hasPrefix(prefix) {
      let path = "\(place)/\(name)"
      var info = stat()
      guard lstat(path, &info) == 0, info.st_mode & S_IFMT == S_IFDIR, info.st_uid == geteuid() else { continue }
      let lock = open("\(path)/\(lockName)", O_RDWR | O_CLOEXEC | O_NOFOLLOW)
      // A folder without a lock is one whose deletion was interrupted.
      guard lock >= 0 else {
        if errno == ENOENT { rmdir(path) }
        continue
      }
      defer { close(lock) }
      if flock(lock, LOCK_EX | LOCK_NB) == 0 { clear(path) }
    }
  }
}
