/// The version of deskrun, kept in this one place.
public enum DeskrunVersion {
  /// The version of this build, as semantic versioning writes it.
  public static let current = "0.1.0"
}
