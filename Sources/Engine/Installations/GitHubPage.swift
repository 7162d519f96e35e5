import Basics

/// A page or API address of GitHub that people copy from the browser or from a script instead of the URL of its
/// subject: `github.com/orgs/acme/repositories`, `github.com/acme/web/settings/actions/runners`,
/// `api.github.com/repos/acme/web`. The error names the right URL if possible.
struct GitHubPage {
  /// The subject of the page: `page of an organization`.
  private let what: String
  /// The path to use instead; nil if the page is not about anything that can have runners.
  private let path: String?
  /// The user that the page belongs to; runners serve a user's repositories, not the user.
  private var user: String?
  private let host: String

  /// Pages of the whole site, whose names no owner can have.
  private static let site: Set<String> = [
    "settings", "login", "logout", "notifications", "explore", "marketplace", "topics", "trending", "search", "new",
    "pulls", "issues", "dashboard", "stars", "sponsors", "about", "features", "pricing", "codespaces", "apps",
  ]

  /// Recognizes such a page; nil for anything else.
  ///
  /// - Parameter parts: the components of the path.
  init?(_ parts: [String], host: String) {
    var (host, parts) = (host, parts)
    var isAPI = false
    if host == "api.github.com" || (host.hasPrefix("api.") && host.hasSuffix(".ghe.com")) {
      host = String(host.dropFirst(4))
      isAPI = true
    } else if parts.count > 1, host != "github.com", parts[0] == "api", Self.interfaces.contains(parts[1]) {
      // The API of an Enterprise Server: /api/v3/repos/…, on the host of its pages, whatever its name is.
      parts.removeFirst(2)
      isAPI = true
    } else if parts.count > 2, parts[0] == "repos" {
      // The path of the API without the host. No owner has that name.
      isAPI = true
    }
    self.host = host
    func second(_ kind: String) -> (String, String?) { (kind, parts.count > 1 ? Self.owner(parts[1]) : nil) }
    switch parts.first {
    case "orgs"?, "organizations"?: (what, path) = second(isAPI ? "the API" : "a page of an organization")
    case "users"?:
      (what, path) = (isAPI ? "the API" : "a page of a user", nil)
      user = parts.count > 1 ? Self.owner(parts[1]) : nil
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

  /// What follows `/api/` on an Enterprise Server.
  private static let interfaces: Set<String> = ["v3", "graphql", "uploads"]

  private static func owner(_ name: String) -> String? { GitHubTargetParser.isOwner(name) ? name : nil }

  private static func repository(_ owner: String, _ name: String) -> String? {
    GitHubTargetParser.isOwner(owner) && GitHubTargetParser.isRepository(name) ? "\(owner)/\(name)" : nil
  }

  var refusal: EngineError {
    if let user {
      return EngineError(
        .invalid, "This is the URL of \(what), not of a repository, organization or enterprise",
        why: "Runners cannot serve a user, only single repositories of one",
        fix: "Use the URL of a repository: https://\(host)/\(user)/REPOSITORY")
    }
    return EngineError(
      .invalid, "This is the URL of \(what), not of a repository, organization or enterprise",
      fix: path.map { "Use https://\(host)/\($0)" } ?? "For example: https://\(host)/owner/repo")
  }
}
