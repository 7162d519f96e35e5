import Basics

#if canImport(Darwin)
import Darwin
#else
import Glibc
#endif

/// Allows only one program at a time to change a shared file. The lock is a separate file, since the protected one is
/// replaced.
enum HistoryLock {
  /// How often to try a lock that is held, every ten milliseconds: for five seconds.
  static let tries = 500

  /// Takes the lock.
  ///
  /// - Parameters:
  ///   - path: the lock file, which is created if missing.
  ///   - tries: how often to try, every ten milliseconds.
  /// - Returns: a descriptor; closing it releases the lock.
  static func take(_ path: String, tries: Int = tries) throws(FileIO.Failure) -> Int32 {
    let lock = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o600)
    guard lock >= 0 else { throw FileIO.Failure(operation: "open", code: errno) }
    // It is only held briefly, unless the holder was just stopped: that must not block everybody else forever.
    for _ in 0..<tries {
      if flock(lock, LOCK_EX | LOCK_NB) == 0 { return lock }
      guard errno == EINTR || errno == EWOULDBLOCK else { break }
      usleep(10_000)
    }
    let code = errno
    close(lock)
    throw FileIO.Failure(
      operation: "lock", code: code,
      explanation: code == EWOULDBLOCK ? "another deskrun holds \(path) and does not finish" : nil)
  }
}
