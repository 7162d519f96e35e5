#if canImport(Darwin)
import Darwin
#else
import Glibc
#endif

/// Detects whether files have changed since they were read. Two versions can be written within one tick of the kernel's
/// clock, so the modification time alone is not enough.
package struct FileStamp: Equatable, Sendable {
  private struct File: Equatable {
    var size: off_t = -1
    var inode: ino_t = 0
    var seconds = 0
    var nanoseconds = 0
  }

  private let files: [File]

  /// The newest modification time of the files, in seconds since 1970; 0 if none exists.
  package var changedAt: Double {
    files.map { Double($0.seconds) + Double($0.nanoseconds) / 1e9 }.max() ?? 0
  }

  /// Records the current state of these files; a missing file counts as a state.
  package init(of paths: [String]) {
    files = paths.map { path in
      var info = stat()
      guard stat(path, &info) == 0 else { return File() }
      #if canImport(Darwin)
      let time = info.st_mtimespec
      #else
      let time = info.st_mtim
      #endif
      return File(size: info.st_size, inode: info.st_ino, seconds: time.tv_sec, nanoseconds: time.tv_nsec)
    }
  }
}
