import Basics
import Tools

#if canImport(Darwin)
import Darwin
#else
import Glibc
#endif

/// The configuration file. Changes are made under a lock and never lose data.
package struct ConfigurationStore: Sendable {
  /// The paths of the file and of those next to it.
  package let paths: Paths
  /// How long a change waits while another deskrun changes the file.
  package let patience: Duration
  /// The contexts that are used in place of others of the same cluster; every configuration that is read has them.
  package var standIns: [StandIn] = []

  /// Uses the file at these paths.
  package init(paths: Paths, patience: Duration = .seconds(10)) {
    self.paths = paths
    self.patience = patience
  }

  /// Reads the configuration; a missing file means an empty one.
  ///
  /// - Throws: `EngineError` of kind `configuration` with the position of an error in a damaged file.
  package func load() throws(EngineError) -> Configuration {
    let bytes: [UInt8]?
    do throws(FileIO.Failure) {
      bytes = try FileIO.read(paths.configuration)
    } catch {
      throw unreadable(error)
    }
    var configuration =
      try bytes.map { (bytes) throws(EngineError) in try Self.configuration(bytes, at: paths) } ?? Configuration()
    configuration.standIns = standIns
    return configuration
  }

  private func unreadable(_ failure: FileIO.Failure) -> EngineError {
    EngineError(
      .configuration, "The configuration \(paths.configuration) cannot be read", why: failure.reason,
      fix: failure.explanation == nil
        ? "Check who owns it and its folder, or set DESKRUN_HOME to another folder"
        : "Move it away, or set DESKRUN_HOME to another folder")
  }

  private static func configuration(_ bytes: [UInt8], at paths: Paths) throws(EngineError) -> Configuration {
    let document: JSONValue
    do throws(JSONParseError) {
      // Invalid UTF-8 would be replaced when the file is written again.
      if let mistake = JSONParseError(firstInvalidTextIn: bytes) { throw mistake }
      document = try JSONValue(parsing: bytes, keepingText: true)
      SecretVariables.note(referencesIn: document)
    } catch {
      throw damaged(
        paths, "line \(error.line), column \(error.column): \(SafeText.line(error.message))")
    }
    do throws(EngineError) {
      return try Configuration(document: document)
    } catch {
      throw damaged(paths, [error.what, error.why].compactMap { $0 }.joined(separator: ": "))
    }
  }

  private static func damaged(_ paths: Paths, _ why: String) -> EngineError {
    EngineError(
      .configuration, "The configuration \(paths.configuration) is damaged", why: why,
      fix: FileIO.exists(paths.backup)
        ? "Fix the file, or restore the backup: cp \(paths.backup) \(paths.configuration)"
        : "Fix the file, or move it away to start over")
  }

  /// Prepares the folder of the configuration: it exists, and nobody else can replace files in it.
  ///
  /// - Throws: `EngineError` of kind `configuration` with the reason why the folder cannot be used.
  package func prepareFolder() throws(EngineError) {
    do throws(FileIO.Failure) {
      try FileIO.makePrivateFolder(paths.home)
    } catch {
      throw unwritable(error)
    }
    // The standard folder is deskrun's own, but the earlier program created it readable for everybody.
    if paths.isStandard { chmod(paths.home, 0o700) }
  }

  /// Removes the temporary files of a killed deskrun, which may contain secrets.
  package func removeLeftOvers() {
    guard let lock = try? openLock() else { return }
    defer { close(lock) }
    // The holder of the lock removes them.
    if flock(lock, LOCK_EX | LOCK_NB) == 0 { removeLeftOversLocked() }
  }

  private func removeLeftOversLocked() {
    for path in [FileIO.resolved(paths.configuration), paths.backup] { LeftOvers.remove(for: path, isLocked: true) }
    for path in [paths.interface, paths.history] { LeftOvers.remove(for: path, isLocked: false) }
  }

  /// Changes the configuration: reads the file, applies the change and replaces the file under a lock, so that
  /// concurrent changes are not lost. A damaged file is never overwritten. Blocks the thread; asynchronous code uses
  /// `change`.
  ///
  /// - Returns: the new contents of the file.
  /// - Throws: `EngineError` of kind `configuration`, or what `change` throws; nothing is written then.
  @discardableResult
  package func update(_ change: (inout Configuration) throws -> Void) throws -> Configuration {
    try prepareFolder()
    let lock = try openLock()
    defer { close(lock) }
    let deadline = MonotonicClock.now() &+ patience.nanoseconds
    while try !isTaken(lock, until: deadline) { usleep(20_000) }
    return try changed(lock, change)
  }

  /// The same without blocking a thread. A canceled task stops waiting immediately.
  @discardableResult
  package func change(_ change: (inout Configuration) throws -> Void) async throws -> Configuration {
    try prepareFolder()
    let lock = try openLock()
    defer { close(lock) }
    let deadline = MonotonicClock.now() &+ patience.nanoseconds
    while try !isTaken(lock, until: deadline) { try await Task.sleep(for: .milliseconds(20)) }
    return try changed(lock, change)
  }

  /// Reads, changes and writes while the lock is held.
  private func changed(_ lock: Int32, _ change: (inout Configuration) throws -> Void) throws -> Configuration {
    defer { ftruncate(lock, 0) }
    removeLeftOversLocked()
    let before = try load()
    var after = before
    try change(&after)
    let file = FileIO.resolved(paths.configuration)
    do throws(FileIO.Failure) {
      let old = try FileIO.read(file)
      if after.json == before.json, old != nil {
        chmod(file, 0o600)
        return after
      }
      if let old { try FileIO.replace(paths.backup, with: old) }
      try FileIO.replace(file, with: Array(after.json.encoded(pretty: true).utf8))
    } catch {
      throw unwritable(error)
    }
    return after
  }

  private func unwritable(_ failure: FileIO.Failure) -> EngineError {
    let fix =
      switch failure.code {
      case ENOSPC, EDQUOT: "Free space on its disk, then run the same command again"
      case EROFS: "Its file system is read-only: set DESKRUN_HOME to a folder that can be written"
      case EPERM where failure.explanation != nil:
        "Set DESKRUN_HOME to a folder of your own that only you can write to, for example: \(paths.userHome)/.deskrun"
      default: "Check who owns \(paths.home), or set DESKRUN_HOME to another folder"
      }
    return EngineError(
      .configuration, "The configuration \(paths.configuration) cannot be written", why: failure.reason, fix: fix)
  }

  private func openLock() throws(EngineError) -> Int32 {
    let descriptor = open(paths.lock, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o600)
    guard descriptor >= 0 else { throw unwritable(FileIO.Failure(operation: "lock", code: errno)) }
    return descriptor
  }

  /// Tries to take the lock.
  ///
  /// - Throws: `EngineError` that names the holder at the deadline; `CancellationError` in a canceled task.
  private func isTaken(_ descriptor: Int32, until deadline: UInt64) throws -> Bool {
    guard flock(descriptor, LOCK_EX | LOCK_NB) != 0 else {
      // Only for messages to those who wait: the lock is the kernel's, so this text cannot cause errors.
      ftruncate(descriptor, 0)
      let line = Array("\(getpid())\n".utf8)
      _ = write(descriptor, line, line.count)
      return true
    }
    let code = errno
    guard code == EWOULDBLOCK || code == EINTR else { throw unwritable(FileIO.Failure(operation: "lock", code: code)) }
    try Task.checkCancellation()
    guard MonotonicClock.now() < deadline else {
      throw EngineError(
        .configuration, "Another deskrun is changing the configuration and does not finish",
        why: "\(holder ?? "It") holds \(paths.lock)",
        fix: "Wait for it or end it, then run the same command again")
    }
    return false
  }

  /// The holder of the lock, if it has recorded itself.
  private var holder: String? {
    guard let bytes = (try? FileIO.read(paths.lock, limit: 64)) ?? nil else { return nil }
    return Int32(String(decoding: bytes, as: UTF8.self).trimmingSpaces).map { "The process \($0)" }
  }
}
