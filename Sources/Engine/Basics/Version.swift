/// The version of deskrun, kept in this one place.
package enum DeskrunVersion {
  /// The version of this build, as semantic versioning writes it.
  package static let current = "0.1.0"
}
