#if canImport(Darwin)
import Darwin
#else
import Glibc
#endif

/// Pipes that no child inherits by accident.
enum FilePipe {
  /// Makes a pipe, both ends closed on exec.
  ///
  /// - Throws: `EngineError` when the system has no more descriptors.
  static func make() throws(EngineError) -> (reader: Int32, writer: Int32) {
    var ends: [Int32] = [-1, -1]
    guard pipe(&ends) == 0 else {
      throw EngineError(
        .failed, "No more programs can be started", why: String(cString: strerror(errno)),
        fix: "Close other programs, or raise the limit with `ulimit -n`")
    }
    for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
    return (ends[0], ends[1])
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
