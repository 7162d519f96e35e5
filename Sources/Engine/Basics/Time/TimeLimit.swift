/// Waits for a result with a time limit.
package enum TimeLimit {
  /// The result of the body; nil if it takes longer than the limit. The body is then canceled.
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
