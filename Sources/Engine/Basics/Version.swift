/// The version of deskrun, defined only here.
package enum DeskrunVersion {
  /// The version of this build, as a semantic version.
  package static let current = "0.1.0"
}
