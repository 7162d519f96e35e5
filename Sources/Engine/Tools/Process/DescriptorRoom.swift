import Basics

#if canImport(Darwin)
import Darwin
#else
import Glibc
#endif

/// Checks that enough file descriptors are available. deskrun itself handles their exhaustion; the Swift concurrency
/// runtime, which needs some, ends the program.
package enum DescriptorRoom {
  /// No more than programs expect: some still keep descriptors in sets of 1024.
  private static let most: rlim_t = 1024

  /// Makes the system's table of this process as large as it may become. Call while the process has one thread: later,
  /// the kernel waits for all processors each time that the table grows. Growing to 600 took 26 ms on 2 cores.
  package static func reserve() {
    let last = Int32(clamping: min(limits().rlim_cur, most)) - 1
    let descriptor = fcntl(2, F_DUPFD_CLOEXEC, last)
    if descriptor >= 0 { close(descriptor) }
  }

  /// Makes sure that this many more descriptors can be opened, raising the limit where the system allows it.
  ///
  /// - Throws: `EngineError` that names the limit.
  package static func check(_ count: Int) throws(EngineError) {
    guard missing(count) != nil else { return }
    let former = raise()
    guard let code = missing(count) else { return }
    throw EngineError(
      .failed, "deskrun needs \(count) free file descriptors",
      why: "\(String(cString: strerror(code))); the limit is \(former)",
      fix: "Raise the limit, then run the same command again: ulimit -n 1024")
  }

  /// Raises the limit for this many more, as far as the system allows it. Unlike `check`, it opens none of them.
  package static func want(_ count: Int) {
    // The lowest free descriptor is about the number of those in use.
    let used = fcntl(2, F_DUPFD_CLOEXEC, 0)
    if used >= 0 { close(used) }
    if used < 0 || rlim_t(Int(used) + count) > limits().rlim_cur { _ = raise() }
  }

  private static func limits() -> rlimit {
    var limit = rlimit()
    getrlimit(resource, &limit)
    return limit
  }

  #if canImport(Darwin)
  private static let resource = RLIMIT_NOFILE
  #else
  private static let resource = __rlimit_resource_t(RLIMIT_NOFILE.rawValue)
  #endif

  /// Raises the limit, and returns the former one.
  private static func raise() -> rlim_t {
    var limit = limits()
    let former = limit.rlim_cur
    limit.rlim_cur = min(limit.rlim_max, most)
    if limit.rlim_cur > former { setrlimit(resource, &limit) }
    return former
  }

  /// The `errno` of the first descriptor that could not be opened, or nil.
  private static func missing(_ count: Int) -> Int32? {
    var opened: [Int32] = []
    defer { for descriptor in opened { close(descriptor) } }
    for _ in 0..<count {
      let descriptor = open("/dev/null", O_RDONLY | O_CLOEXEC)
      guard descriptor >= 0 else { return errno }
      opened.append(descriptor)
    }
    return nil
  }
}
