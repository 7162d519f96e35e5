import Basics

/// The GitHub command line.
package struct Gh: Sendable {
  package let program: Program

  /// The token it is logged in with at a host.
  ///
  /// - Throws: `EngineError` of kind `unauthorized` when it is not logged in there.
  package func token(host: String) async throws -> Secret {
    let result = try await program.attempt(["auth", "token", "--hostname", host], timeout: .seconds(20))
    let token = result.outputText.split(whereSeparator: \.isWhitespace).first.map(String.init) ?? ""
    guard result.exit.isSuccess, !token.isEmpty else {
      throw EngineError(
        .unauthorized, "gh has no token for \(host)", why: ToolFailure.lastLine(result, of: .gh),
        fix: "Log in with: gh auth login --hostname \(host) --scopes repo")
    }
    return Secret(token)
  }
}
