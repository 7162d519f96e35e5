import CommandOutput
import CommandSession
import Engine

/// `-n` with a namespace that does not exist: mistyped, and no sign that all is well.
extension Session {
  /// The most time that a cluster is given to tell whether it has a namespace.
  private static let patience: Duration = .seconds(5)

  /// The error for the namespace that observing is narrowed to, where it is certain that none of these clusters has it.
  ///
  /// - Returns: nil where nothing was narrowed, and where a cluster has it or does not say.
  func missingNamespace(on sessions: [Session]) async throws -> EngineError? {
    guard let namespace = toolbox.narrowedTo else { return nil }
    let path = "/api/v1/namespaces/\(namespace)"
    let answers = try await SeveralClusters.each(sessions.map { ($0, $0.toolbox) }, limit: Self.patience) {
      try await $1.kubectl().get(path, timeout: Self.patience)
    }
    let isMissing = answers.allSatisfy { answer in
      if case .failure(let error) = answer { error.kind == .notFound } else { false }
    }
    guard isMissing, let first = sessions.first else { return nil }
    let contexts = sessions.map(\.label).joined(separator: ", ")
    return first.completed(
      EngineError(
        .notFound, "No namespace \(namespace) found on \(contexts)",
        fix: "List those that exist: `kubectl get namespaces`"))
  }
}
