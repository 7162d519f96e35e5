extension Installation {
  /// Checks what concerns several parts.
  func validate() throws(EngineError) {}

  /// What the user should know about this installation before it is deployed, one sentence each.
  public var warnings: [String] { caches.flatMap(\.warnings) }
}
