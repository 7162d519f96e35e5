import CommandOutput
import CommandSession
import Demo
import Engine

extension AuthenticationOptions {
  /// The credentials described by these options, still to be found.
  ///
  /// - Parameter current: the credentials of an edited installation. Its App's key is kept if only the ids change.
  /// - Throws: `EngineError` of kind `invalid`.
  func request(_ session: Session, current: Authentication? = nil) throws(EngineError) -> CredentialRequest {
    let options = current.map(completed) ?? self
    let isApp = options.kind == .githubApp
    var argument = try authValue.map { text throws(EngineError) in try CredentialArgument(text) }
    var storage: CredentialResolver.Storage = store == .reference ? .reference : .literal
    if session.isDemo, argument == nil || argument == .gh, !isApp {
      // The demo needs no GitHub token, and the user's real one must not get there.
      (argument, storage) = (.environment(DemoCluster.tokenVariable), .reference)
      session.tellNote("using the demo's own token; no GitHub token needed")
    }
    var kept: Authentication?
    if isApp, store == nil, case .app? = current { kept = current }
    return CredentialRequest(
      argument, app: isApp ? .init(id: options.appId, installationID: options.appInstallationId) : nil,
      storage: storage, kept: kept)
  }
}
