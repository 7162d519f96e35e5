import Engine

#if canImport(Darwin)
import Darwin
#else
import Glibc
#endif

/// Distinguishes the demo's folder from a user's folder that DESKRUN_DEMO_HOME names by mistake. The demo writes to it
/// and `--demo-reset` deletes most of it.
enum DemoHome {
  /// The file that marks a folder as the demo's. A reset keeps it.
  static let marker = ".deskrun-demo"

  /// Makes the folder the demo's, if it already is, is empty or does not exist.
  ///
  /// - Throws: `EngineError`; the folder is then unchanged.
  static func claim(_ root: String) throws {
    guard try isOurs(root) else { throw foreign(root) }
    do {
      try FileIO.makePrivateFolder(root)
    } catch {
      throw EngineError(
        .failed, "The demo's folder \(SafeText.line(root)) cannot be created", why: error.reason,
        fix: "Set DESKRUN_DEMO_HOME to a folder that can be written")
    }
    guard !FileIO.exists(root + "/" + marker) else { return }
    let descriptor = open(root + "/" + marker, O_WRONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o600)
    guard descriptor >= 0 else {
      throw EngineError(
        .failed, "The demo's folder \(SafeText.line(root)) cannot be written", why: String(cString: strerror(errno)),
        fix: "Set DESKRUN_DEMO_HOME to a folder that can be written")
    }
    let text = Array("The folder of `deskrun --demo`. `--demo-reset` deletes what is in it.\n".utf8)
    _ = write(descriptor, text, text.count)
    close(descriptor)
  }

  /// Whether the demo may write and delete here: the folder is empty or marked, or contains exactly what the demo of
  /// earlier versions, which did not mark it, left there.
  ///
  /// - Throws: `EngineError` if the folder cannot be read.
  static func isOurs(_ root: String) throws -> Bool {
    guard let names = try names(in: root), !names.isEmpty else { return true }
    if names.contains(marker) { return true }
    let tools = ["kubectl", "helm", "kind", "docker"]
    guard names.isSubset(of: ["bin", "state", "home", "kubeconfig", "kubeconfig.lock"]),
      let bin = try self.names(in: root + "/bin"), bin.isSubset(of: tools),
      try self.names(in: root + "/state")?.contains("state.json") == true
    else { return false }
    return bin.allSatisfy { isLink("\(root)/bin/\($0)") }
  }

  /// The error for a folder that is not the demo's.
  static func foreign(_ root: String) -> EngineError {
    EngineError(
      .invalid, "\(SafeText.line(root)) is not a folder of the demo", why: "It has other files in it, and no \(marker)",
      fix: "Set DESKRUN_DEMO_HOME to a new or empty folder, or unset it")
  }

  /// The names in a folder; nil if it does not exist.
  private static func names(in folder: String) throws(EngineError) -> Set<String>? {
    guard let stream = opendir(folder) else {
      if errno == ENOENT { return nil }
      throw EngineError(
        .invalid, "The demo's folder \(SafeText.line(folder)) cannot be read", why: String(cString: strerror(errno)),
        fix: "Set DESKRUN_DEMO_HOME to a new or empty folder, or unset it")
    }
    defer { closedir(stream) }
    var names: Set<String> = []
    while let entry = readdir(stream) {
      let name = withUnsafePointer(to: &entry.pointee.d_name) { pointer in
        pointer.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
      }
      if name != ".", name != ".." { names.insert(name) }
    }
    return names
  }

  private static func isLink(_ path: String) -> Bool {
    var info = stat()
    return lstat(path, &info) == 0 && info.st_mode & S_IFMT == S_IFLNK
  }
}
