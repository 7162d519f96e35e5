import TestSupport
import Testing

@testable import ARC
@testable import Basics
@testable import Installations
@testable import Kubernetes
@testable import Tools

@Suite struct GitHubTargetTests {
  @Test(arguments: [
    ("https://github.com/acme/web", "https://github.com/acme/web", 0),
    ("https://github.com/acme/web/", "https://github.com/acme/web", 1),
    ("https://github.com/acme/web.git", "https://github.com/acme/web", 1),
    ("http://github.com/acme/web.git/", "https://github.com/acme/web", 3),
    ("github.com/acme/web", "https://github.com/acme/web", 1), ("acme/web", "https://github.com/acme/web", 1),
    ("https://www.github.com/acme/web", "https://github.com/acme/web", 1),
    ("https://github.com/acme", "https://github.com/acme", 0),
    ("https://github.com:443/acme/web", "https://github.com/acme/web", 1),
    ("https://github.com/octo_corp/web", "https://github.com/octo_corp/web", 0),
    ("https://github.com/enterprises/big", "https://github.com/enterprises/big", 0),
    ("https://ghe.example.com:8443/acme/web", "https://ghe.example.com:8443/acme/web", 0),
    ("https://api.example.com/acme/web", "https://api.example.com/acme/web", 0),
    ("https://GitHub.com/Acme/Web.js", "https://github.com/Acme/Web.js", 0),
  ])
  func `what people write is understood`(given: String, url: String, notes: Int) throws {
    let target = try GitHubTarget(given)
    #expect(target.url == url)
    #expect(target.notes.count == notes, "\(target.notes)")
  }

  @Test func `scopes`() throws {
    #expect(try GitHubTarget("https://github.com/acme/web").scope == .repository(owner: "acme", name: "web"))
    #expect(try GitHubTarget("https://github.com/acme").scope == .organization("acme"))
    #expect(try GitHubTarget("https://github.com/enterprises/big").scope == .enterprise("big"))
  }

