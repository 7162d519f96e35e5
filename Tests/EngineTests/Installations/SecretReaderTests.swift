import Foundation
import TestSupport
import Testing

@testable import ARC
@testable import Basics
@testable import Installations
@testable import Kubernetes
@testable import Tools

/// Secrets from files that are not regular files.
@Suite struct SecretReaderTests {
  private func fifo() throws -> (folder: TemporaryFolder, path: String) {
    let folder = try TemporaryFolder()
    let path = folder.path + "/fifo"
    try #require(mkfifo(path, 0o600) == 0)
    return (folder, path)
  }

  /// Opens the writing end once there is a reader.
  private func writer(of path: String) async throws -> Int32 {
    var descriptor: Int32 = -1
    _ = try await eventually {
      descriptor = open(path, O_WRONLY | O_NONBLOCK | O_CLOEXEC)
      return descriptor >= 0
    }
    return descriptor
  }

  @Test func `a FIFO is read when somebody writes to it`() async throws {
    let (folder, path) = try fifo()
    let task = Task { try await CredentialResolver.secret(inFile: path) }
    let descriptor = try await writer(of: path)
    for piece in ["ghp_", "0123456789"] { _ = piece.withCString { write(descriptor, $0, strlen($0)) } }
    close(descriptor)
    #expect(try await task.value == Array("ghp_0123456789".utf8))
    withExtendedLifetime(folder) {}
  }

  @Test func `the wait for a FIFO ends with the task`() async throws {
    let (folder, path) = try fifo()
    let task = Task { try await CredentialResolver.secret(inFile: path) }
    let descriptor = try await writer(of: path)
    defer { close(descriptor) }
    task.cancel()
    await #expect(throws: CancellationError.self) { try await task.value }
    withExtendedLifetime(folder) {}
  }

  @Test func `what has no end is refused`() async throws {
    let error = try await #require(throws: EngineError.self) {
      try await CredentialResolver.secret(inFile: "/dev/zero")
    }
    #expect(error.what.contains("/dev/zero"))
  }
}
