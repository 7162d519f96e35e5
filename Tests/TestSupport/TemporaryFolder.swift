import Foundation

/// A new folder that is deleted with this value.
///
/// All folders of a test process are in one folder, which is deleted with the process. The next process deletes what a
/// killed one left, so that test runs leave nothing in the temporary folder.
public final class TemporaryFolder: Sendable {
  /// The absolute path.
  public let path: String

  /// - Parameter isCreated: false for a path at which nothing exists yet.
  public init(isCreated: Bool = true) throws {
    path = try TestRun.newPath()
    if isCreated { try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true) }
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }

  /// The same as a file URL.
  public var url: URL { URL(fileURLWithPath: path) }

  /// Writes a file into it, and returns the file's path.
  @discardableResult
  public func write(_ text: String, to name: String, mode: Int = 0o644) throws -> String {
    let file = "\(path)/\(name)"
    if mode & 0o111 != 0 {
      try ProgramFile.write(text, to: file)
    } else {
      try Data(text.utf8).write(to: URL(fileURLWithPath: file))
    }
    try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: file)
    return file
  }
}

private enum TestRun {
  static let prefix = "deskrun-tests-"

  static let root: String = {
    let temporary = FileManager.default.temporaryDirectory.path
    for name in (try? FileManager.default.contentsOfDirectory(atPath: temporary)) ?? [] {
      guard name.hasPrefix(prefix), let process = pid_t(name.dropFirst(prefix.count)), kill(process, 0) != 0,
        errno == ESRCH
      else { continue }
      try? FileManager.default.removeItem(atPath: "\(temporary)/\(name)")
    }
    atexit { try? FileManager.default.removeItem(atPath: TestRun.root) }
    return "\(temporary)/\(prefix)\(getpid())"
  }()

  static func newPath() throws -> String {
    try FileManager.default.createDirectory(atPath: root, withIntermediateDirectories: true)
    // Short, because the path of a socket is limited to 104 bytes.
    return "\(root)/\(UUID().uuidString.prefix(13))"
  }
}
