import Basics

#if canImport(Darwin)
import Darwin
#else
import Glibc
#endif

/// Lets one program at a time change a file that several keep. The lock is a file of its own, since the one it guards is
/// replaced.
enum HistoryLock {
  /// Takes the lock, waiting up to five seconds for it.
  ///
  /// - Parameter path: the file of the lock, which is created.
  /// - Returns: a descriptor; closing it releases the lock.
  static func take(_ path: String) throws(FileIO.Failure) -> Int32 {
    let lock = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o600)
    guard lock >= 0 else { throw FileIO.Failure(operation: "open", code: errno) }
    // Others hold it for moments, unless one was stopped just then: that must not stop everybody else for ever.
    for _ in 0..<500 {
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
