/// A host path that runners see, with Kubernetes' check of what it must be.
public struct Mount: Sendable, Equatable {
  /// What the path must be; Kubernetes' hostPath types.
  public enum Kind: String, Sendable, Equatable, CaseIterable {
    /// A directory, made when it is missing.
    case directoryOrCreate = "DirectoryOrCreate"
    /// A directory that exists.
    case directory = "Directory"
    /// A UNIX socket that exists.
    case socket = "Socket"
  }

  /// The path on the host.
  public let source: String
  /// Where runners see it.
  public let target: String
  /// What it must be.
  public let kind: Kind

  /// Reads `SOURCE:TARGET[:TYPE]`.
  ///
  /// - Throws: `EngineError` of kind `invalid`.
  public init(_ text: String) throws(EngineError) {
    try self.init(source: text, target: text, kind: .directoryOrCreate)
  }

  /// Checks the parts.
  ///
  /// - Throws: `EngineError` of kind `invalid`.
  public init(source: String, target: String, kind: Kind) throws(EngineError) {
    self.source = source
    self.target = target
    self.kind = kind
  }
}
