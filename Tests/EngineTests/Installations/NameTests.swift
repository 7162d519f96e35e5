import Testing

@testable import ARC
@testable import Basics
@testable import Installations
@testable import Kubernetes
@testable import Tools

@Suite struct NameTests {
  @Test(arguments: ["a", "web-ci", "a1-b2", "0", String(repeating: "a", count: 45)])
  func `good`(name: String) throws { #expect(try InstallationName(name).description == name) }

  @Test(arguments: [
    "", "Web", "web_ci", "-web", "web-", "web.ci", "wéb", "web ci", String(repeating: "a", count: 46), "arc-controller",
    "arc-controller-gha-rs-controller",
  ])
  func `bad`(name: String) {
    #expect {
      try InstallationName(name)
    } throws: { error in
      guard let error = error as? EngineError else { return false }
      return error.kind == .invalid && error.fix != nil
    }
  }

  @Test(arguments: [("Web_CI", "web-ci"), ("  my runner! ", "my-runner"), ("-x-", "x"), ("wéb", "w-b")])
  func `a name that would do is proposed`(given: String, proposed: String) {
    #expect {
      try InstallationName(given)
    } throws: { ($0 as? EngineError)?.fix == "For example: \(proposed)" }
  }

  @Test func `control characters are not repeated`() {
    #expect {
      try InstallationName("a\u{1B}[2Jb")
    } throws: { ($0 as? EngineError)?.what.contains("\u{1B}") == false }
  }
}
