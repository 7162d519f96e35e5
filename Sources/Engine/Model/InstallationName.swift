/// The name of an installation: a DNS label of at most 45 characters that is not the controller's.
public struct InstallationName: Sendable, Hashable, Comparable, CustomStringConvertible {
  /// The name itself.
  public let description: String

  /// Checks a name.
  ///
  /// - Throws: `EngineError` of kind `invalid` that says what is wrong and proposes a name that would do.
  public init(_ text: String) throws(EngineError) {
    description = text
  }

  /// Alphabetical.
  public static func < (a: InstallationName, b: InstallationName) -> Bool { a.description < b.description }
}
