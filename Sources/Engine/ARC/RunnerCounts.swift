import Basics

/// How many runners an installation keeps.
package struct RunnerCounts: Sendable, Equatable {
  /// More than this is a slip of the finger.
  package static let limit = 10_000

  /// Idle runners kept when no job runs.
  package let minimum: Int
  /// Maximum number of runners.
  package let maximum: Int

  /// One to five, as the earlier program's defaults.
  package static let standard = RunnerCounts(uncheckedMinimum: 1, maximum: 5)
  /// Exactly one, as each of several instances has.
  package static let one = RunnerCounts(uncheckedMinimum: 1, maximum: 1)

  private init(uncheckedMinimum: Int, maximum: Int) {
    minimum = uncheckedMinimum
    self.maximum = maximum
  }

  /// Checks counts.
  ///
  /// - Throws: `EngineError` of kind `invalid` when one is negative, the maximum is 0 or below the minimum.
  package init(minimum: Int, maximum: Int) throws(EngineError) {
    guard minimum >= 0 else {
      throw EngineError(.invalid, "The minimum of runners is \(minimum)", fix: "Give 0 or more (--min-runners)")
    }
    guard maximum >= 1 else {
      throw EngineError(
        .invalid, "The maximum of runners is \(maximum), so no job could ever run",
        fix: "Give 1 or more (--max-runners)")
    }
    guard maximum <= Self.limit else {
      throw EngineError(
        .invalid, "The maximum of runners is \(maximum)", fix: "Give at most \(Self.limit) (--max-runners)")
    }
    guard minimum <= maximum else {
      throw EngineError(
        .invalid, "The minimum of runners (\(minimum)) is above the maximum (\(maximum))",
        fix: "Lower --min-runners or raise --max-runners")
    }
    self.init(uncheckedMinimum: minimum, maximum: maximum)
  }

  /// Reads a count that somebody typed.
  ///
  /// - Parameter field: what it is called where it was typed, for the error.
  /// - Throws: `EngineError` of kind `invalid` when it is no whole number.
  package static func count(_ text: String, field: String) throws(EngineError) -> Int {
    guard let count = Int(text.trimmingSpaces) else {
      throw EngineError(
        .invalid, "\(field) must be a number, not \"\(SafeText.line(text))\"", fix: "For example: \(field) 3")
    }
    return count
  }
}
