/// How versions of ARC compare.
package enum ARCVersion {
  /// Whether two versions share major and minor: a controller deletes scale sets of another minor version.
  package static func isSameMinor(_ a: String, _ b: String) -> Bool {
    a.split(separator: ".").prefix(2) == b.split(separator: ".").prefix(2)
  }
}
