/// How long to wait before the next try: longer the more often it failed, and not at the same moment as others do.
package struct Backoff: Sendable {
  /// The longest wait.
  package var limit: Duration
  /// The wait after the first failure.
  package var first: Duration
  /// What has to last this long before its end counts as the first failure again.
  package var useful: Duration
  /// Failures in a row.
  package private(set) var failures = 0

  package init(first: Duration = .seconds(1), limit: Duration = .seconds(30), useful: Duration = .seconds(30)) {
    (self.first, self.limit, self.useful) = (first, limit, useful)
  }

  /// The wait after one more failure: between half of what is due and all of it.
  ///
  /// - Parameter lasted: how long the try worked before it failed.
  package mutating func next(after lasted: Duration = .zero) -> Duration {
    failures = lasted >= useful ? 1 : failures + 1
    let due = min(limit, first * (1 << min(failures - 1, 16)))
    return due * Double.random(in: 0.5...1)
  }
}
