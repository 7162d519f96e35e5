import Basics

#if canImport(Darwin)
import Darwin
#else
import Glibc
#endif

/// A file of lines, read a part at a time: its size does not matter to the memory that reading it takes.
package final class HistoryFile {
  /// A line longer than this is no line of ours.
  package static let lineLimit = 1 << 20
  package let path: String
  private let descriptor: Int32
  /// Bytes at the time it was opened; what is appended later is not read.
  package let size: Int

  /// Opens a file, or gives nil when there is none that can be read. It stays the same file when another takes its name.
  package init?(_ path: String) {
    // Not blocking: a pipe of that name would be waited for.
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

  /// Bytes at a place; fewer at the end of the file.
  package func read(at start: Int, count: Int) -> [UInt8] {
    FileIO.bytes(of: descriptor, at: start, count: min(count, size - start))
  }

  /// Calls `body` with each line that is not empty and with the place where it begins; the last one too, whether or not
  /// it was ended.
  ///
  /// - Parameters:
  ///   - start: the begin of a line.
  ///   - end: nothing is read from here on; nil for all.
  ///   - piece: bytes that are read at once.
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
        // Not a line: passed over to its end.
        place += bytes.count
        bytes = []
        place = nextLine(after: place)
        if place >= end { return }
      }
    }
  }

  /// Where the first line begins that begins after a place.
  func nextLine(after start: Int) -> Int {
    var place = start
    while true {
      let part = read(at: place, count: 64 << 10)
      if part.isEmpty { return size }
      if let end = part.firstIndex(of: 0x0A) { return place + end + 1 }
      place += part.count
    }
  }

  /// Appends to a file, which is made when there is none, all or nothing. What somebody was stopped in the middle of is
  /// ended first, so that it spoils no other line.
  ///
  /// - Returns: the size afterwards.
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
