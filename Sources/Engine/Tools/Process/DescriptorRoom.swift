import Basics

#if canImport(Darwin)
import Darwin
#else
import Glibc
#endif

/// Whether there are file descriptors enough to work with. Everything of deskrun copes when they run out; the runtime of
/// Swift's concurrency, which needs some of its own, ends the program.
package enum DescriptorRoom {
  /// Makes sure that so many more descriptors can be opened, with a raised limit where the system allows one.
  ///
  /// - Throws: `EngineError` that names the limit.
  package static func check(_ count: Int) throws(EngineError) {
    guard missing(count) != nil else { return }
    var limit = rlimit()
    #if canImport(Darwin)
    let resource = RLIMIT_NOFILE
    #else
    let resource = __rlimit_resource_t(RLIMIT_NOFILE.rawValue)
    #endif
    getrlimit(resource, &limit)
    let former = limit.rlim_cur
    // No more than programs are used to: some still keep descriptors in sets of 1024.
    limit.rlim_cur = min(limit.rlim_max, 1024)
    if limit.rlim_cur > former { setrlimit(resource, &limit) }
    guard let code = missing(count) else { return }
    throw EngineError(
      .failed, "deskrun needs \(count) free file descriptors",
      why: "\(String(cString: strerror(code))); the limit is \(former)",
      fix: "Raise the limit, then run the same command again: ulimit -n 1024")
  }

  /// The `errno` of the descriptor that could not be opened, or nil.
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
