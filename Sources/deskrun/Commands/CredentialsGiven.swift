import CommandOutput
import CommandSession
import Engine

extension AuthenticationOptions {
  /// The credentials these options describe, checked; asks for them where nothing is given.
  ///
  /// - Throws: `EngineError` that names what is missing, before anything has been touched.
  func authentication(for target: GitHubTarget, _ session: Session) async throws -> Authentication {
    let kind: CredentialResolver.Kind = self.kind == .githubApp ? .appKey : .token
    let argument = try authValue.map { text throws(EngineError) in try CredentialArgument(text) }
    var ids: (id: String, installationID: String)?
    if kind == .appKey { ids = try AppIdentity.checked(id: appId, installationID: appInstallationId, target: target) }
    let found = try await session.credentials.find(
      argument, kind: kind, host: target.host, storage: store == .reference ? .reference : .literal,
      folder: Session.currentFolder())
    for warning in found.warnings {
      session.console.tell(ErrorReport.warning(warning, style: session.console.errorStyle))
    }
    guard let ids else { return .token(found.source) }
    return .app(id: ids.id, installationID: ids.installationID, key: found.source)
  }
}
