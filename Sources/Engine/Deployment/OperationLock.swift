#if canImport(Darwin)
import Darwin
#else
import Glibc
#endif

/// Keeps two plans from working on the same thing at once, in one process or in several. Advisory: an open file
/// description holds it, so it cannot outlive its owner.
public struct OperationLock: Sendable {
  /// The folder of the lock files.
  let directory: String

  /// Uses lock files in this folder, which is made (0700) when it is missing.
  public init(directory: String) { self.directory = directory }

  /// Runs `body` while holding the lock of this name, waiting for it as long as the task is not cancelled.
  ///
  /// - Throws: `CancellationError` while waiting, `EngineError` of kind `configuration` when the file cannot be made, and
  ///   what `body` throws.
  func withLock<R: Sendable>(
    _ name: String, onWait: @Sendable () -> Void = {}, _ body: () async throws -> R
  ) async throws -> R {
    let descriptor = try open(name)
    defer { close(descriptor) }
    var hasWaited = false
    while flock(descriptor, LOCK_EX | LOCK_NB) != 0 {
      guard errno == EWOULDBLOCK || errno == EINTR else { throw failure(name) }
      if !hasWaited { onWait() }
      hasWaited = true
      try await Task.sleep(for: .milliseconds(200))
    }
    return try await body()
  }

  private func open(_ name: String) throws -> Int32 {
    var folder = ""
    for part in directory.split(separator: "/", omittingEmptySubsequences: true) {
      folder += "/" + part
      mkdir(folder, 0o700)
    }
    let safe = String(name.map { $0.isLetter || $0.isNumber || $0 == "-" || $0 == "." ? $0 : "_" })
    #if canImport(Darwin)
    let descriptor = Darwin.open("\(directory)/\(safe).lock", O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o600)
    #else
    let descriptor = Glibc.open("\(directory)/\(safe).lock", O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o600)
    #endif
    guard descriptor >= 0 else { throw failure(name) }
    return descriptor
  }

  private func failure(_ name: String) -> EngineError {
    EngineError(
      .configuration, "The lock for \(name) cannot be taken in \(directory)", why: String(cString: strerror(errno)),
      fix: "Check who owns \(directory) and that its disk has room")
  }
}
