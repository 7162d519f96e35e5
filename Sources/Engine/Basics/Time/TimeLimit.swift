/// Waits for an answer no longer than it may take.
package enum TimeLimit {
  /// What the body answers; nil when that takes longer. The body is cancelled then.
  ///
  /// - Throws: what the body throws.
  package static func value<Value: Sendable>(
    _ limit: Duration, _ body: @escaping @Sendable () async throws -> Value
  ) async throws -> Value? {
    try await withThrowingTaskGroup(of: Value?.self) { group in
      defer { group.cancelAll() }
      group.addTask { try await body() }
      group.addTask {
        try await Task.sleep(for: limit)
        return nil
      }
      return try await group.next() ?? nil
    }
  }
}
