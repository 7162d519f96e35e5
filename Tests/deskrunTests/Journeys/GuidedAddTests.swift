import Engine
import Foundation
import TestSupport
import Testing

@testable import CommandSession
@testable import deskrun

@Suite(.ownThreads) struct GuidedAddTests {
  @Test func `a terminal is asked, confirms the plan, and sees the first job`() async throws {
    let demo = DemoFolder(speed: 60)
    let session = try demo.onTerminal(["add"])
    try session.wait(for: "Which repository")
    try session.wait(for: "https://github.com/acme/shop")
    session.send("\n")
    try session.wait(for: "runs-on: [shop]")
    session.send("Shop!\n")
    try session.wait(for: "cannot be used")
    session.send("\n")
    try session.wait(for: "run Docker themselves")
    session.send("y\n")
    try session.wait(for: "trust everyone")
    session.send("y\n")
    try session.wait(for: "Mode ")
    try session.wait(for: "Add shop for https://github.com/acme/shop?")
    session.send("y\n")
    try session.wait(for: "runs-on: shop")
    try session.wait(for: " runs on shop-")
    let outcome = session.finish()
    #expect(outcome.status == 0, "\(outcome.output)")
    let list = try await JSONValue(parsing: demo.run(["list", "-o", "json"]).output)
    let shop = try #require(list["installations"]?.arrayValue?.first { $0["name"] == "shop" })
    #expect(shop["mode"] == "dind")
  }

  @Test func `a no to the plan changes nothing`() async throws {
    let demo = DemoFolder(speed: 1000)
    let session = try demo.onTerminal(["add", "shop"])
    try session.wait(for: "Which repository")
    session.send("acme/other\n")
    try session.wait(for: "run Docker themselves")
    session.send("\n")
    try session.wait(for: "outlive them")
    session.send("\n")
    try session.wait(for: "without privileges")
    try session.wait(for: "Add shop for https://github.com/acme/other?")
    session.send("n\n")
    #expect(session.finish().status == 2)
    #expect(try await !demo.run(["list", "-o", "name"]).output.contains("shop"))
  }

  @Test func `a pipe is told what is missing`() async throws {
    let outcome = try await DemoFolder().run(["add"])
    #expect(outcome.status == 64)
    #expect(outcome.errors.contains("Missing expected argument '<name>'"))
  }

  @Test(arguments: [
    ("git@github.com:acme/web.git", "https://github.com/acme/web"),
    ("https://you:ghp_secret@github.com/acme/web", "https://github.com/acme/web"),
    ("ssh://git@github.example.com:2222/acme/web.git", "https://github.example.com/acme/web"),
    ("https://acme.ghe.com/acme/web/", "https://acme.ghe.com/acme/web"),
    ("git@gitlab.com:acme/web.git", nil), ("/srv/git/web.git", nil), ("../web", nil),
  ])
  func `a remote is read as a page of GitHub`(remote: String, url: String?) {
    #expect(RepositoryCandidates.url(ofRemote: remote) == url)
  }

  @Test func `origin is proposed first, and each repository once`() {
    let text = """
      fork\tgit@github.com:you/web.git (fetch)
      fork\tgit@github.com:you/web.git (push)
      origin\thttps://github.com/acme/web (fetch)
      origin\thttps://github.com/acme/web (push)
      """
    #expect(
      RepositoryCandidates.targets(inRemotes: text).map(\.url) == [
        "https://github.com/acme/web", "https://github.com/you/web",
      ])
  }

  @Test func `the proposed name is free and can be used`() throws {
    let target = try GitHubTarget("https://github.com/acme/My_Site.js")
    #expect(GuidedAdd.proposal(for: target, taken: []) == "my-site-js")
    #expect(GuidedAdd.proposal(for: target, taken: ["my-site-js"]) == "my-site-js-2")
    #expect(try GuidedAdd.target("acme/web").url == "https://github.com/acme/web")
    #expect(try GuidedAdd.target("https://github.com/acme").url == "https://github.com/acme")
  }

  @Test(arguments: ["yes", "shop", "my shop", "acme.com"]) func `a word is not taken as an organization`(
    word: String
  ) {
    let error = #expect(throws: EngineError.self) { try GuidedAdd.target(word) }
    #expect(error?.what == "\(word) is not a URL")
    #expect(error?.fix?.contains("https://github.com/ORGANIZATION") == true)
  }

  @Test(arguments: [
    ("https://github.com/acme/web", "scopes=repo"), ("https://github.com/acme", "scopes=admin:org"),
    ("https://github.com/enterprises/acme", "scopes=manage_runners%3Aenterprise"),
  ])
  func `the page for a token has the scope filled in`(url: String, scope: String) throws {
    let page = TokenPage(try GitHubTarget(url)).classic(try InstallationName("web"))
    #expect(page.hasPrefix("https://github.com/settings/tokens/new?description=deskrun%20web&"))
    #expect(page.removingPercentEncoding?.hasSuffix(try #require(scope.removingPercentEncoding)) == true, "\(page)")
  }
}
