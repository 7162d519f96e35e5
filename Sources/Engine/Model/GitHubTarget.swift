/// What an installation serves: a repository, an organisation or an enterprise on github.com or another host.
public struct GitHubTarget: Sendable, Equatable {
  /// The three kinds GitHub has.
  public enum Scope: Sendable, Equatable {
    /// One repository.
    case repository(owner: String, name: String)
    /// All repositories of an organisation.
    case organization(String)
    /// All organisations of an enterprise.
    case enterprise(String)
  }

  /// `github.com` or a GitHub Enterprise host, with its port if it has one.
  public let host: String
  /// What is served.
  public let scope: Scope
  /// What was repaired in the text the user gave, one sentence each. Does not count for equality.
  public let notes: [String]

  /// Reads a URL the way users write it.
  ///
  /// - Throws: `EngineError` of kind `invalid` that names the right URL where that can be told.
  public init(_ text: String) throws(EngineError) {
    var parser = GitHubTargetParser(text)
    (host, scope) = try parser.parse()
    notes = parser.notes
  }

  /// The URL ARC is given: https, no trailing slash, no `.git`.
  public var url: String { "https://\(host)/\(path)" }

  /// `owner/name`, the organisation, or `enterprises/NAME`.
  public var path: String {
    switch scope {
    case .repository(let owner, let name): "\(owner)/\(name)"
    case .organization(let name): name
    case .enterprise(let name): "enterprises/\(name)"
    }
  }

  /// Whether it is github.com itself rather than an Enterprise host.
  public var isGitHubDotCom: Bool { host == "github.com" }

  /// Equal when they serve the same, however it was written.
  public static func == (a: GitHubTarget, b: GitHubTarget) -> Bool { a.host == b.host && a.scope == b.scope }
}
