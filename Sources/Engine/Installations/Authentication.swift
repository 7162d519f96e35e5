import Basics

/// The source of a secret. A reference can be stored instead of the secret itself.
package enum SecretSource: Sendable, Equatable {
  /// The secret itself, as the earlier program stored it.
  case literal(Secret)
  /// An environment variable with this name.
  case environment(String)
  /// A file at this absolute path.
  case file(String)
  /// `gh auth token --hostname HOST`.
  case gh(host: String)
}

/// How an installation authenticates with GitHub.
package enum Authentication: Sendable, Equatable {
  /// A personal access token.
  case token(SecretSource)
  /// A GitHub App. The ids are nil if the earlier program wrote the configuration: it never stored them.
  case app(id: String?, installationID: String?, key: SecretSource)

  package var isToken: Bool { if case .token = self { true } else { false } }

  /// The source of the token or key.
  package var source: SecretSource {
    switch self {
    case .token(let source): source
    case .app(_, _, let key): key
    }
  }
}
