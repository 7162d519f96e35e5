import Basics

#if canImport(Darwin)
import Darwin
#else
import Glibc
#endif

/// A file of lines that is read in parts, so that its size does not affect memory use.
package final class HistoryFile {
  /// A longer line was not written by deskrun.
  package static let lineLimit = 1 << 20
  package let path: String
  private let descriptor: Int32
  /// Size in bytes when it was opened; what is appended later is not read.
  package let size: Int

  /// Opens a file; nil if it does not exist or cannot be read. Stays with the file even if another one gets its name.
  package init?(_ path: String) {
    // Non-blocking: opening a pipe with that name would wait.
    descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    guard descriptor >= 0 else { return nil }
    var info = stat()
    guard fstat(descriptor, &info) == 0, info.st_mode & S_IFMT == S_IFREG else {
      close(descriptor)
      return nil
    }
    self.path = path
    size = Int(info.st_size)
  }

  deinit { close(descriptor) }

  /// Bytes at an offset; fewer at the end of the file.
  package func read(at start: Int, count: Int) -> [UInt8] {
    FileIO.bytes(of: descriptor, at: start, count: min(count, size - start))
  }

  /// Calls `body` with each non-empty line and its offset, including a last one without a line end.
  ///
  /// - Parameters:
  ///   - start: the offset of the start of a line.
  ///   - end: the offset to stop at; nil for the end of the file.
  ///   - piece: the number of bytes to read at once.
  package func lines(
    from start: Int = 0, to end: Int? = nil, piece: Int = 256 << 10, _ body: (ArraySlice<UInt8>, Int) throws -> Void
  ) rethrows {
    let end = min(end ?? size, size)
    var place = start
    var bytes: [UInt8] = []
    while true {
      let part = read(at: place + bytes.count, count: min(piece, end - place - bytes.count))
      bytes += part
      var from = 0
      while let length = bytes[from...].withUnsafeBytes({ rest -> Int? in
        guard let base = rest.baseAddress, let found = memchr(base, 0x0A, rest.count) else { return nil }
        return UnsafeRawPointer(found) - base
      }) {
        if length > 0 { try body(bytes[from..<from + length], place + from) }
        from += length + 1
      }
      place += from
      bytes.removeFirst(from)
      if part.isEmpty {
        if !bytes.isEmpty, bytes.count <= Self.lineLimit { try body(bytes[...], place) }
        return
      }
      if bytes.count > Self.lineLimit {
        // Not a line: skipped to its end.
        place += bytes.count
        bytes = []
        place = nextLine(after: place)
        if place >= end { return }
      }
    }
  }

  /// The start of the first line after an offset.
  func nextLine(after start: Int) -> Int {
    var place = start
    while true {
      let part = read(at: place, count: 64 << 10)
      if part.isEmpty { return size }
      if let end = part.firstIndex(of: 0x0A) { return place + end + 1 }
      place += part.count
    }
  }

  /// Appends to a file, which is created if missing, all or nothing. An incomplete last line is ended first, so that it
  /// does not damage another one.
  ///
  /// - Returns: the new size.
  @discardableResult
  package static func append(_ bytes: [UInt8], to path: String, synced: Bool = false) throws(FileIO.Failure) -> Int {
    let descriptor = open(path, O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, 0o600)
    guard descriptor >= 0 else { throw FileIO.Failure(operation: "open", code: errno) }
    defer { close(descriptor) }
    if let kind = FileIO.specialKind(descriptor) {
      throw FileIO.Failure(operation: "open", code: EINVAL, explanation: "it is \(kind), not a regular file")
    }
    var info = stat()
    guard fstat(descriptor, &info) == 0 else { throw FileIO.Failure(operation: "stat", code: errno) }
    let size = Int(info.st_size)
    var last: UInt8 = 0x0A
    let isTorn = size > 0 && pread(descriptor, &last, 1, off_t(size - 1)) == 1 && last != 0x0A
    let all = isTorn ? [0x0A] + bytes : bytes
    var done = 0
    while done < all.count {
      let count = all.withUnsafeBytes { write(descriptor, $0.baseAddress?.advanced(by: done), $0.count - done) }
      if count < 0, errno == EINTR { continue }
      guard count > 0 else {
        let code = count == 0 ? ENOSPC : errno
        ftruncate(descriptor, off_t(size))
        throw FileIO.Failure(operation: "write", code: code)
      }
      done += count
    }
    if synced, fsync(descriptor) != 0 {
      let code = errno
      ftruncate(descriptor, off_t(size))
      throw FileIO.Failure(operation: "sync", code: code)
    }
    return size + all.count
  }
}
