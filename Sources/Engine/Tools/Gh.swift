import Basics

/// The GitHub command line.
package struct Gh: Sendable {
  package let program: Program

  /// The token that gh uses for a host.
  ///
  /// - Throws: `EngineError` of kind `unauthorized` if it is not logged in there.
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

extension Gh {
  /// The URLs of the logged-in user's repositories, most recently pushed first.
  ///
  /// - Throws: `EngineError` if gh is not logged in or GitHub does not respond.
  package func repositories(limit: Int = 6) async throws -> [String] {
    let arguments = ["repo", "list", "--limit", String(limit), "--json", "url"]
    let list = try await program.json(arguments, timeout: .seconds(15))
    return (list.arrayValue ?? []).compactMap { $0["url"]?.stringValue }
  }
}
