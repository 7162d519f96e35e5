#if canImport(Darwin)
import Darwin
#else
import Glibc
#endif

/// Temporary files of a deskrun process that was killed. They may contain secrets, and nothing else would delete them.
package enum LeftOvers {
  /// The name of a temporary file for a file in the same folder.
  static func temporaryName(for name: String) -> String { ".\(name).\(getpid()).\(UInt32.random(in: 0 ... .max)).tmp" }

  /// Deletes the temporary files of one file.
  ///
  /// - Parameter isLocked: whether the caller holds the lock that protects writing the file, so that nobody else is
  ///   writing it. Otherwise only files of processes that no longer exist are deleted.
  package static func remove(for path: String, isLocked: Bool) {
    let (place, name) = FileIO.split(path)
    let folder = FileIO.resolved(place)
    for temporary in DirectoryTree.names(in: folder) {
      guard let writer = writer(temporary, of: name) else { continue }
      if isLocked || (kill(writer, 0) != 0 && errno == ESRCH) { unlink("\(folder)/\(temporary)") }
    }
  }

  /// The process that wrote a temporary file with this name; nil for any other file.
  package static func writer(_ temporary: String, of name: String) -> pid_t? {
    guard temporary.hasPrefix(".\(name)."), temporary.hasSuffix(".tmp") else { return nil }
    let parts = temporary.dropFirst(name.utf8.count + 2).dropLast(4).split(
      separator: ".", omittingEmptySubsequences: false)
    guard parts.count == 2, let process = pid_t(parts[0]), process > 0, UInt32(parts[1]) != nil else { return nil }
    return process
  }
}
