#if canImport(Darwin)
import Darwin
#else
import Glibc
#endif

/// The configuration file: read as it is, changed under a lock, never lost.
public struct ConfigurationStore: Sendable {
  /// Where it is.
  public let paths: Paths
  /// How long a change waits for another deskrun that is changing it.
  let patience: Duration

  /// Uses the file at these paths.
  public init(paths: Paths, patience: Duration = .seconds(10)) {
    self.paths = paths
    self.patience = patience
  }

  /// Reads the configuration; there being no file means an empty one.
  ///
  /// - Throws: `EngineError` of kind `configuration` that says where a damaged file is damaged.
  public func load() throws(EngineError) -> Configuration {
    let bytes: [UInt8]?
    do throws(FileIO.Failure) {
      bytes = try FileIO.read(paths.configuration)
    } catch {
      throw unreadable(error)
    }
    return try bytes.map { (bytes) throws(EngineError) in try Self.configuration(bytes, at: paths) } ?? Configuration()
  }

  private func unreadable(_ failure: FileIO.Failure) -> EngineError {
    EngineError(
      .configuration, "The configuration \(paths.configuration) cannot be read", why: failure.reason,
      fix: "Check who owns it and its folder, or set DESKRUN_HOME to another folder")
  }

  private static func configuration(_ bytes: [UInt8], at paths: Paths) throws(EngineError) -> Configuration {
    let document: JSONValue
    do throws(JSONParseError) {
      // Bytes that are no text would come back as other ones when the file is written again.
      if let mistake = JSONParseError(firstInvalidTextIn: bytes) { throw mistake }
      document = try JSONValue(parsing: bytes)
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
        ? "Mend that place, or put the last good one back: cp \(paths.backup) \(paths.configuration)"
        : "Mend that place, or move the file away to begin anew")
  }

  /// Changes the configuration: reads it, has it changed, and replaces the file, all under a lock, so that two deskruns
  /// lose nothing of each other's. A damaged file is never overwritten.
  ///
  /// - Returns: what is in the file now.
  /// - Throws: `EngineError` of kind `configuration`, or what `change` throws; then nothing is written.
  @discardableResult
  public func update(_ change: (inout Configuration) throws -> Void) throws -> Configuration {
    do throws(FileIO.Failure) {
      try FileIO.makePrivateFolder(paths.home)
    } catch {
      throw unwritable(error)
    }
    let lock = try takeLock()
    defer {
      ftruncate(lock, 0)
      close(lock)
    }
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
      case ENOSPC, EDQUOT: "Make room on its disk, then run the same command again"
      case EROFS: "Its file system is read-only: set DESKRUN_HOME to a folder that can be written"
      default: "Check who owns \(paths.home), or set DESKRUN_HOME to another folder"
      }
    return EngineError(
      .configuration, "The configuration \(paths.configuration) cannot be written", why: failure.reason, fix: fix)
  }

  private func takeLock() throws(EngineError) -> Int32 {
    let descriptor = open(paths.lock, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o600)
    guard descriptor >= 0 else { throw unwritable(FileIO.Failure(operation: "lock", code: errno)) }
    let deadline = MonotonicClock.now() &+ patience.nanoseconds
    while flock(descriptor, LOCK_EX | LOCK_NB) != 0 {
      guard errno == EWOULDBLOCK || errno == EINTR, MonotonicClock.now() < deadline else {
        let code = errno
        close(descriptor)
        if code == EWOULDBLOCK {
          throw EngineError(
            .configuration, "Another deskrun is changing the configuration and does not finish",
            why: "\(holder ?? "It") holds \(paths.lock)",
            fix: "Wait for it or end it, then run the same command again")
        }
        throw unwritable(FileIO.Failure(operation: "lock", code: code))
      }
      usleep(20_000)
    }
    // Only for the words of whoever waits: the lock is the kernel's, so what is written there cannot mislead anybody.
    ftruncate(descriptor, 0)
    let line = Array("\(getpid())\n".utf8)
    _ = write(descriptor, line, line.count)
    return descriptor
  }

  /// Who holds the lock, as far as it says so itself.
  private var holder: String? {
    guard let bytes = (try? FileIO.read(paths.lock, limit: 64)) ?? nil else { return nil }
    return Int32(String(decoding: bytes, as: UTF8.self).trimmingSpaces).map { "The process \($0)" }
  }
}