  @Test(arguments: [
    ("git@github.com:acme/web.git", "Use https://github.com/acme/web"),
    ("ssh://git@github.com/acme/web.git", "Use https://github.com/acme/web"),
    ("ssh://git@ghe.example.com:22/acme/web.git", "Use https://ghe.example.com/acme/web"),
    ("https://github.com/acme/web/tree/main", "Use https://github.com/acme/web"),
    ("https://github.com/orgs/acme/repositories", "Use https://github.com/acme"),
    ("https://github.com/acme/web?tab=readme", "Use https://github.com/acme/web"),
    ("https://github.com/orgs/acme", "Use https://github.com/acme"),
    ("github.com/orgs/acme/repositories?type=all", "Use https://github.com/acme"),
    ("https://github.com/organizations/acme/settings/actions/runners", "Use https://github.com/acme"),
    ("https://github.com/users/alice", "Use the URL of a repository: https://github.com/alice/REPOSITORY"),
    ("https://api.github.com/users/alice/repos", "Use the URL of a repository: https://github.com/alice/REPOSITORY"),
    ("https://github.com/users/alice/projects/1", "Use the URL of a repository: https://github.com/alice/REPOSITORY"),
    ("https://api.octo.ghe.com/repos/acme/web", "Use https://octo.ghe.com/acme/web"),
    ("https://api.example.com/api/v3/repos/acme/web", "Use https://api.example.com/acme/web"),
    ("https://ghe.example.com:8443/api/v3/orgs/acme", "Use https://ghe.example.com:8443/acme"),
    ("https://ghe.example.com/repos/acme/web", "Use https://ghe.example.com/acme/web"),
    ("https://ghe.example.com/api/v3", "For example: https://ghe.example.com/owner/repo"),
    ("https://github.com/acme/web/settings/actions/runners", "Use https://github.com/acme/web"),
    ("https://github.com/acme/web/actions", "Use https://github.com/acme/web"),
    ("https://github.com/acme/web/pulls#top", "Use https://github.com/acme/web"),
    ("https://github.com/settings/profile", "For example: https://github.com/owner/repo"),
    ("https://api.github.com/repos/acme/web", "Use https://github.com/acme/web"),
    ("https://api.github.com/repos/acme/web/actions/runners", "Use https://github.com/acme/web"),
    ("https://api.github.com/orgs/acme/actions/runners", "Use https://github.com/acme"),
    ("https://api.github.com/enterprises/big/actions/runners", "Use https://github.com/enterprises/big"),
    ("https://ghe.example.com/api/v3/repos/acme/web", "Use https://ghe.example.com/acme/web"),
    ("https://github.com/enterprises/big/settings", "Use https://github.com/enterprises/big"),
  ])
  func `what is refused names the right address`(given: String, fix: String) {
    #expect {
      try GitHubTarget(given)
    } throws: { ($0 as? EngineError)?.kind == .invalid && ($0 as? EngineError)?.fix == fix }
  }

  @Test(arguments: [
    "", "   ", "ftp://github.com/a/b", "https://", "https:///a/b", "https://git hub.com/a/b", "https://github.com",
    "a/b/c/d", "https://github.com/a/..", "https://github.com/a.b/c", "https://github.com/-a/b",
    "https://github.com/a/.git", "https://github.com/" + String(repeating: "a", count: 101),
    "https://github.com/a/" + String(repeating: "b", count: 101), "https://-x/a/b", "https://x:99999/a/b",
  ])
  func `nonsense is refused`(given: String) { #expect(throws: EngineError.self) { try GitHubTarget(given) } }

  @Test(arguments: [
    "https://user:hunter2@github.com/acme/web", "user:hunter2@github.com/acme/web", "hunter2@github.com/acme/web",
    "ssh://user:hunter2@github.com/acme/web.git", "git://user:hunter2@github.com/acme/web", "SSH://u:hunter2@x/a/b",
    "https://user:hunter2/x@github.com/acme/web", "https://user:hunter2@github.com/acme/w eb",
    "https://user:hunter2@git\u{E9}.example/acme/web", "hunter2@host/acme/web", "https://github.com/acme/web@hunter2",
    "git@github.com:acme/hunter2@web",
  ])
  func `a password in the address is refused and not repeated`(given: String) {
    #expect {
      try GitHubTarget(given)
    } throws: { error in
      guard let error = error as? EngineError else { return false }
      return !error.description.contains("hunter2")
    }
  }

  @Test(arguments: [
    ("https://github.com/bad_Name", "organization", "letters, digits and single hyphens"),
    ("https://github.com/bad--name", "organization", "two hyphens"),
    ("https://github.com/-bad", "organization", "start and end"),
    ("https://github.com/bad-", "organization", "start and end"),
    ("https://github.com/" + String(repeating: "a", count: 40), "organization", "40 characters, and GitHub allows 39"),
    ("https://github.com/a_b_c/web", "owner", "one underscore"), ("https://github.com/a.b/web", "owner", "letters"),
    ("https://github.com/acme/we!b", "repository", "letters, digits, `.`, `_` and `-`"),
    ("https://github.com/acme/..", "repository", "reserves"),
    ("https://github.com/acme/" + String(repeating: "b", count: 101), "repository", "GitHub allows 100"),
    ("https://github.com/enterprises/a!", "enterprise", "letters"),
  ])
  func `a name that GitHub does not have is refused, and the error says which`(given: String, what: String, why: String)
  {
    #expect {
      try GitHubTarget(given)
    } throws: { error in
      guard let error = error as? EngineError else { return false }
      return error.kind == .invalid && error.what.contains("the name of a") && error.what.contains(what)
        && error.why?.contains(why) == true
    }
  }

  @Test func `the longest names are taken`() throws {
    let owner = String(repeating: "a", count: 39)
    let repository = String(repeating: "b", count: 97) + "._-"
    #expect(try GitHubTarget("https://github.com/\(owner)/\(repository)").path == "\(owner)/\(repository)")
    #expect(try GitHubTarget("https://github.com/\(owner)").path == owner)
  }

  @Test func `garbage never traps`() {
    var seed: UInt64 = 1
    for _ in 0..<Rounds.count(1000, soak: 50_000) {
      var text = ""
      for _ in 0..<Int(seed % 24) {
        seed = seed &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        text.unicodeScalars.append(Unicode.Scalar(UInt32(seed >> 33) % 0x300) ?? "?")
      }
      seed = seed &+ 0x9E37_79B9_7F4A_7C15
      _ = try? GitHubTarget(text)
      _ = try? GitHubTarget("https://github.com/" + text)
      _ = try? InstallationName(text)
      _ = try? CachePath(text)
      _ = try? Mount(text)
      _ = SafeText.line(text)
      _ = try? JSONValue(parsing: text)
      _ = Timestamp.parse(text)
    }
  }
}
