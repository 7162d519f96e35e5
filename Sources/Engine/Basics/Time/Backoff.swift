/// How long to wait before the next attempt: longer after each failure, with jitter.
package struct Backoff: Sendable {
  /// The maximum wait.
  package var limit: Duration
  /// The wait after the first failure.
  package var first: Duration
  /// An attempt that lasts this long resets the failure count.
  package var useful: Duration
  /// Consecutive failures.
  package private(set) var failures = 0

  package init(first: Duration = .seconds(1), limit: Duration = .seconds(30), useful: Duration = .seconds(30)) {
    (self.first, self.limit, self.useful) = (first, limit, useful)
  }

  /// The wait after another failure: between half of the computed wait and all of it.
  ///
  /// - Parameter lasted: how long the attempt worked before it failed.
  package mutating func next(after lasted: Duration = .zero) -> Duration {
    failures = lasted >= useful ? 1 : failures + 1
    let due = min(limit, first * (1 << min(failures - 1, 16)))
    return due * Double.random(in: 0.5...1)
  }
}
