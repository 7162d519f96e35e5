import ARC
import Basics

/// A directory mounted into jobs at `target` that stays on the host between jobs.
package struct CachePath: Sendable, Equatable {
  /// The path in jobs.
  package let target: String
  /// The host directory the user chose, or nil for one that deskrun creates per installation and index.
  package let source: String?

  /// Parses `TARGET` or `SOURCE:TARGET`; a leading `~/` in the source is the home directory.
  ///
  /// - Throws: `EngineError` of kind `invalid` if a path is not absolute or the target is dangerous.
  package init(_ text: String, home: String? = nil) throws(EngineError) {
    let parts = text.split(separator: ":", omittingEmptySubsequences: false).map(String.init)
    switch parts.count {
    case 1: try self.init(target: parts[0], source: nil)
    case 2: try self.init(target: parts[1], source: HostPath.expanded(parts[0], home: home))
    default:
      throw EngineError(
        .invalid, "The cache \"\(SafeText.line(text))\" has more than one colon",
        fix: "Write TARGET or SOURCE:TARGET, for example: --cache /root/.cache")
    }
  }

  /// Validates a target and a source.
  ///
  /// - Throws: `EngineError` of kind `invalid` if a path is not absolute or the target is dangerous.
  package init(target: String, source: String?) throws(EngineError) {
    self.target = try HostPath.normalized(target, what: "cache path")
    try HostPath.checkTarget(self.target, what: "cache path")
    self.source = try source.map { (text) throws(EngineError) in
      let path = try HostPath.normalized(text, what: "source of a cache")
      guard path != "/" else {
        throw EngineError(
          .invalid, "The source of the cache \(target) is the whole disk", fix: "Name a directory for this cache")
      }
      return path
    }
  }

  /// Warnings for the user, one sentence each.
  package var warnings: [String] {
    guard HostPath.isAtOrBelow(target, "/nix/store") || target == "/nix/store" else { return [] }
    return [
      "The cache /nix/store starts empty and hides what an image has in its own /nix/store. Images that keep their "
        + "shell there (NixOS, nixery) cannot start with it; images that install Nix into it while they run can. "
        + "/root/.cache/nix is the safe choice."
    ]
  }
}
