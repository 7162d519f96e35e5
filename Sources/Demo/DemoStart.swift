import Engine

/// Options that only a demo that starts can follow: what was done in it since would be lost.
struct DemoStart: Codable, Equatable {
  /// About how many runners it has; nil for those it has without the option.
  var runners: Int?
  /// Whether it starts with nothing at all.
  var isEmpty: Bool

  init(_ options: DemoOptions) { (runners, isEmpty) = (options.runners, options.isEmpty) }

  /// Refuses options that would be ignored because the demo exists.
  ///
  /// - Parameter former: what it started with; nil where that is not known.
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
