import Basics

#if canImport(Darwin)
import Darwin
#else
import Glibc
#endif

/// Pipes that no child inherits by accident.
package enum FilePipe {
  /// Makes a pipe, both ends closed on exec and none of them 0, 1 or 2: where this program was started with one of those
  /// closed, a pipe would get its number and be mistaken for it.
  ///
  /// - Throws: `EngineError` when the system has no more descriptors.
  package static func make() throws(EngineError) -> (reader: Int32, writer: Int32) {
    var ends: [Int32] = [-1, -1]
    guard pipe(&ends) == 0 else { throw shortage(errno) }
    for index in ends.indices {
      guard ends[index] <= 2 else {
        _ = fcntl(ends[index], F_SETFD, FD_CLOEXEC)
        continue
      }
      let moved = fcntl(ends[index], F_DUPFD_CLOEXEC, 3)
      let code = errno
      close(ends[index])
      ends[index] = moved
      guard moved >= 0 else {
        close(ends[1 - index])
        throw shortage(code)
      }
    }
    return (ends[0], ends[1])
  }

  private static func shortage(_ code: Int32) -> EngineError {
    EngineError(
      .failed, "No more programs can be started", why: String(cString: strerror(code)),
      fix: "Close other programs, or raise the limit with `ulimit -n`")
  }

  /// Has reads and writes return at once when they cannot go on.
  static func makeNonBlocking(_ descriptor: Int32) {
    _ = fcntl(descriptor, F_SETFL, fcntl(descriptor, F_GETFL) | O_NONBLOCK)
  }

  /// Keeps descriptors that this program itself was started with from its children. They were left open by whoever
  /// started it (shells, editors, test runners do), and a child that held one could keep a pipe or lock of theirs alive.
  static func keepInheritedFromChildren() {
    var limit = rlimit()
    #if canImport(Darwin)
    getrlimit(RLIMIT_NOFILE, &limit)
    #else
    getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
    #endif
    for descriptor in 3..<Int32(clamping: min(limit.rlim_cur, 1024)) {
      let flags = fcntl(descriptor, F_GETFD)
      if flags >= 0 { _ = fcntl(descriptor, F_SETFD, flags | FD_CLOEXEC) }
    }
  }
}
