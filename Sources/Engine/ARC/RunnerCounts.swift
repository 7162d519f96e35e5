import Basics

/// The minimum and maximum number of runners of an installation.
package struct RunnerCounts: Sendable, Equatable {
  /// A larger number is assumed to be a typing error.
  package static let limit = 10_000

  /// Idle runners to keep when no job is running.
  package let minimum: Int
  /// Maximum number of runners.
  package let maximum: Int

  /// One to five, the defaults of the earlier program.
  package static let standard = RunnerCounts(uncheckedMinimum: 1, maximum: 5)
  /// Exactly one, for each of several instances.
  package static let one = RunnerCounts(uncheckedMinimum: 1, maximum: 1)

  private init(uncheckedMinimum: Int, maximum: Int) {
    minimum = uncheckedMinimum
    self.maximum = maximum
  }

  /// Validates counts.
  ///
  /// - Throws: `EngineError` of kind `invalid` if one is negative, or the maximum is 0 or below the minimum.
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

  /// Parses a count that a user entered.
  ///
  /// - Parameter field: the name of the option or field, for the error.
  /// - Throws: `EngineError` of kind `invalid` if it is not an integer.
  package static func count(_ text: String, field: String) throws(EngineError) -> Int {
    guard let count = Int(text.trimmingSpaces) else {
      throw EngineError(
        .invalid, "\(field) must be a number, not \"\(SafeText.line(text))\"", fix: "For example: \(field) 3")
    }
    return count
  }
}
