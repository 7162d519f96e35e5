/// Limits for numbers from other programs, servers and files. Numbers are clamped where they are read, so that
/// arithmetic on them cannot overflow.
package enum Bounds {
  /// Amounts: runners, jobs, restarts, events. The upper bound is Go's `math.MaxInt32`.
  package static let count = 0...Int(Int32.max)
  /// Moments in seconds since 1970: the years 0 to 9999, the range of RFC 3339.
  package static let moment: ClosedRange<Int64> = -62_167_219_200...253_402_300_799
}

extension Comparable {
  /// The nearest value in a range.
  package func clamped(to range: ClosedRange<Self>) -> Self { min(max(self, range.lowerBound), range.upperBound) }
}

extension FixedWidthInteger {
  /// The product, or the largest or smallest value on overflow.
  package func timesClamped(_ other: Self) -> Self {
    let (product, overflows) = multipliedReportingOverflow(by: other)
    return overflows ? ((self < 0) == (other < 0) ? .max : .min) : product
  }

  /// The sum, or the largest or smallest value on overflow.
  package func plusClamped(_ other: Self) -> Self {
    let (sum, overflows) = addingReportingOverflow(other)
    return overflows ? (other < 0 ? .min : .max) : sum
  }
}

extension Int {
  /// Reads an integer as another program writes it, within a range; nil if the text is not one. A number with too many
  /// digits becomes the nearest end of the range.
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
