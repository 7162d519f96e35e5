#if canImport(Darwin)
import Darwin
#else
import Glibc
#endif

/// Walks and deletes directory trees without ever following symbolic links: jobs write the contents of caches.
package enum DirectoryTree {
  /// The disk usage of a tree.
  package struct Usage: Sendable, Equatable {
    /// Bytes on disk.
    package var bytes: Int64 = 0
    /// Whether a part could not be read, so that the total may be larger.
    package var isPartial = false
    /// The first directory that may not be read, relative to the tree; nil if all may be.
    package var unreadable: String?
  }

  /// The names in a directory, sorted; empty when it is missing or unreadable.
  package static func names(in path: String) -> [String] {
    let descriptor = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
    guard descriptor >= 0 else { return [] }
    return entries(of: descriptor).map(\.name).sorted()
  }

  /// Whether a directory exists that this user may not read.
  package static func isForbidden(_ path: String) -> Bool {
    let descriptor = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
    guard descriptor >= 0 else { return errno == EACCES || errno == EPERM }
    close(descriptor)
    return false
  }

  /// The disk usage of a tree, counting hard links each time.
  package static func usage(of path: String) -> Usage {
    var usage = Usage()
    let descriptor = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
    guard descriptor >= 0 else {
      usage.isPartial = errno == EACCES || errno == EPERM
      usage.unreadable = usage.isPartial ? "" : nil
      return usage
    }
    addUsage(of: descriptor, at: "", to: &usage)
    return usage
  }

  /// Takes ownership of `descriptor`.
  private static func addUsage(of descriptor: Int32, at path: String, to usage: inout Usage) {
    guard let keeper = Optional(dup(descriptor)), keeper >= 0 else {
      close(descriptor)
      usage.isPartial = true
      return
    }
    defer { close(keeper) }
    for entry in entries(of: descriptor) {
      var info = stat()
      guard fstatat(keeper, entry.name, &info, AT_SYMLINK_NOFOLLOW) == 0 else {
        usage.isPartial = true
        continue
      }
      usage.bytes = usage.bytes.plusClamped(Int64(info.st_blocks).timesClamped(512))
      guard info.st_mode & S_IFMT == S_IFDIR else { continue }
      let child = openat(keeper, entry.name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
      if child >= 0 {
        addUsage(of: child, at: "\(path)/\(entry.name)", to: &usage)
      } else {
        if errno == EACCES || errno == EPERM { usage.unreadable = usage.unreadable ?? "\(path)/\(entry.name)" }
        usage.isPartial = true
      }
    }
  }

  /// Deletes a directory with everything in it.
  ///
  /// - Returns: 0, or the `errno` of the first entry that could not be deleted; the others are deleted anyway.
  package static func delete(_ path: String) -> Int32 {
    let descriptor = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
    guard descriptor >= 0 else {
      if errno == ENOENT { return 0 }
      return unlink(path) == 0 ? 0 : errno
    }
    var problem: Int32 = 0
    deleteContents(of: descriptor, problem: &problem)
    if rmdir(path) != 0, problem == 0, errno != ENOENT { problem = errno }
    return problem
  }

  /// Takes ownership of `descriptor`.
  private static func deleteContents(of descriptor: Int32, problem: inout Int32) {
    let keeper = dup(descriptor)
    guard keeper >= 0 else {
      problem = errno
      close(descriptor)
      return
    }
    defer { close(keeper) }
    for entry in entries(of: descriptor) {
      let child = openat(keeper, entry.name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
      if child >= 0 {
        deleteContents(of: child, problem: &problem)
        if unlinkat(keeper, entry.name, AT_REMOVEDIR) != 0, problem == 0 { problem = errno }
      } else if unlinkat(keeper, entry.name, 0) != 0 {
        let reason = errno
        if unlinkat(keeper, entry.name, AT_REMOVEDIR) != 0, problem == 0 { problem = reason }
      }
    }
  }

  private struct Entry {
    package var name: String
  }

  /// Reads a directory and closes its descriptor.
  private static func entries(of descriptor: Int32) -> [Entry] {
    guard let directory = fdopendir(descriptor) else {
      close(descriptor)
      return []
    }
    defer { closedir(directory) }
    var entries: [Entry] = []
    while let entry = readdir(directory) {
      let name = withUnsafePointer(to: &entry.pointee.d_name) {
        $0.withMemoryRebound(to: CChar.self, capacity: MemoryLayout.size(ofValue: entry.pointee.d_name)) {
          String(cString: $0)
        }
      }
      if name != ".", name != ".." { entries.append(Entry(name: name)) }
    }
    return entries
  }
}

/// Deletes directories for other parts of the package.
package enum DirectoryRemoval {
  /// Deletes a tree without following links; a missing one is not an error.
  ///
  /// - Returns: 0, or the `errno` of the first entry that could not be deleted.
  package static func delete(_ path: String) -> Int32 { DirectoryTree.delete(path) }
}
