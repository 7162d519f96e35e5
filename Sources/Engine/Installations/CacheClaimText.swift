import ARC
import Basics

extension CacheClaim {
  /// Parses `NAME:TARGET`.
  ///
  /// - Throws: `EngineError` of kind `invalid` if the name is invalid, or the target is not a path that may be mounted
  ///   over.
  init(_ text: String, _ option: String) throws(EngineError) {
    let parts = text.split(separator: ":", omittingEmptySubsequences: false).map(String.init)
    guard parts.count == 2, !parts[0].isEmpty else {
      throw EngineError(
        .invalid, "\(option) \(SafeText.line(text)) does not have the form NAME:TARGET",
        why: "NAME is a PersistentVolumeClaim that exists in the namespace of the runners",
        fix: "For example: \(option) build-cache:/home/runner/.cache")
    }
    try PodSettings.check(object: parts[0], option, "PersistentVolumeClaim")
    let target = try HostPath.normalized(parts[1], what: "target of a cache")
    try HostPath.checkTarget(target, what: "target of a cache")
    self.init(claim: parts[0], target: target)
  }
}
