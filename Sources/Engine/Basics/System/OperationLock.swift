#if canImport(Darwin)
import Darwin
#else
import Glibc
#endif

/// The holder of a lock, as recorded in the lock's file. For display only: the lock itself is the kernel's.
package struct OperationHolder: Sendable, Equatable {
  /// Its process id.
  package var process: Int32
  /// The command: `deskrun edit web-ci`. Never with arguments, which may be secret.
  package var title: String
  /// When it started, in seconds since 1970.
  package var since: Int64

  package init(process: Int32, title: String, since: Int64) {
    self.process = process
    self.title = title
    self.since = since
  }

  /// A holder that describes this process.
  package static func current(_ title: String) -> OperationHolder {
    OperationHolder(process: getpid(), title: SafeText.line(title), since: SystemTime.secondsSince1970())
  }

  package var record: String { "\(process) \(since) \(title)\n" }

  /// Reads a record; nil if it is empty or its process no longer exists.
  package init?(record: [UInt8]) {
    let parts = String(decoding: record, as: UTF8.self).trimmingSpaces.split(separator: " ", maxSplits: 2)
    guard parts.count == 3, let process = Int32(parts[0]), process > 0, let since = Int64(parts[1]) else { return nil }
    guard kill(process, 0) == 0 || errno == EPERM else { return nil }
    self.init(process: process, title: SafeText.line(parts[2]), since: since)
  }
}

/// Keeps two plans from working on the same thing at once, within a process or across processes. The lock is advisory
/// and held by an open file description, so it cannot outlive its owner. Lock files are never deleted: a process that
/// had just opened one would hold a lock that nobody else sees.
package struct OperationLock: Sendable {
  /// How many may hold a lock at the same time.
  package enum Mode: Sendable {
    /// A single holder.
    case exclusive
    /// Any number of holders, but no exclusive one.
    case shared
  }

  /// The folder with the lock files.
  package let directory: String

  /// Uses lock files in this folder, which is created with mode 0700 if missing.
  package init(directory: String) { self.directory = directory }

  /// Runs `body` while holding the lock with this name, waiting for it until the task is canceled.
  ///
  /// - Parameters:
  ///   - holder: what to record in the lock's file for those who wait; nil for a shared lock.
  ///   - onWait: called when waiting starts, and when the holders change. The list is empty if the holder has not
  ///     recorded itself yet, or is another program.
  ///   - others: name prefix of further locks whose holders are waited for.
  /// - Throws: `CancellationError` while waiting, `EngineError` of kind `configuration` if the file cannot be created,
  ///   and what `body` throws.
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
      // The first look may fall between taking the lock and recording it.
      if told != holders, looks > 0 || !holders.isEmpty {
        onWait(holders)
        told = holders
      }
      looks += 1
      // Short at first: most locks are held only briefly. A canceled task wakes immediately.
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

  /// The recorded holders of the lock with this name, and of those whose names start with `others`.
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

  /// Whether a running process is recorded as holder of the lock with this name.
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
