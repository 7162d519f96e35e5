/// Limits for numbers that other programs, servers and files give. They are put within these where they are read, so
/// that nothing deskrun computes with them can overflow, whatever they are.
package enum Bounds {
  /// Amounts of things: runners, jobs, restarts, events. The largest is what Go's `math.MaxInt32` stands for.
  package static let count = 0...Int(Int32.max)
  /// Moments in seconds since 1970: the years 0 to 9999, which is what RFC 3339 can write.
  package static let moment: ClosedRange<Int64> = -62_167_219_200...253_402_300_799
}

extension Comparable {
  /// The nearest value of a range.
  package func clamped(to range: ClosedRange<Self>) -> Self { min(max(self, range.lowerBound), range.upperBound) }
}

extension FixedWidthInteger {
  /// The product, or the largest or smallest value where it does not fit.
  package func timesClamped(_ other: Self) -> Self {
    let (product, overflows) = multipliedReportingOverflow(by: other)
    return overflows ? ((self < 0) == (other < 0) ? .max : .min) : product
  }

  /// The sum, or the largest or smallest value where it does not fit.
  package func plusClamped(_ other: Self) -> Self {
    let (sum, overflows) = addingReportingOverflow(other)
    return overflows ? (other < 0 ? .min : .max) : sum
  }
}

extension Int {
  /// A whole number as another program writes it, within a range; nil when it is none. One with more digits than fit is
  /// taken for the nearest end of the range.
  package init?(written text: some StringProtocol, within range: ClosedRange<Int> = Bounds.count) {
    if let number = Int(text) {
      self = number.clamped(to: range)
      return
    }
    let digits = text.first == "-" || text.first == "+" ? text.dropFirst() : text[...]
    guard !digits.isEmpty, digits.utf8.allSatisfy({ (0x30...0x39).contains($0) }) else { return nil }
    self = text.first == "-" ? range.lowerBound : range.upperBound
  }
}
