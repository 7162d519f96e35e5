import Testing

@testable import ARC
@testable import Basics
@testable import Installations
@testable import Kubernetes
@testable import Tools

/// Values that would otherwise fail later, elsewhere and with another message.
@Suite struct RefusedValuesTests {
  private func installation(_ name: String = "ci", instances: Int = 1, image: String? = nil, labels: [String] = [])
    throws -> Installation
  {
    try Installation(
      name: InstallationName(name), target: GitHubTarget("https://github.com/acme/web"), instances: instances,
      image: image, labels: labels, authentication: .token(.literal(Secret("t"))))
  }

  @Test(arguments: [
    "123", "0", "007", "089", "1e3", "1e-3", "0x1f", "0b11", "0o17", "null", "true", "false", "yes", "no", "on", "off",
    "y", "n",
  ])
  func `a name that YAML reads as something else`(name: String) {
    let refusal = #expect(throws: EngineError.self) { try installation(name) }
    #expect(refusal?.what == "The name \"\(name)\" cannot be used")
    #expect(refusal?.fix == "For example: runner-\(name)")
  }

  @Test(arguments: [
    "1a", "e3", "1e", "1-2", "2024-01-01", "0x", "0xg", "web", "nulls", "true-1", "nan", "inf", "1e3e3", "10e-", "1--2",
  ])
  func `a name that YAML reads as text`(name: String) throws {
    // Some are not valid names for other reasons.
    guard let checked = try? InstallationName(name) else { return }
    try checked.checkReadAsText()
  }

  @Test func `instances can make a number of a name`() throws {
    #expect(throws: EngineError.self) { try installation("1e", instances: 2) }
    _ = try installation("1e")
  }

  @Test(arguments: [
    ">", "", " ", "a b", "/etc", "-a", "a/", "a//b", "a:", "a:b:c", "A/b/", "acme/Runner:1", "a..b/c",
    "ghcr.io/a_-b/c", "ghcr.io:x/a", "ghcr.io:99999/a", "https://ghcr.io/a/b", "docker.io/", "a@sha256:12",
    "a@b", "a:\(String(repeating: "t", count: 129))", "$(id)", "a;b", "a'b", "[::1/a", "_a", "a_", "é",
    String(repeating: "a", count: 256), String(repeating: "a", count: 64), "ghp_0123456789abcdef0123",
  ])
  func `what is no image`(image: String) {
    let refusal = #expect(throws: EngineError.self) { try installation(image: image) }
    #expect(refusal?.kind == .invalid)
    #expect(refusal?.why != nil)
    #expect(refusal?.description.contains("0123456789abcdef") == false)
  }

  @Test(arguments: [
    "runner", "acme/runner:missing", "ghcr.io/actions/actions-runner:latest", "ghcr.io/actions/actions-runner",
    "localhost/a", "localhost:5000/a/b:v1", "registry.example.com:8443/a.b/c_d/e__f/g--h:V1.2_3-x", "[::1]:5000/a",
    "a@sha256:\(String(repeating: "0a", count: 32))", "ghcr.io/a/b:1@sha256:\(String(repeating: "f", count: 64))",
    "Registry/a", "1.2.3.4/a", "a:_x",
  ])
  func `what is an image`(image: String) throws { _ = try installation(image: image) }

  @Test(arguments: [
    "ghp_0123456789abcdef0123456789abcdef0123", "github_pat_0123456789abcdef0123", "acme/ghp_0123456789abcdef0123",
    "https://github.com/ghp_0123456789abcdef0123", "gho_0123456789ABCDEF0123?x",
    "0123456789abcdef0123456789abcdef01234567",
    "-----BEGIN RSA PRIVATE KEY-----\n0123456789abcdef\n-----END RSA PRIVATE KEY-----",
  ])
  func `a token in the wrong place is refused and not repeated`(token: String) {
    let isHex = token.allSatisfy(\.isHexDigit)
    for refusal in [
      #expect(throws: EngineError.self) { try GitHubTarget(token) },
      #expect(throws: EngineError.self) { try CachePath(token) },
      #expect(throws: EngineError.self) { try installation(image: token) },
    ] {
      // Hexadecimal digits may be a legitimate path.
      #expect(isHex || refusal?.description.lowercased().contains("0123456789abcdef") == false, "\(refusal as Any)")
    }
    #expect(throws: EngineError.self) { try installation(labels: [token]) }
    // Hexadecimal digits may be a legitimate name.
    let name = isHex ? "-" + token : token.replacing("/", with: "")
    let refusal = #expect(throws: EngineError.self) { try InstallationName(name) }
    #expect(isHex || refusal?.description.lowercased().contains("0123456789abcdef") == false, "\(refusal as Any)")
  }

  @Test func `no error repeats a token`() {
    let error = EngineError(
      .failed, "a ghp_0123456789abcdef", why: "b gho_0123456789abcdef", fix: "c ghs_0123456789abcdef",
      details: ["github_pat_0123456789abcdef"])
    #expect(error.description == "a ghp_…\nwhy: b gho_…\nfix: c ghs_…\ngithub_pat_…")
  }

  @Test(arguments: ["/etc", "/", "./web", "../web", "~/web", ".", "/acme/web"]) func `a path is no repository`(
    path: String
  ) {
    let refusal = #expect(throws: EngineError.self) { try GitHubTarget(path) }
    #expect(refusal?.what == "\(path) is a path, not the URL of a repository")
  }
}
