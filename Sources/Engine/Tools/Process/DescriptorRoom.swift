import Basics

#if canImport(Darwin)
import Darwin
#else
import Glibc
#endif

/// Checks that enough file descriptors are available. deskrun itself handles their exhaustion; the Swift concurrency
/// runtime, which needs some, ends the program.
package enum DescriptorRoom {
  /// Makes sure that this many more descriptors can be opened, raising the limit where the system allows it.
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
    // No more than programs expect: some still keep descriptors in sets of 1024.
    limit.rlim_cur = min(limit.rlim_max, 1024)
    if limit.rlim_cur > former { setrlimit(resource, &limit) }
    guard let code = missing(count) else { return }
    throw EngineError(
      .failed, "deskrun needs \(count) free file descriptors",
      why: "\(String(cString: strerror(code))); the limit is \(former)",
      fix: "Raise the limit, then run the same command again: ulimit -n 1024")
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
