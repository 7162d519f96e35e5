import Testing

@testable import ARC
@testable import Basics
@testable import Installations

/// Empty or meaningless values, as passed by scripts.
@Suite struct EmptyValueTests {
  @Test(arguments: PodSetting.allCases) func `an empty value is refused by the name of its option`(
    setting: PodSetting
  ) throws {
    for text in ["", "  "] {
      let error = #expect(throws: EngineError.self) {
        var settings = PodSettings()
        try settings.set(setting, [text])
      }
      #expect(error?.kind == .invalid && error?.what == "--\(setting.rawValue) is empty")
      #expect(error?.fix?.contains("--reset \(setting.rawValue)") == true)
    }
  }

  @Test(arguments: [
    "*", "localhost", "example.com", ".example.com", "*.example.com", "example.com:8443", "proxy_1.internal", "a.b.",
    "10.0.0.1", "10.0.0.1:80", "10.0.0.0/8", "0.0.0.0/0", "::1", "fe80::1", "2001:db8::/32", "[::1]", "[::1]:443",
    "1:2:3:4:5:6:7:8", "1::", "::", "::ffff:10.0.0.1", "1:2:3:4:5:6:10.0.0.1",
  ]) func `a host, a domain, an address or a range is kept`(text: String) throws {
    var settings = PodSettings()
    try settings.set(.proxyExceptions, [text])
    #expect(settings.proxy.exceptions == [text])
  }

  @Test(arguments: [
    "10.0.0.0/99", "10.0.0.0/33", "10.0.0.0/", "10.0.0.0/-1", "10.0.0/8", "example.com/8", "2001:db8::/129",
    "256.1.1.1",
    "10.0.0.01", "1.2.3", "..example.com", "-a.com", "a-.com", "a..b", "example.com:0", "example.com:99999",
    "example.com:", ":80", "[::1", "[::1]x", "1::2::3", ":::", "1:2:3:4:5:6:7", "1:2:3:4:5:6:7:8:9", "12345::", "*.",
    "a b", "http://example.com", "user@example.com", "*example.com", ".",
  ]) func `anything else is refused`(text: String) {
    let error = #expect(throws: EngineError.self) {
      var settings = PodSettings()
      try settings.set(.proxyExceptions, [text])
    }
    #expect(error?.kind == .invalid && error?.what.contains("--no-proxy") == true)
  }

  @Test func `the command that adds an installation again has all of it but a secret`() throws {
    var settings = PodSettings()
    try settings.set(.namespace, ["ci-old"])
    try settings.set(.memory, ["4Gi"])
    try settings.set(.proxyExceptions, [])
    let installation = try Installation(
      name: InstallationName("web"), target: GitHubTarget("https://github.com/acme/web"), mode: .dind,
      runners: RunnerCounts(minimum: 1, maximum: 9), caches: [CachePath("/srv/npm:/home/runner/.npm")],
      labels: ["gpu"], authentication: .token(.literal(Secret("ghp_secret"))), settings: settings)
    #expect(
      installation.addCommand(namespace: "ci new")
        == "deskrun add web --repository https://github.com/acme/web --mode dind --min-runners 1 --max-runners 9 "
        + "--cache /srv/npm:/home/runner/.npm --label gpu --memory 4Gi --namespace 'ci new' --auth-value @FILE")
    let app = try Installation(
      name: InstallationName("web"), target: GitHubTarget("https://github.com/acme"),
      authentication: .app(id: "1", installationID: "2", key: .file("/k.pem")))
    #expect(
      app.addCommand(namespace: "arc-systems")
        == "deskrun add web --repository https://github.com/acme --auth-type github-app --app-id 1 "
        + "--app-installation-id 2 --auth-value @/k.pem")
  }
}
