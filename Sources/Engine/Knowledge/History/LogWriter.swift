import Basics
import Kubernetes

#if canImport(Darwin)
import Darwin
#else
import Glibc
#endif

/// Writes a log with exclusive access: the file is locked, and others cannot open it meanwhile. A log only becomes
/// shorter at its limit, and is then replaced atomically.
package final class LogWriter {
  /// `pwrite`, or its replacement in a test.
  package typealias Write = @Sendable (Int32, UnsafeRawBufferPointer, Int64) -> Int

  /// The first line of a log whose older lines were dropped.
  package static let note = "[deskrun] older lines were dropped here"

  private let path: String
  private var descriptor: Int32
  private let limit: Int64
  private let write: Write
  private var size: Int64 = 0
  /// An incomplete last line, left when a writer was stopped, and its offset.
  private var torn: (bytes: [UInt8], start: Int64)?

  /// Opens or creates the log.
  ///
  /// - Returns: nil if another program is writing it.
  /// - Throws: `FileIO.Failure`.
  package static func open(_ path: String, limit: Int64, write: @escaping Write) throws(FileIO.Failure) -> LogWriter? {
    // Repeated if the file was replaced or deleted between opening and locking.
    for _ in 0..<5 {
      let descriptor = Self.openFile(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK)
      guard descriptor >= 0 else { throw FileIO.Failure(operation: "open", code: errno) }
      guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
        let code = errno
        close(descriptor)
        if code == EWOULDBLOCK { return nil }
        throw FileIO.Failure(operation: "lock", code: code)
      }
      var (mine, there) = (stat(), stat())
      guard fstat(descriptor, &mine) == 0, mine.st_mode & S_IFMT == S_IFREG else {
        close(descriptor)
        throw FileIO.Failure(operation: "open", code: EINVAL)
      }
      if lstat(path, &there) == 0, there.st_ino == mine.st_ino, there.st_dev == mine.st_dev {
        return LogWriter(path, descriptor, limit, write, size: Int64(mine.st_size))
      }
      close(descriptor)
    }
    return nil
  }

  private static func openFile(_ path: String, _ flags: Int32) -> Int32 {
    #if canImport(Darwin)
    Darwin.open(path, flags, 0o600)
    #else
    Glibc.open(path, flags, 0o600)
    #endif
  }

  private init(_ path: String, _ descriptor: Int32, _ limit: Int64, _ write: @escaping Write, size: Int64) {
    (self.path, self.descriptor, self.limit, self.write, self.size) = (path, descriptor, limit, write, size)
  }

  deinit { close(descriptor) }

  /// Deletes an empty log, as of a pod that was deleted before it could be read.
  func discardIfEmpty() { if size == 0 { unlink(path) } }

  /// The contents of the log, as a seam for new lines.
  package func seam() -> LogSeam {
    let bytes = read(from: 0, count: Int(clamping: size))
    let end = bytes.lastIndex(of: 0x0A).map { $0 + 1 } ?? 0
    torn = end < bytes.count ? (Array(bytes[end...]), Int64(end)) : nil
    return LogSeam(kept: bytes[..<end], isWhole: !bytes.starts(with: Self.note.utf8))
  }

  private func read(from start: Int64, count: Int) -> [UInt8] {
    FileIO.bytes(of: descriptor, at: Int(start), count: count)
  }

  /// Appends lines; if the log is full, its older half is dropped.
  ///
  /// - Throws: `FileIO.Failure`. The lines written before are kept; discard this writer, and the next one continues
  ///   where this one stopped.
  package func append(_ lines: [ArraySlice<UInt8>]) throws(FileIO.Failure) {
    guard !lines.isEmpty else { return }
    var bytes: [UInt8] = []
    bytes.reserveCapacity(lines.reduce(1) { $0 + $1.count + 1 })
    if let torn {
      // The rest of the incomplete line, or else its end.
      if lines[0].starts(with: torn.bytes) { size = torn.start } else { bytes.append(0x0A) }
      self.torn = nil
    }
    for line in lines {
      bytes.append(contentsOf: line)
      bytes.append(0x0A)
    }
    if size + Int64(bytes.count) > limit { try shorten() }
    try put(bytes, to: descriptor, at: size)
    size += Int64(bytes.count)
  }

  private func put(_ bytes: [UInt8], to descriptor: Int32, at offset: Int64) throws(FileIO.Failure) {
    var done = 0
    while done < bytes.count {
      let count = bytes.withUnsafeBytes {
        write(descriptor, UnsafeRawBufferPointer(rebasing: $0[done...]), offset + Int64(done))
      }
      if count < 0, errno == EINTR { continue }
      guard count > 0 else { throw FileIO.Failure(operation: "write", code: count == 0 ? ENOSPC : errno) }
      done += count
    }
  }

  /// Replaces the log by its newer half, in pieces: a log of megabytes is never in memory. The old file is kept until
  /// the new one is complete.
  private func shorten() throws(FileIO.Failure) {
    var from = size - min(size, limit / 2)
    // The first complete line to keep.
    if from > 0, let end = read(from: from, count: 64 << 10).firstIndex(of: 0x0A) { from += Int64(end) + 1 }
    let (folder, name) = FileIO.split(path)
    let temporary = "\(folder)/.\(name).\(getpid()).tmp"
    unlink(temporary)
    let shorter = Self.openFile(temporary, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW)
    guard shorter >= 0 else { throw FileIO.Failure(operation: "create", code: errno) }
    do throws(FileIO.Failure) {
      // Locked before it gets the log's name, so that no other program can lock it first.
      guard flock(shorter, LOCK_EX | LOCK_NB) == 0 else { throw FileIO.Failure(operation: "lock", code: errno) }
      let note = Array("\(Self.note): the log is longer than \(limit >> 20) MB\n".utf8)
      try put(note, to: shorter, at: 0)
      var to = Int64(note.count)
      while from < size {
        let piece = read(from: from, count: Int(min(64 << 10, size - from)))
        guard !piece.isEmpty else { break }
        try put(piece, to: shorter, at: to)
        from += Int64(piece.count)
        to += Int64(piece.count)
      }
      guard rename(temporary, path) == 0 else { throw FileIO.Failure(operation: "rename", code: errno) }
      close(descriptor)
      descriptor = shorter
      size = to
    } catch {
      close(shorter)
      unlink(temporary)
      throw error
    }
  }
}
