/// Compares ARC versions as written in labels.
package enum ARCVersion {
  /// Whether major and minor are equal: a controller deletes scale sets of another minor version.
  package static func isSameMinor(_ a: String, _ b: String) -> Bool {
    guard let first = ARCRelease(a), let second = ARCRelease(b) else {
      return a.split(separator: ".").prefix(2) == b.split(separator: ".").prefix(2)
    }
    return first.isSameMinor(as: second)
  }
}
