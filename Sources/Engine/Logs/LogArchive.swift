#if canImport(Darwin)
import Darwin
#else
import Glibc
#endif

/// Logs of runners on disk, so that one can be read after its pod is gone. Bounded: a log keeps its end, and the oldest
/// logs make room for new ones.
public struct LogArchive: Sendable {
  /// The folder.
  public let folder: String
  /// The most bytes of one log.
  public var fileLimit: Int64 = 8 << 20
  /// The most bytes of all logs.
  public var totalLimit: Int64 = 256 << 20

  /// Keeps logs in this folder.
  public init(folder: String) { self.folder = folder }

  /// A log that is kept.
  public struct Entry: Sendable, Equatable {
    /// The scale set the runner belonged to.
    public var scaleSet: String
    /// The runner.
    public var runner: String
    /// Bytes.
    public var size: Int64
    /// When it was last written to, in seconds since 1970.
    public var modified: Int64
  }

  private static func isName(_ name: String) -> Bool {
    !name.isEmpty && name.utf8.count <= 253 && !name.hasPrefix(".")
      && name.utf8.allSatisfy { $0.isASCIILetterOrDigit || "-_.".utf8.contains($0) }
  }

  private func path(scaleSet: String, runner: String) -> String? {
    guard Self.isName(scaleSet), Self.isName(runner) else { return nil }
    return "\(folder)/\(scaleSet)/\(runner).log"
  }

  /// All logs, the newest first.
  public func entries() -> [Entry] {
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
          Entry(scaleSet: scaleSet, runner: String(file.dropLast(4)), size: Int64(info.st_size), modified: modified))
      }
    }
    return entries.sorted { ($0.modified, $0.runner) > ($1.modified, $1.runner) }
  }

  /// The end of a log as it came, at most so many bytes, beginning with a whole line; nil when there is none.
  public func read(scaleSet: String, runner: String, limit: Int = 4 << 20) -> [UInt8]? {
    guard let path = path(scaleSet: scaleSet, runner: runner) else { return nil }
    let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK)
    guard descriptor >= 0 else { return nil }
    defer { close(descriptor) }
    guard FileIO.specialKind(descriptor) == nil else { return nil }
    let size = Int(lseek(descriptor, 0, SEEK_END))
    let start = max(0, size - limit)
    var bytes = [UInt8](repeating: 0, count: size - start)
    var have = 0
    while have < bytes.count {
      let count = bytes.withUnsafeMutableBytes {
        pread(descriptor, $0.baseAddress?.advanced(by: have), $0.count - have, off_t(start + have))
      }
      if count <= 0 { break }
      have += count
    }
    bytes.removeLast(bytes.count - have)
    if start > 0, let end = bytes.firstIndex(of: 0x0A) { bytes.removeFirst(end + 1) }
    return bytes
  }

  /// Keeps a log of these lines.
  package func keep(_ lines: [String], scaleSet: String, runner: String) {
    writer(scaleSet: scaleSet, runner: runner)?.append(lines.map { ArraySlice(Array($0.utf8)) })
  }

  /// Begins a log anew, or goes on with it; nil when it cannot be written.
  func writer(scaleSet: String, runner: String) -> LogWriter? {
    guard let path = path(scaleSet: scaleSet, runner: runner) else { return nil }
    makeRoom()
    guard (try? FileIO.makePrivateFolder(folder)) != nil,
      (try? FileIO.makePrivateFolder("\(folder)/\(scaleSet)")) != nil
    else { return nil }
    return LogWriter(path: path, limit: fileLimit)
  }

  /// Deletes the oldest logs until the rest is well within the limit.
  func makeRoom() {
    let entries = entries()
    var total = entries.reduce(0) { $0 + $1.size }
    for entry in entries.reversed() where total > totalLimit {
      guard let path = path(scaleSet: entry.scaleSet, runner: entry.runner) else { continue }
      unlink(path)
      rmdir("\(folder)/\(entry.scaleSet)")
      total -= entry.size
    }
  }
}

/// Writes one log. Belongs to one stream.
final class LogWriter {
  private let descriptor: Int32
  private let limit: Int64
  private var size: Int64

  init?(path: String, limit: Int64) {
    // Truncated: a stream begins with the container's first line.
    descriptor = open(path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0o600)
    guard descriptor >= 0 else { return nil }
    self.limit = limit
    size = 0
  }

  deinit { close(descriptor) }

  /// Appends lines; when the log is full its older half goes.
  func append(_ lines: [ArraySlice<UInt8>]) {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(lines.reduce(0) { $0 + $1.count + 1 })
    for line in lines {
      bytes.append(contentsOf: line)
      bytes.append(0x0A)
    }
    if size + Int64(bytes.count) > limit { shorten() }
    write(bytes, at: size)
    size += Int64(bytes.count)
  }

  private func write(_ bytes: [UInt8], at offset: Int64) {
    var done = 0
    while done < bytes.count {
      let count = bytes.withUnsafeBytes {
        pwrite(descriptor, $0.baseAddress?.advanced(by: done), $0.count - done, off_t(offset) + off_t(done))
      }
      if count <= 0 { return }
      done += count
    }
  }

  /// Moves the newer half to the front, piece by piece: a log of megabytes is never in memory.
  private func shorten() {
    var from = size - min(size, limit / 2)
    var piece = [UInt8](repeating: 0, count: 64 << 10)
    // What is kept begins with a whole line, which may be far: the line that is cut may be longer than a piece.
    var seen = from
    while from > 0, seen < size {
      let count = pread(descriptor, &piece, piece.count, off_t(seen))
      guard count > 0 else { break }
      if let end = piece[..<count].firstIndex(of: 0x0A) {
        from = seen + Int64(end) + 1
        break
      }
      seen += Int64(count)
    }
    let note = Array("[deskrun] older lines were dropped here: the log is longer than \(limit >> 20) MB\n".utf8)
    // What is written never overtakes what is still to be read, unless the log is shorter than the note.
    guard from >= Int64(note.count) else { return }
    write(note, at: 0)
    var to = Int64(note.count)
    while from < size {
      let count = pread(descriptor, &piece, piece.count, off_t(from))
      guard count > 0 else { break }
      write(Array(piece[..<count]), at: to)
      from += Int64(count)
      to += Int64(count)
    }
    ftruncate(descriptor, off_t(to))
    size = to
  }
}
