import CommandOutput
import CommandSession
import Demo
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
    if session.isDemo, argument == nil, kind == .token { return demoToken(session) }
    let found = try await session.credentials.find(
      argument, kind: kind, host: target.host, storage: store == .reference ? .reference : .literal,
      folder: Session.currentFolder())
    for warning in found.warnings {
      session.console.tell(ErrorReport.warning(warning, style: session.console.errorStyle))
    }
    guard let ids else { return .token(found.source) }
    return .app(id: ids.id, installationID: ids.installationID, key: found.source)
  }

  /// The demo's own token: nobody needs one of GitHub's for it, nor should a real one get there.
  private func demoToken(_ session: Session) -> Authentication {
    if session.verbosity > .quiet {
      let label = session.console.errorStyle.paint("note:", .faint)
      session.console.tell("\(label) using the demo's own token; no token of GitHub's is needed")
    }
    return .token(.environment(DemoCluster.tokenVariable))
  }
}
