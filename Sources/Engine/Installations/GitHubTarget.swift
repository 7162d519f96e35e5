import Basics

/// What an installation serves: a repository, an organization or an enterprise on github.com or another host.
package struct GitHubTarget: Sendable, Equatable {
  /// The three kinds GitHub has.
  package enum Scope: Sendable, Equatable {
    /// One repository.
    case repository(owner: String, name: String)
    /// All repositories of an organization.
    case organization(String)
    /// All organizations of an enterprise.
    case enterprise(String)
  }

  /// `github.com` or a GitHub Enterprise host, with its port if it has one.
  package let host: String
  /// What is served.
  package let scope: Scope
  /// What was repaired in the text the user gave, one sentence each. Does not count for equality.
  package let notes: [String]

  /// Reads a URL the way users write it.
  ///
  /// - Throws: `EngineError` of kind `invalid` that names the right URL where that can be told.
  package init(_ text: String) throws(EngineError) {
    var parser = GitHubTargetParser(text)
    (host, scope) = try parser.parse()
    notes = parser.notes
  }

  /// The URL ARC is given: https, no trailing slash, no `.git`.
  package var url: String { "https://\(host)/\(path)" }

  /// `owner/name`, the organization, or `enterprises/NAME`.
  package var path: String {
    switch scope {
    case .repository(let owner, let name): "\(owner)/\(name)"
    case .organization(let name): name
    case .enterprise(let name): "enterprises/\(name)"
    }
  }

  /// Whether it is github.com itself rather than an Enterprise host.
  package var isGitHubDotCom: Bool { host == "github.com" }

  /// Equal when they serve the same, however it was written.
  package static func == (a: GitHubTarget, b: GitHubTarget) -> Bool { a.host == b.host && a.scope == b.scope }
}
