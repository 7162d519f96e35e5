import Basics
import Tools

/// Rules for paths of caches and mounts.
package enum HostPath {
  /// The path without doubled and trailing slashes and `.` parts.
  ///
  /// - Throws: `EngineError` of kind `invalid` when it is not absolute, leaves its folder by `..`, or has characters
  ///   that no path should.
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

  /// Whether one path is the other or lies below it.
  package static func isAtOrBelow(_ path: String, _ folder: String) -> Bool {
    path == folder || path.hasPrefix(folder == "/" ? "/" : folder + "/")
  }

  /// Directories that hold the container's own system: an empty host directory over one of them leaves a container
  /// that cannot start ("executable file not found").
  private static let systemFolders = [
    "/bin", "/sbin", "/usr", "/lib", "/lib32", "/lib64", "/libx32", "/etc", "/boot",
  ]
  /// What the kernel and the container runtime put there.
  private static let kernelFolders = ["/proc", "/sys", "/dev"]
  /// What the runner and its container hooks use themselves.
  private static let runnerFolders = [
    "/home/runner/_work", "/home/runner/externals", "/home/runner/k8s", "/home/runner/k8s-novolume",
    "/home/runner/tmpDir", "/home/runner/bin", "/home/runner/_diag", "/home/runner/run.sh",
    "/home/runner/run-helper.sh",
    "/home/runner/config.sh", "/home/runner/env.sh", "/home/runner/safe_sleep.sh", "/__w", "/__e", "/github",
    "/etc/hooks",
  ]
  /// Refused themselves, while what lies below them may do.
  private static let exactly = [
    "/", "/home", "/home/runner", "/root", "/var", "/var/lib", "/var/run", "/run", "/tmp", "/opt", "/nix",
  ]

  /// Refuses a target that would take away from a container what it cannot run without.
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
    // Below /usr some directories are made for additions.
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

  /// The path with `~` or `~/` at its beginning replaced by the home directory, where that is known.
  package static func expanded(_ path: String, home: String?) -> String {
    guard let home, path == "~" || path.hasPrefix("~/") else { return path }
    return home + path.dropFirst()
  }
}
