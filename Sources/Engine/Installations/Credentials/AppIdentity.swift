import Basics

/// The two ids that a GitHub App needs besides its key.
package enum AppIdentity {
  /// Validates the ids of an app.
  ///
  /// - Throws: `EngineError` of kind `invalid` that names what is missing and where to find it on GitHub.
  package static func checked(
    id: String?, installationID: String?, target: GitHubTarget
  ) throws(EngineError) -> (id: String, installationID: String) {
    let owner: String =
      switch target.scope {
      case .repository(let owner, _): owner
      case .organization(let name), .enterprise(let name): name
      }
    let site = "https://\(target.host)"
    let appPlace =
      "the app's page says \"App ID\": \(site)/settings/apps (yours) or "
      + "\(site)/organizations/\(owner)/settings/apps (of the organization \(owner))"
    let installationPlace =
      "open the app's installation (\(site)/settings/installations, or "
      + "\(site)/organizations/\(owner)/settings/installations) and take the number at the end of its address"
    let id = id?.trimmingSpaces ?? ""
    let installationID = installationID?.trimmingSpaces ?? ""
    switch (id.isEmpty, installationID.isEmpty) {
    case (true, true):
      throw EngineError(
        .invalid, "A GitHub App needs its app id and its installation id besides the key",
        why: "The key alone does not say which app and which installation it belongs to",
        fix: "Give --app-id and --app-installation-id: \(appPlace); \(installationPlace)")
    case (true, false):
      throw EngineError(.invalid, "The app id is missing", fix: "Give --app-id: \(appPlace)")
    case (false, true):
      throw EngineError(
        .invalid, "The installation id is missing", fix: "Give --app-installation-id: \(installationPlace)")
    default: break
    }
    // `Iv1.` or `Iv23` and some 16 more characters.
    let isClientID =
      id.hasPrefix("Iv") && id.utf8.count >= 8
      && id.utf8.allSatisfy { $0.isASCIILetterOrDigit || $0 == UInt8(ascii: ".") }
    let appNumber = Int64(id)
    guard appNumber.map({ $0 > 0 }) ?? isClientID else {
      throw EngineError(
        .invalid, "The app id \"\(SafeText.line(id))\" is neither a number nor a client id (Iv…)",
        fix: "Take it from here: \(appPlace)")
    }
    guard let number = Int64(installationID), number > 0 else {
      throw EngineError(
        .invalid, "The installation id \"\(SafeText.line(installationID))\" is not a number",
        fix: "Take it from here: \(installationPlace)")
    }
    return (appNumber.map(String.init) ?? id, String(number))
  }
}
