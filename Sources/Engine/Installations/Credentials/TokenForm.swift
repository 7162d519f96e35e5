import Basics

/// The format of tokens, which tells nothing about their permissions.
package enum TokenForm {
  /// The token without surrounding white space, and a warning about its format.
  ///
  /// - Throws: `EngineError` of kind `invalid`, never containing a part of the token.
  package static func checked(_ secret: Secret) throws(EngineError) -> (token: Secret, warning: String?) {
    let token = secret.reveal().trimmingSpaces
    guard !token.isEmpty else {
      throw EngineError(.invalid, "The token is empty", fix: "Create one at https://github.com/settings/tokens")
    }
    guard !token.contains("-----BEGIN") else {
      throw EngineError(
        .invalid, "This is a private key, not a token",
        fix: "For a GitHub App use --auth-type github-app with --app-id and --app-installation-id")
    }
    guard token.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F }) else {
      throw EngineError(
        .invalid, "The token has spaces, line ends or characters no token has", fix: "Copy it again, alone")
    }
    let known = ["ghp_", "github_pat_", "gho_", "ghu_", "ghs_"]
    let isLegacy = token.count == 40 && token.allSatisfy(\.isHexDigit)
    if token.hasPrefix("ghr_") {
      throw EngineError(
        .invalid, "This is a refresh token, which cannot be used itself", fix: "Use the token it belongs to")
    }
    if token.hasPrefix("ghs_") {
      return (Secret(token), "This is a token of a workflow or an app's installation: it stops working within hours.")
    }
    if isLegacy || known.contains(where: { token.hasPrefix($0) && token.count > $0.count + 10 }) {
      return (Secret(token), nil)
    }
    return (Secret(token), "The token does not look like one of GitHub's (ghp_…, github_pat_…). Using it anyway.")
  }
}
