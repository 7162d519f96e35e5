import Basics

/// What an installation serves: a repository, an organization or an enterprise on github.com or another host.
package struct GitHubTarget: Sendable, Equatable {
  /// The kinds of targets.
  package enum Scope: Sendable, Equatable {
    /// A single repository.
    case repository(owner: String, name: String)
    /// All repositories of an organization.
    case organization(String)
    /// All organizations of an enterprise.
    case enterprise(String)
  }

  /// `github.com` or a GitHub Enterprise host, with a port if it has one.
  package let host: String
  /// The repository, organization or enterprise.
  package let scope: Scope
  /// Corrections to the user's text, one sentence each. Ignored for equality.
  package let notes: [String]

  /// Parses a URL as users write it.
  ///
  /// - Throws: `EngineError` of kind `invalid` that names the right URL if possible.
  package init(_ text: String) throws(EngineError) {
    var parser = GitHubTargetParser(text)
    (host, scope) = try parser.parse()
    notes = parser.notes
  }

  /// The URL for ARC: https, without a trailing slash and `.git`.
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

  /// Whether both are the same target, however they were written.
  package static func == (a: GitHubTarget, b: GitHubTarget) -> Bool { a.host == b.host && a.scope == b.scope }
}
