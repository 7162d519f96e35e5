import Basics

/// Credentials as the options of a command or the fields of a form describe them, before anybody is asked for a secret.
package struct CredentialRequest: Sendable, Equatable {
  /// The ids of a GitHub App as they were given; nil inside for what was left out.
  package struct App: Sendable, Equatable {
    package var id: String?
    package var installationID: String?

    package init(id: String?, installationID: String?) { (self.id, self.installationID) = (id, installationID) }
  }

  /// Where the secret comes from; nil for the environment, then a question where somebody can be asked.
  package var argument: CredentialArgument?
  /// Set for a GitHub App; nil for a token.
  package var app: App?
  /// What the configuration remembers of it.
  package var storage: CredentialResolver.Storage
  /// Whether the secret was typed into a form, so that no list of processes shows it.
  package var isTyped: Bool
  /// What is used again when no secret is named: the token, or the key of the App.
  package var kept: Authentication?

  package init(
    _ argument: CredentialArgument?, app: App? = nil, storage: CredentialResolver.Storage = .literal,
    isTyped: Bool = false, kept: Authentication? = nil
  ) {
    self.argument = argument
    self.app = app
    self.storage = storage
    self.isTyped = isTyped
    self.kept = kept
  }

  /// Stands for the credentials where everything else is checked.
  package var placeholder: Authentication {
    let source = SecretSource.literal(Secret("-"))
    return app.map { .app(id: $0.id, installationID: $0.installationID, key: source) } ?? .token(source)
  }
}

extension CredentialResolver {
  /// How an installation proves who it is, with the secret looked for and checked.
  ///
  /// - Returns: what the configuration is to remember, and sentences for the user.
  /// - Throws: `EngineError` that names what is missing, before anything has been touched.
  package func authentication(
    _ request: CredentialRequest, for target: GitHubTarget
  ) async throws -> (authentication: Authentication, warnings: [String]) {
    var ids: (id: String, installationID: String)?
    if let app = request.app {
      ids = try AppIdentity.checked(id: app.id, installationID: app.installationID, target: target)
    }
    if request.argument == nil {
      switch (request.kept, ids) {
      case (.token(let source)?, nil): return (.token(source), [])
      case (.app(_, _, let key)?, let ids?): return (.app(id: ids.id, installationID: ids.installationID, key: key), [])
      default: break
      }
    }
    let found = try await find(request, host: target.host)
    guard let ids else { return (.token(found.source), found.warnings) }
    return (.app(id: ids.id, installationID: ids.installationID, key: found.source), found.warnings)
  }

  /// Looks for the secret alone.
  package func find(_ request: CredentialRequest, host: String) async throws -> Found {
    try await find(
      request.argument, kind: request.app == nil ? .token : .appKey, host: host, storage: request.storage,
      folder: folder, isTyped: request.isTyped)
  }
}
