import Basics

/// Credentials as described by the options of a command or the fields of a form, before a secret is requested.
package struct CredentialRequest: Sendable, Equatable {
  /// The given ids of a GitHub App; nil for those left out.
  package struct App: Sendable, Equatable {
    package var id: String?
    package var installationID: String?

    package init(id: String?, installationID: String?) { (self.id, self.installationID) = (id, installationID) }
  }

  /// The source of the secret; nil for the environment, then a prompt if possible.
  package var argument: CredentialArgument?
  /// Set for a GitHub App; nil for a token.
  package var app: App?
  /// How the configuration stores it.
  package var storage: CredentialResolver.Storage
  /// Whether the secret was typed into a form and so is not visible in the process list.
  package var isTyped: Bool
  /// The current token or key of the App, used again if no secret is named.
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

  /// A placeholder for the credentials while everything else is validated.
  package var placeholder: Authentication {
    let source = SecretSource.literal(Secret("-"))
    return app.map { .app(id: $0.id, installationID: $0.installationID, key: source) } ?? .token(source)
  }
}

extension CredentialResolver {
  /// The authentication of an installation, with the secret found and checked.
  ///
  /// - Returns: what to store in the configuration, and sentences for the user.
  /// - Throws: `EngineError` that names what is missing, before anything is changed.
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

  /// Only finds the secret.
  package func find(_ request: CredentialRequest, host: String) async throws -> Found {
    try await find(
      request.argument, kind: request.app == nil ? .token : .appKey, host: host, storage: request.storage,
      folder: folder, isTyped: request.isTyped)
  }
}
