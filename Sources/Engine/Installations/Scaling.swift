import ARC
import Basics

/// A change of an installation's runner counts. A count that is not specified stays the same.
package struct Scaling: Sendable, Equatable {
  /// The number of runners to keep idle.
  package var minimum: Int?
  /// Maximum number of runners.
  package var maximum: Int?
  /// The counts on which the change was based; nil for those configured when it is applied.
  package var base: RunnerCounts?

  package init(minimum: Int? = nil, maximum: Int? = nil, from base: RunnerCounts? = nil) {
    (self.minimum, self.maximum, self.base) = (minimum, maximum, base)
  }

  /// Sets these counts.
  package init(to counts: RunnerCounts, from base: RunnerCounts) {
    self.init(minimum: counts.minimum, maximum: counts.maximum, from: base)
  }

  /// Parses `MAX` or `MIN-MAX`.
  ///
  /// - Throws: `EngineError` of kind `invalid`.
  package init(_ text: String) throws(EngineError) {
    let parts = text.split(separator: "-", maxSplits: 1, omittingEmptySubsequences: false).map {
      String($0).trimmingSpaces
    }
    let counts = parts.compactMap { Int($0) }
    guard counts.count == parts.count, let last = counts.last else {
      throw EngineError(
        .invalid, "\"\(SafeText.line(text))\" is not a number of runners", fix: "Write MAX or MIN-MAX, for example 1-5")
    }
    self.init(minimum: counts.count == 2 ? counts[0] : nil, maximum: last)
  }

  /// The resulting counts.
  ///
  /// - Parameter name: the installation's name, for the suggested command.
  /// - Throws: `EngineError` of kind `invalid`: a specified count never changes one that is not.
  package func counts(from current: RunnerCounts, of name: String) throws(EngineError) -> RunnerCounts {
    let (low, high) = (minimum ?? current.minimum, maximum ?? current.maximum)
    if low > high, low >= 0, high >= 1, minimum == nil || maximum == nil {
      let isMaximum = minimum == nil
      let both = isMaximum ? high : low
      throw EngineError(
        .invalid,
        isMaximum
          ? "The maximum of \(high) is below the minimum (\(low))"
          : "The minimum of \(low) is above the maximum (\(high))",
        fix: "\(isMaximum ? "Lower" : "Raise") both: "
          + "`deskrun scale \(name) --min-runners \(both) --max-runners \(both)`")
    }
    return try RunnerCounts(minimum: low, maximum: high)
  }

  /// The effect on runners, on one line: `max 5 → 7: 2 more runners may start`.
  package static func words(from old: RunnerCounts, to new: RunnerCounts) -> String {
    func runners(_ count: Int) -> String { count == 1 ? "runner" : "runners" }
    var parts: [String] = []
    let (more, waiting) = (new.maximum - old.maximum, new.minimum - old.minimum)
    if more != 0 {
      parts.append(
        "max \(old.maximum) → \(new.maximum): "
          + (more > 0
            ? "\(more) more \(runners(more)) may start"
            : "at most \(new.maximum) \(runners(new.maximum)); running jobs finish first"))
    }
    if waiting != 0 {
      let count = abs(waiting)
      parts.append(
        "min \(old.minimum) → \(new.minimum): \(count) \(waiting > 0 ? "more" : "fewer") \(runners(count)) "
          + (count == 1 ? "waits for jobs" : "wait for jobs"))
    }
    return parts.isEmpty ? "no change" : parts.joined(separator: ", ")
  }
}
