/// A directory that jobs see at `target` and that stays on the host between jobs.
public struct CachePath: Sendable, Equatable {
  /// Where jobs see it.
  public let target: String
  /// The host directory the user chose, or nil for one that deskrun partitions per installation and index.
  public let source: String?

  /// Reads `TARGET` or `SOURCE:TARGET`.
  ///
  /// - Throws: `EngineError` of kind `invalid` when a path is not absolute or the target is dangerous.
  public init(_ text: String) throws(EngineError) {
    try self.init(target: text, source: nil)
  }

  /// Checks a target and a source.
  ///
  /// - Throws: `EngineError` of kind `invalid` when a path is not absolute or the target is dangerous.
  public init(target: String, source: String?) throws(EngineError) {
    self.target = target
    self.source = source
  }

  /// What the user should know before this is used, one sentence each (for example about `/nix/store`).
  public var warnings: [String] { [] }
}
