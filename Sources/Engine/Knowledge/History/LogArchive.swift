import Basics
import Kubernetes

#if canImport(Darwin)
import Darwin
#else
import Glibc
#endif

/// Logs of runners on disk, so that one can be read after its pod is gone. Bounded: a log keeps its end, and the oldest
/// logs make room for new ones. As many programs as there are may keep logs here: each log has one writer at a time.
package struct LogArchive: Sendable {
  /// The folder.
  package let folder: String
  /// The most bytes of one log.
  package var fileLimit: Int64 = 8 << 20
  /// The most bytes of all logs.
  package var totalLimit: Int64 = 256 << 20
  /// How bytes are written at a place of a file; tests make it fail.
  package var write: LogWriter.Write = { pwrite($0, $1.baseAddress, $1.count, off_t($2)) }

  /// Keeps logs in this folder.
  package init(folder: String) { self.folder = folder }

  /// A log that is kept.
  package struct Entry: Sendable, Equatable {
    /// The scale set the runner belonged to, by its `ScaleSetID`.
    package var scaleSet: String
    /// The runner.
    package var runner: String
    /// Bytes.
    package var size: Int64
    /// When it was last written to, in seconds since 1970.
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

  /// The folder of a scale set: its name, after that of its namespace where it is not in deskrun's own. No name in
  /// Kubernetes has an underscore.
  private static func folderName(_ scaleSet: String) -> String {
    let parts = scaleSet.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
    // What has more than one slash, or an empty part, is no scale set's and no folder's.
    return parts.contains(where: \.isEmpty) ? "" : parts.joined(separator: "_")
  }

  /// All logs, the newest first.
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

  /// The end of a log as it came, at most so many bytes, beginning with a whole line; nil when there is none.
  package func read(scaleSet: String, runner: String, limit: Int = 4 << 20) -> [UInt8]? {
    guard let path = path(scaleSet: scaleSet, runner: runner) else { return nil }
    return FileIO.tail(of: path, limit: limit)
  }

  /// Keeps a log of these lines, in place of what was kept of that runner.
  package func keep(_ lines: [String], scaleSet: String, runner: String) {
    guard let path = path(scaleSet: scaleSet, runner: runner), (try? makeFolders(scaleSet)) != nil else { return }
    try? FileIO.replace(path, with: Array(lines.map { $0 + "\n" }.joined().utf8))
  }

  private func makeFolders(_ scaleSet: String) throws(FileIO.Failure) {
    try FileIO.makePrivateFolder(folder)
    try FileIO.makePrivateFolder("\(folder)/\(Self.folderName(scaleSet))")
  }

  /// Begins a log, or goes on with it.
  ///
  /// - Returns: nil when somebody else writes it now, another deskrun for example.
  /// - Throws: `EngineError` when it cannot be written.
  package func writer(scaleSet: String, runner: String) throws(EngineError) -> LogWriter? {
    guard let path = path(scaleSet: scaleSet, runner: runner) else {
      throw EngineError(.invalid, "The log of \(SafeText.line(runner)) is not kept", why: "Its name cannot be a file's")
    }
    do throws(FileIO.Failure) {
      // The folder of a scale set goes with its last log: it may be made and go again in between.
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

  /// What helps where a log or the history does not fit on the disk.
  static let spaceFix = "Free some space on the disk; logs and history continue then"

  /// Where a log is, for errors about it.
  func shownPath(scaleSet: String, runner: String) -> String { path(scaleSet: scaleSet, runner: runner) ?? folder }

  /// Deletes the oldest logs until the rest is within the limit. A log that is being written stays.
  func makeRoom() {
    let entries = entries()
    // What somebody left who was stopped while a log was shortened.
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

  /// Deletes a file that nobody has locked.
  private static func deleteIfFree(_ path: String) -> Bool {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK)
    guard descriptor >= 0 else { return false }
    defer { close(descriptor) }
    // Deleted while it is locked: whoever opened it meanwhile notices that it has no name any more.
    return flock(descriptor, LOCK_EX | LOCK_NB) == 0 && unlink(path) == 0
  }
}
