/// Finds out something that matters only if another operation fails, so that the user does not wait for both in turn.
package enum Meanwhile {
  /// How long an operation takes before the other one starts beside it. Most are done by then.
  private static let patience: Duration = .seconds(1)

  private enum News<Value: Sendable, Other: Sendable>: Sendable {
    case done(Value)
    case late
    case other(Other)
  }

  /// The result of an operation, and that of another one if it is needed. The other one starts when the first takes
  /// longer than a second, otherwise when it turns out to be needed.
  ///
  /// - Parameter isNeeded: whether the result makes the other operation necessary; if not, that one is canceled.
  /// - Throws: what the operations throw.
  package static func value<Value: Sendable, Other: Sendable>(
    _ body: @escaping @Sendable () async throws -> Value, isNeeded: (Value) -> Bool,
    _ other: @escaping @Sendable () async throws -> Other
  ) async throws -> (Value, Other?) {
    try await withThrowingTaskGroup(of: News<Value, Other>.self) { group in
      defer { group.cancelAll() }
      group.addTask { .done(try await body()) }
      group.addTask {
        try await Task.sleep(for: patience)
        return .late
      }
      var (value, found): (Value?, Other?) = (nil, nil)
      var isAsking = false
      while let news = try await group.next() {
        switch news {
        case .done(let done):
          guard isNeeded(done) else { return (done, nil) }
          value = done
        case .other(let answer): found = answer
        case .late: break
        }
        if let value, let found { return (value, found) }
        guard !isAsking else { continue }
        isAsking = true
        group.addTask { .other(try await other()) }
      }
      throw CancellationError()
    }
  }
}
