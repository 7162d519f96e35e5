import Basics

#if canImport(Darwin)
import Darwin
#else
import Glibc
#endif

/// Pipes that no child inherits by accident.
package enum FilePipe {
  /// Creates a pipe with both ends closed on exec and neither being 0, 1 or 2: if this program was started with one of
  /// these closed, a pipe could get its number and be mistaken for it.
  ///
  /// - Throws: `EngineError` if the system has no more descriptors.
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

  /// Makes reads and writes return immediately if they would block.
  static func makeNonBlocking(_ descriptor: Int32) {
    _ = fcntl(descriptor, F_SETFL, fcntl(descriptor, F_GETFL) | O_NONBLOCK)
  }

  /// Keeps children from inheriting the descriptors that this program was started with. Shells, editors and test
  /// runners leave some open, and a child that held one could keep their pipe or lock alive.
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
