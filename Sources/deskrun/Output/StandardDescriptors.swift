#if canImport(Darwin)
import Darwin
#else
import Glibc
#endif

/// Descriptors 0, 1 and 2. The parent may have closed some of them (`>&-`, daemons, cron on some systems); the next
/// file or pipe to be opened would get the number, and messages would be written to it.
package enum StandardDescriptors {
  /// Opens closed ones on `/dev/null`. Call this before anything else is opened.
  package static func open() {
    for descriptor in Int32(0)...2 where fcntl(descriptor, F_GETFD) < 0 && errno == EBADF {
      let mode = descriptor == 0 ? O_RDONLY : O_WRONLY
      // The lowest free number is used, which is this one. Without /dev, any other file keeps the number occupied.
      if systemOpen("/dev/null", mode) < 0, systemOpen("/", O_RDONLY) < 0 { _exit(ExitStatus.failed.rawValue) }
    }
  }
}

private func systemOpen(_ path: String, _ mode: Int32) -> Int32 { open(path, mode) }
