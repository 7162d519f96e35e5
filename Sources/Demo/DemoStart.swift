import Engine

/// Options that only apply when a demo is created: applying them later would lose its state.
struct DemoStart: Codable, Equatable {
  /// The approximate number of runners; nil for the default.
  var runners: Int?
  /// Whether it starts empty.
  var isEmpty: Bool

  init(_ options: DemoOptions) { (runners, isEmpty) = (options.runners, options.isEmpty) }

  /// Rejects options that would be ignored because the demo already exists.
  ///
  /// - Parameter former: the options it was created with; nil if unknown.
  /// - Throws: `EngineError` of kind `usage`.
  func check(against former: DemoStart?) throws {
    if isEmpty, former?.isEmpty != true { throw Self.refusal("--demo-empty") }
    if let runners, runners != former?.runners { throw Self.refusal("--demo-runners \(runners)") }
  }

  private static func refusal(_ option: String) -> EngineError {
    EngineError(
      .usage, "The demo already exists", why: "\(option) is for one that starts",
      fix: "Start over, which deletes what was done in the demo: deskrun --demo-reset \(option)")
  }
}
