#if canImport(Darwin)
import Darwin
#else
import Glibc
#endif

/// Descriptors 0, 1 and 2. Whoever starts deskrun may have closed some of them (`>&-`, daemons, cron of some systems); the
/// next file or pipe that is opened would get the number, and what is meant for people would be written into it.
package enum StandardDescriptors {
  /// Opens those that are closed on `/dev/null`. To be called before anything else is opened.
  package static func open() {
    for descriptor in Int32(0)...2 where fcntl(descriptor, F_GETFD) < 0 && errno == EBADF {
      let mode = descriptor == 0 ? O_RDONLY : O_WRONLY
      // The lowest free number is given, which is this one. Without /dev, any file keeps the number from being taken.
      if systemOpen("/dev/null", mode) < 0, systemOpen("/", O_RDONLY) < 0 { _exit(ExitStatus.failed.rawValue) }
    }
  }
}

private func systemOpen(_ path: String, _ mode: Int32) -> Int32 { open(path, mode) }
