import Basics
import Tools

/// Rules for the paths of caches and mounts.
package enum HostPath {
  /// The path without repeated and trailing slashes and `.` components.
  ///
  /// - Throws: `EngineError` of kind `invalid` if it is not absolute, contains `..`, or has characters that no path
  ///   should have.
  package static func normalized(_ path: String, what: String) throws(EngineError) -> String {
    let shown = SafeText.line(path)
    guard path.hasPrefix("/") else {
      throw EngineError(
        .invalid, "The \(what) \"\(shown)\" is not an absolute path",
        fix: "Use an absolute path, for example: /root/.cache")
    }
    guard path.unicodeScalars.allSatisfy({ $0.value >= 0x20 && $0.value != 0x7F }), !path.contains(":"),
      !path.contains(",")
    else {
      throw EngineError(
        .invalid, "The \(what) \"\(shown)\" has a character that paths of mounts cannot have",
        fix: "Use a path without colons, commas and control characters")
    }
    let parts = path.split(separator: "/", omittingEmptySubsequences: true).filter { $0 != "." }
    guard !parts.contains("..") else {
      throw EngineError(.invalid, "The \(what) \"\(shown)\" contains `..`", fix: "Use the resolved path")
    }
    return "/" + parts.joined(separator: "/")
  }

  /// Whether a path equals another or is below it.
  package static func isAtOrBelow(_ path: String, _ folder: String) -> Bool {
    path == folder || path.hasPrefix(folder == "/" ? "/" : folder + "/")
  }

  /// System directories of a container: with an empty host directory mounted over one of them, the container does not
  /// start ("executable file not found").
  private static let systemFolders = [
    "/bin", "/sbin", "/usr", "/lib", "/lib32", "/lib64", "/libx32", "/etc", "/boot",
  ]
  /// Directories that the kernel and the container runtime mount.
  private static let kernelFolders = ["/proc", "/sys", "/dev"]
  /// Directories that the runner and its container hooks use.
  private static let runnerFolders = [
    "/home/runner/_work", "/home/runner/externals", "/home/runner/k8s", "/home/runner/k8s-novolume",
    "/home/runner/tmpDir", "/home/runner/bin", "/home/runner/_diag", "/home/runner/run.sh",
    "/home/runner/run-helper.sh",
    "/home/runner/config.sh", "/home/runner/env.sh", "/home/runner/safe_sleep.sh", "/__w", "/__e", "/github",
    "/etc/hooks",
  ]
  /// Directories that are rejected themselves, while paths below them may be allowed.
  private static let exactly = [
    "/", "/home", "/home/runner", "/root", "/var", "/var/lib", "/var/run", "/run", "/tmp", "/opt", "/nix",
  ]

  /// Rejects a target that would hide something the container needs to run.
  package static func checkTarget(_ target: String, what: String, isSocket: Bool = false) throws(EngineError) {
    func refuse(_ why: String, _ fix: String) -> EngineError {
      EngineError(.invalid, "The \(what) \(target) cannot be used", why: why, fix: fix)
    }
    let safer = "Cache one directory, for example: /root/.cache, /root/.cache/nix, /var/lib/docker"
    if let own = runnerFolders.first(where: { isAtOrBelow(target, $0) }) {
      throw refuse("the runner keeps its own files in \(own)", safer)
    }
    if let folder = kernelFolders.first(where: { isAtOrBelow(target, $0) }) {
      throw refuse("\(folder) belongs to the kernel", safer)
    }
    // Some directories below /usr are intended for additions.
    let isLocal = isAtOrBelow(target, "/usr/local") && target != "/usr/local" && target != "/usr/local/bin"
    if !isLocal, let folder = systemFolders.first(where: { isAtOrBelow(target, $0) }) {
      throw refuse("it would hide what the image has in \(folder), and no job could start", safer)
    }
    if exactly.contains(target) {
      throw refuse("it would hide everything the image has there", safer)
    }
    if !isSocket, isAtOrBelow(target, "/var/run") || isAtOrBelow(target, "/run") {
      throw refuse(
        "sockets of the runner and of Docker are created there", "Mount a socket with --mount SOURCE:TARGET:Socket")
    }
  }

  /// Replaces a leading `~` or `~/` with the home directory, if known.
  package static func expanded(_ path: String, home: String?) -> String {
    guard let home, path == "~" || path.hasPrefix("~/") else { return path }
    return home + path.dropFirst()
  }
}
