import Basics
import Kubernetes

#if canImport(Darwin)
import Darwin
#else
import Glibc
#endif

/// Runner logs on disk, which remain readable after the pod is deleted. Limited in size: a log is truncated to its end,
/// and the oldest logs are deleted to make room for new ones. Several processes can share the archive: each log has one
/// writer at a time.
package struct LogArchive: Sendable {
  package let folder: String
  /// The maximum size of a log, in bytes.
  package var fileLimit: Int64 = 8 << 20
  /// The maximum total size of all logs, in bytes.
  package var totalLimit: Int64 = 256 << 20
  /// Writes bytes at an offset of a file; tests replace it to simulate failures.
  package var write: LogWriter.Write = { pwrite($0, $1.baseAddress, $1.count, off_t($2)) }

  /// Creates an archive in a folder.
  package init(folder: String) { self.folder = folder }

  /// An archived log.
  package struct Entry: Sendable, Equatable {
    /// The `ScaleSetID` of the runner's scale set.
    package var scaleSet: String
    package var runner: String
    /// The size in bytes.
    package var size: Int64
    /// When it was last written, in seconds since 1970.
    package var modified: Int64
  }

  private static func isName(_ name: String) -> Bool {
    !name.isEmpty && name.utf8.count <= 253 && !name.hasPrefix(".")
      && name.utf8.allSatisfy { $0.isASCIILetterOrDigit || "-_.".utf8.contains($0) }
  }

  private func path(scaleSet: String, runner: String) -> String? {
    let name = Self.folderName(scaleSet)
    guard Self.isName(name), Self.isName(runner) else { return nil }
    return "\(folder)/\(name)/\(runner).log"
  }

  /// The folder of a scale set: its name, prefixed with its namespace unless that is deskrun's own. Kubernetes names
  /// contain no underscores.
  private static func folderName(_ scaleSet: String) -> String {
    let parts = scaleSet.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
    // A text with more than one slash or an empty part is not a scale set's id.
    return parts.contains(where: \.isEmpty) ? "" : parts.joined(separator: "_")
  }

  /// All logs, newest first.
  package func entries() -> [Entry] {
    var entries: [Entry] = []
    for scaleSet in DirectoryTree.names(in: folder) {
      for file in DirectoryTree.names(in: "\(folder)/\(scaleSet)") where file.hasSuffix(".log") {
        var info = stat()
        guard lstat("\(folder)/\(scaleSet)/\(file)", &info) == 0 else { continue }
        #if canImport(Darwin)
        let modified = Int64(info.st_mtimespec.tv_sec)
        #else
        let modified = Int64(info.st_mtim.tv_sec)
        #endif
        entries.append(
          Entry(
            scaleSet: scaleSet.replacing("_", with: "/"), runner: String(file.dropLast(4)), size: Int64(info.st_size),
            modified: modified))
      }
    }
    return entries.sorted { ($0.modified, $0.runner) > ($1.modified, $1.runner) }
  }

  /// The unmodified end of a log up to a number of bytes, starting with a complete line; nil if it does not exist.
  package func read(scaleSet: String, runner: String, limit: Int = 4 << 20) -> [UInt8]? {
    guard let path = path(scaleSet: scaleSet, runner: runner) else { return nil }
    return FileIO.tail(of: path, limit: limit)
  }

  /// Stores these lines as a runner's log, replacing an existing one.
  package func keep(_ lines: [String], scaleSet: String, runner: String) {
    guard let path = path(scaleSet: scaleSet, runner: runner), (try? makeFolders(scaleSet)) != nil else { return }
    try? FileIO.replace(path, with: Array(lines.map { $0 + "\n" }.joined().utf8))
  }

  private func makeFolders(_ scaleSet: String) throws(FileIO.Failure) {
    try FileIO.makePrivateFolder(folder)
    try FileIO.makePrivateFolder("\(folder)/\(Self.folderName(scaleSet))")
  }

  /// Creates a log, or appends to it.
  ///
  /// - Returns: nil if another process is writing it, for example another deskrun.
  /// - Throws: `EngineError` if it cannot be written.
  package func writer(scaleSet: String, runner: String) throws(EngineError) -> LogWriter? {
    guard let path = path(scaleSet: scaleSet, runner: runner) else {
      throw EngineError(.invalid, "The log of \(SafeText.line(runner)) is not kept", why: "Its name cannot be a file's")
    }
    do throws(FileIO.Failure) {
      // A scale set's folder is deleted with its last log, so it may be created and deleted by others in between.
      for attempt in 1... {
        try makeFolders(scaleSet)
        do throws(FileIO.Failure) {
          return try LogWriter.open(path, limit: fileLimit, write: write)
        } catch  where error.code == ENOENT && attempt < 5 {}
      }
      return nil
    } catch {
      throw Self.problem(path, error)
    }
  }

  package static func problem(_ path: String, _ failure: FileIO.Failure) -> EngineError {
    EngineError(
      .failed, "A runner's log cannot be kept", why: "\(path): \(failure.reason)",
      fix: failure.isForSpace
        ? spaceFix : "Make the folder writable for you")
  }

  /// The fix if logs or history do not fit on the disk.
  static let spaceFix = "Free some space on the disk; logs and history continue then"

  /// The path of a log, for errors about it.
  func shownPath(scaleSet: String, runner: String) -> String { path(scaleSet: scaleSet, runner: runner) ?? folder }

  /// Deletes the oldest logs until the total size is within the limit. Logs being written are kept.
  func makeRoom() {
    let entries = entries()
    // Temporary files of a process that was terminated while truncating a log.
    for scaleSet in DirectoryTree.names(in: folder) {
      for name in DirectoryTree.names(in: "\(folder)/\(scaleSet)") where name.hasPrefix(".") && name.hasSuffix(".tmp") {
        _ = Self.deleteIfFree("\(folder)/\(scaleSet)/\(name)")
      }
    }
    var total = entries.reduce(0) { $0 + $1.size }
    for entry in entries.reversed() where total > totalLimit {
      guard let path = path(scaleSet: entry.scaleSet, runner: entry.runner), Self.deleteIfFree(path) else { continue }
      rmdir("\(folder)/\(Self.folderName(entry.scaleSet))")
      total -= entry.size
    }
  }

  /// Deletes a file unless it is locked.
  private static func deleteIfFree(_ path: String) -> Bool {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK)
    guard descriptor >= 0 else { return false }
    defer { close(descriptor) }
    // Deleted while locked: a process that opened it in the meantime notices that it has been unlinked.
    return flock(descriptor, LOCK_EX | LOCK_NB) == 0 && unlink(path) == 0
  }
}
