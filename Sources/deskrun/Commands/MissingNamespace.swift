import CommandOutput
import CommandSession
import Engine

/// Detects a mistyped `-n`: an empty output for a namespace that does not exist would look like a healthy one.
extension Session {
  /// The maximum time for a cluster to answer whether it has a namespace.
  private static let patience: Duration = .seconds(5)

  /// The error for the selected namespace, if it is certain that none of these clusters has it.
  ///
  /// - Returns: nil without a selected namespace, and if a cluster has it or does not respond.
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
