#if canImport(Darwin)
import Darwin
#else
import Glibc
#endif

/// Who holds a lock, as it says of itself in the lock's file. Only for people to read: the lock is the kernel's.
package struct OperationHolder: Sendable, Equatable {
  /// Its process id.
  package var process: Int32
  /// What it does: `deskrun edit web-ci`. Never with arguments, which may be secret.
  package var title: String
  /// When it started to, in seconds since 1970.
  package var since: Int64

  /// Describes a holder.
  package init(process: Int32, title: String, since: Int64) {
    self.process = process
    self.title = title
    self.since = since
  }

  /// This process.
  package static func current(_ title: String) -> OperationHolder {
    OperationHolder(process: getpid(), title: SafeText.line(title), since: SystemTime.secondsSince1970())
  }

  package var record: String { "\(process) \(since) \(title)\n" }

  /// Reads a record; nil when it is empty or its process is gone.
  package init?(record: [UInt8]) {
    let parts = String(decoding: record, as: UTF8.self).trimmingSpaces.split(separator: " ", maxSplits: 2)
    guard parts.count == 3, let process = Int32(parts[0]), process > 0, let since = Int64(parts[1]) else { return nil }
    guard kill(process, 0) == 0 || errno == EPERM else { return nil }
    self.init(process: process, title: SafeText.line(parts[2]), since: since)
  }
}

/// Keeps two plans from working on the same thing at once, in one process or in several. Advisory: an open file
/// description holds it, so it cannot outlive its owner. Lock files are never deleted: whoever opened one just before
/// that would hold a lock that nobody else sees.
package struct OperationLock: Sendable {
  /// How many may hold a lock at once.
  package enum Mode: Sendable {
    /// One alone.
    case exclusive
    /// Any number, and no exclusive holder.
    case shared
  }

  /// The folder of the lock files.
  package let directory: String

  /// Uses lock files in this folder, which is made (0700) when it is missing.
  package init(directory: String) { self.directory = directory }

  /// Runs `body` while holding the lock of this name, waiting for it as long as the task is not cancelled.
  ///
  /// - Parameters:
  ///   - holder: what is written into the lock's file for those who wait; nil for a lock that many share.
  ///   - onWait: called when waiting starts, and when who is waited for changes. Whoever holds it may not have said so
  ///     yet, or be another program: then the list is empty.
  ///   - others: names of further locks whose holders are waited for, as prefixes.
  /// - Throws: `CancellationError` while waiting, `EngineError` of kind `configuration` when the file cannot be made, and
  ///   what `body` throws.
  package func withLock<R: Sendable>(
    _ name: String, _ mode: Mode = .exclusive, holder: OperationHolder? = nil, others: String? = nil,
    onWait: @Sendable ([OperationHolder]) -> Void = { _ in }, _ body: () async throws -> R
  ) async throws -> R {
    let descriptor = try open(name)
    defer { close(descriptor) }
    var told: [OperationHolder]?
    var looks = 0
    while flock(descriptor, (mode == .exclusive ? LOCK_EX : LOCK_SH) | LOCK_NB) != 0 {
      guard errno == EWOULDBLOCK || errno == EINTR else { throw failure(name) }
      let holders = holders(of: name, others: others)
      // The first look may come between taking the lock and saying so.
      if told != holders, looks > 0 || !holders.isEmpty {
        onWait(holders)
        told = holders
      }
      looks += 1
      // Short at first: most locks are held for moments. A cancelled task wakes at once.
      try await Task.sleep(for: .milliseconds(min(200, 10 * looks)))
    }
    try Task.checkCancellation()
    if let holder { write(holder.record, to: descriptor) }
    defer { if holder != nil { ftruncate(descriptor, 0) } }
    return try await body()
  }

  private func write(_ record: String, to descriptor: Int32) {
    let bytes = Array(record.utf8)
    ftruncate(descriptor, 0)
    _ = bytes.withUnsafeBytes { pwrite(descriptor, $0.baseAddress, $0.count, 0) }
  }

  /// Who says to hold the lock of this name, or one whose name begins with `others`.
  private func holders(of name: String, others: String?) -> [OperationHolder] {
    var files = [Self.file(name)]
    if let others {
      files += DirectoryTree.names(in: directory).filter { $0.hasPrefix(others) && $0.hasSuffix(".lock") }.sorted()
    }
    return files.compactMap { file in
      guard let bytes = (try? FileIO.read("\(directory)/\(file)", limit: 4096)) ?? nil else { return nil }
      return OperationHolder(record: bytes)
    }
  }

  /// Whether a running process says to hold the lock of this name.
  package func isHeld(_ name: String) -> Bool { !holders(of: name, others: nil).isEmpty }

  private static func file(_ name: String) -> String {
    String(name.map { $0.isLetter || $0.isNumber || $0 == "-" || $0 == "." ? $0 : "_" }) + ".lock"
  }

  private func open(_ name: String) throws -> Int32 {
    do throws(FileIO.Failure) { try FileIO.makePrivateFolder(directory) } catch {
      throw failure(name, why: error.reason)
    }
    let path = "\(directory)/\(Self.file(name))"
    #if canImport(Darwin)
    let descriptor = Darwin.open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o600)
    #else
    let descriptor = Glibc.open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o600)
    #endif
    guard descriptor >= 0 else { throw failure(name) }
    return descriptor
  }

  private func failure(_ name: String, why: String? = nil) -> EngineError {
    EngineError(
      .configuration, "The lock for \(name) cannot be taken in \(directory)",
      why: why ?? String(cString: strerror(errno)),
      fix: "Check who owns \(directory) and that its disk has room")
  }
}
