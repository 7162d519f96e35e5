import CommandOutput
import Engine

/// Repositories that probably need runners: those of the checkout in the current directory, and those of the user
/// logged in with gh.
package enum RepositoryCandidates {
  /// The repositories known to git and gh; empty if neither is installed or knows one.
  ///
  /// - Throws: only `CancellationError`.
  package static func find(_ session: Session) async throws -> [GitHubTarget] {
    async let checkout = ofCheckout(session.toolbox)
    async let account = ofAccount(session.toolbox)
    var found: [GitHubTarget] = []
    for target in try await checkout + account where !found.contains(target) { found.append(target) }
    return Array(found.prefix(9))
  }

  private static func ofCheckout(_ toolbox: Toolbox) async throws -> [GitHubTarget] {
    guard let git = toolbox.locator.find(program: "git") else { return [] }
    do {
      let result = try await toolbox.runner.run(
        ToolCall(git, ["remote", "-v"], environment: toolbox.environment, timeout: .seconds(5)))
      return result.exit.isSuccess ? targets(inRemotes: result.outputText) : []
    } catch is EngineError { return [] }
  }

  private static func ofAccount(_ toolbox: Toolbox) async throws -> [GitHubTarget] {
    do {
      return try await toolbox.gh().repositories().compactMap { try? GitHubTarget($0) }
    } catch is EngineError { return [] }
  }

  /// The repositories in the output of `git remote -v`, upstream ones after origin.
  static func targets(inRemotes text: String) -> [GitHubTarget] {
    var found: [(name: Substring, target: GitHubTarget)] = []
    for line in text.split(whereSeparator: \.isNewline) {
      let words = line.split(whereSeparator: \.isWhitespace)
      guard words.count >= 2, let url = url(ofRemote: String(words[1])), let target = try? GitHubTarget(url),
        !found.contains(where: { $0.target == target })
      else { continue }
      found.append((words[0], target))
    }
    return found.filter { $0.name == "origin" }.map(\.target) + found.filter { $0.name != "origin" }.map(\.target)
  }

  /// The URL of a remote as a GitHub page, without user and password; nil if it is not on GitHub.
  static func url(ofRemote remote: String) -> String? {
    var rest: Substring
    if let scheme = remote.firstRange(of: "://") {
      rest = remote[scheme.upperBound...]
      if let at = rest.prefix(while: { $0 != "/" }).lastIndex(of: "@") { rest = rest[rest.index(after: at)...] }
      // The port for ssh differs from that of the pages.
      if remote.hasPrefix("ssh://"), let colon = rest.prefix(while: { $0 != "/" }).firstIndex(of: ":") {
        rest = rest[..<colon] + rest[colon...].drop { $0 != "/" }
      }
    } else if let colon = remote.firstIndex(of: ":"), !remote.hasPrefix("/") {
      let host = remote[..<colon]
      rest =
        (host.lastIndex(of: "@").map { host[host.index(after: $0)...] } ?? host) + "/"
        + remote[remote.index(after: colon)...]
    } else {
      return nil
    }
    let host = rest.prefix { $0 != "/" }.lowercased()
    guard host == "github.com" || host.hasSuffix(".ghe.com") || host.contains("github") else { return nil }
    if rest.hasSuffix("/") { rest = rest.dropLast() }
    return "https://" + (rest.hasSuffix(".git") ? rest.dropLast(4) : rest)
  }
}
