import Basics

/// A page or an address of GitHub's that people copy from the browser or from a script, and that is not the URL of what
/// it is about: `github.com/orgs/acme/repositories`, `github.com/acme/web/settings/actions/runners`,
/// `api.github.com/repos/acme/web`. The right URL is told where it can be.
struct GitHubPage {
  /// What the page is about: `page of an organization`.
  private let what: String
  /// The path that is to be used instead; nil where the page is about nothing that can have runners.
  private let path: String?
  private let host: String

  /// Pages of the whole site, which no owner can be named like.
  private static let site: Set<String> = [
    "settings", "login", "logout", "notifications", "explore", "marketplace", "topics", "trending", "search", "new",
    "pulls", "issues", "dashboard", "stars", "sponsors", "about", "features", "pricing", "codespaces", "apps",
  ]

  /// Recognizes one; nil for anything else.
  ///
  /// - Parameter parts: the parts of the path.
  init?(_ parts: [String], host: String) {
    var (host, parts) = (host, parts)
    var isAPI = false
    if host.hasPrefix("api.") {
      host = String(host.dropFirst(4))
      isAPI = true
    } else if parts.count > 1, host != "github.com", parts[0] == "api", parts[1] == "v3" {
      // The API of an Enterprise host: /api/v3/repos/…
      parts.removeFirst(2)
      isAPI = true
    }
    self.host = host
    func second(_ kind: String) -> (String, String?) { (kind, parts.count > 1 ? Self.owner(parts[1]) : nil) }
    switch parts.first {
    case "orgs"?, "organizations"?: (what, path) = second(isAPI ? "the API" : "a page of an organization")
    case "users"?: (what, path) = second(isAPI ? "the API" : "a page of a user")
    case "repos"? where isAPI:
      what = "the API"
      path = parts.count > 2 ? Self.repository(parts[1], parts[2]) : nil
    case "enterprises"? where isAPI && parts.count > 1:
      what = "the API"
      path = Self.owner(parts[1]).map { "enterprises/\($0)" }
    case let first? where Self.site.contains(first.lowercased()):
      what = "a page of GitHub itself"
      path = nil
    case nil where isAPI: (what, path) = ("the API", nil)
    case let first? where isAPI && first != "enterprises": (what, path) = ("the API", nil)
    default: return nil
    }
  }

  private static func owner(_ name: String) -> String? { GitHubTargetParser.isOwner(name) ? name : nil }

  private static func repository(_ owner: String, _ name: String) -> String? {
    GitHubTargetParser.isOwner(owner) && GitHubTargetParser.isRepository(name) ? "\(owner)/\(name)" : nil
  }

  /// The error for it.
  var refusal: EngineError {
    EngineError(
      .invalid, "This is the URL of \(what), not of a repository, organization or enterprise",
      fix: path.map { "Use https://\(host)/\($0)" } ?? "For example: https://\(host)/owner/repo")
  }
}
