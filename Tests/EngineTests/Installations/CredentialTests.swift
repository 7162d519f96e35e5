import Foundation
import Testing

@testable import ARC
@testable import Basics
@testable import Installations
@testable import Kubernetes
@testable import Tools

@Suite struct CredentialTests {
  @Test func `a key that is base64 of a part says that it was decoded`() {
    let error = #expect(throws: EngineError.self) {
      try PrivateKey.checked(Secret("LS0tLS1CRUdJTiBSU0EgUFJJVkFURSBLRVktLS0tLQo="))
    }
    #expect(error?.what.contains("-----END RSA PRIVATE KEY-----") == true)
    #expect(error?.why?.contains("base64 of a key") == true)
  }

  /// The shape of an RSA key: a DER sequence of the right length with meaningless contents.
  static let body: String = {
    var bytes: [UInt8] = [0x30, 0x82, 0x01, 0x00]
    bytes += (0..<256).map { UInt8($0) }
    return Base64.encode(bytes)
  }()
  static let pem = "-----BEGIN RSA PRIVATE KEY-----\n" + wrapped + "-----END RSA PRIVATE KEY-----\n"
  static var wrapped: String {
    var text = ""
    var rest = body[...]
    while !rest.isEmpty {
      text += rest.prefix(64) + "\n"
      rest = rest.dropFirst(64)
    }
    return text
  }

  func resolver(
    _ environment: [String: String] = [:], file: String = "", input: String = "", prompt: String? = nil
  ) -> CredentialResolver {
    var asks: (@Sendable (String) throws -> Secret)?
    if let prompt { asks = { _ in Secret(prompt) } }
    return CredentialResolver(
      environment: environment, readFile: { _ in Array(file.utf8) }, readStandardInput: { Array(input.utf8) },
      prompt: asks, ghToken: { Secret("gho_of_\($0)_0123456789") })
  }

  func find(
    _ argument: String?, _ resolver: CredentialResolver, kind: CredentialResolver.Kind = .token,
    storage: CredentialResolver.Storage = .literal, host: String = "github.com"
  ) async throws -> CredentialResolver.Found {
    try await resolver.find(
      try argument.map { text in try CredentialArgument(text) }, kind: kind, host: host, storage: storage,
      folder: "/home/ada")
  }

  @Test func `every way to give a token`() async throws {
    let token = "ghp_0123456789abcdef"
    let resolver = resolver(["T": token], file: token + "\n", input: " \(token)\n")
    for argument in [token, "@file", "-", "env:T"] {
      #expect(try await find(argument, resolver).secret == Secret(token), "\(argument)")
    }
    #expect(try await find("gh", resolver).secret == Secret("gho_of_github.com_0123456789"))
  }

  @Test func `only a literal is warned of`() async throws {
    let resolver = resolver(["T": "ghp_0123456789abcdef"])
    #expect(try await find("ghp_0123456789abcdef", resolver).warnings.first?.contains("process list") == true)
    #expect(try await find("env:T", resolver).warnings.isEmpty)
  }

  @Test func `without an argument the environment is asked in order`() async throws {
    var environment = [
      "GITHUB_TOKEN": "ghp_third0123456789", "GH_TOKEN": "ghp_second0123456789",
      "DESKRUN_GITHUB_TOKEN": "ghp_first0123456789",
    ]
    #expect(try await find(nil, resolver(environment)).secret == Secret("ghp_first0123456789"))
    environment["DESKRUN_GITHUB_TOKEN"] = " "
    #expect(try await find(nil, resolver(environment)).secret == Secret("ghp_second0123456789"))
    environment["GH_TOKEN"] = nil
    #expect(try await find(nil, resolver(environment)).secret == Secret("ghp_third0123456789"))
    #expect(try await find(nil, resolver(prompt: "ghp_typed0123456789")).secret == Secret("ghp_typed0123456789"))
    await #expect(throws: EngineError.self) { try await find(nil, resolver()) }
  }

  @Test func `a token of GitHub dot com is not sent to an enterprise host`() async throws {
    let environment = ["GITHUB_TOKEN": "ghp_dotcom0123456789", "GH_ENTERPRISE_TOKEN": "ghp_ours0123456789"]
    #expect(try await find(nil, resolver(environment), host: "ghe.example.com").secret == Secret("ghp_ours0123456789"))
  }

  @Test func `references are kept instead of secrets`() async throws {
    let resolver = resolver(["T": "ghp_0123456789abcdef"], file: "ghp_0123456789abcdef")
    #expect(try await find("env:T", resolver, storage: .reference).source == .environment("T"))
    #expect(try await find("@token.txt", resolver, storage: .reference).source == .file("/home/ada/token.txt"))
    #expect(try await find("gh", resolver, storage: .reference).source == .gh(host: "github.com"))
    await #expect(throws: EngineError.self) { try await find("-", resolver, storage: .reference) }
    await #expect(throws: EngineError.self) { try await find("ghp_0123456789abcdef", resolver, storage: .reference) }
  }

  @Test(arguments: ["", "@", "env:", "env:1X", "env:A-B", "env:\u{E9}"])
  func `empty references`(text: String) { #expect(throws: EngineError.self) { try CredentialArgument(text) } }

  @Test(arguments: ["", "  ", "two words", "ghr_0123456789abcdef", pem])
  func `what is no token`(text: String) {
    #expect {
      try TokenForm.checked(Secret(text))
    } throws: { error in
      guard let error = error as? EngineError else { return false }
      return text.trimmingSpaces.isEmpty || !error.description.contains(text)
    }
  }

  @Test(arguments: [
    "ghp_0123456789abcdef", "github_pat_0123456789abcdef", "gho_0123456789abcdef", String(repeating: "a1", count: 20),
  ])
  func `known forms`(text: String) throws { #expect(try TokenForm.checked(Secret(text)).warning == nil) }

  @Test func `an unknown form is used with a warning`() throws {
    #expect(try TokenForm.checked(Secret("something-else")).warning != nil)
  }

  // MARK: Keys

  @Test(arguments: [
    pem, pem.replacing("\n", with: "\r\n"), pem.replacing("\n", with: "\\n"), "\n\n  " + pem + "  \n",
    String(pem.dropLast()), pem.replacing("\n", with: " "), pem.replacing("\n", with: "\\r\\n"),
    "\u{FEFF}\"" + pem + "\"", Base64.encode(pem.utf8), Base64.encode(pem.replacing("\n", with: "\r\n").utf8) + "\n",
  ])
  func `a mangled key is repaired`(text: String) throws {
    #expect(try PrivateKey.checked(Secret(text)) == Secret(Self.pem))
  }

  @Test func `a key locked the old way is called locked`() {
    let locked = Self.pem.replacing(
      "KEY-----\nMIIB", with: "KEY-----\nProc-Type: 4,ENCRYPTED\nDEK-Info: DES-EDE3-CBC,0123456789ABCDEF\n\nMIIB")
    #expect {
      try PrivateKey.checked(Secret(locked))
    } throws: { ($0 as? EngineError)?.why?.contains("passphrase") == true }
  }

  @Test func `the other kind of private key is fine too`() throws {
    let text = Self.pem.replacing("RSA PRIVATE", with: "PRIVATE")
    #expect(try PrivateKey.checked(Secret(text)) == Secret(text))
  }

  @Test(arguments: [
    "", "ghp_0123456789", pem.replacing("RSA PRIVATE", with: "ENCRYPTED PRIVATE"),
    pem.replacing("RSA PRIVATE", with: "PUBLIC"), pem.replacing("RSA PRIVATE KEY", with: "CERTIFICATE"),
    pem.replacing("RSA", with: "OPENSSH"), pem.replacing("RSA", with: "EC"), String(pem.prefix(200)),
    "-----BEGIN RSA PRIVATE KEY-----\nAAAA\n-----END RSA PRIVATE KEY-----\n",
    pem.replacing("MIIB", with: "MIIC"), pem.replacing("A", with: "!"),
  ])
  func `what is no key is refused without showing it`(text: String) {
    #expect {
      try PrivateKey.checked(Secret(text))
    } throws: { error in
      guard let error = error as? EngineError else { return false }
      return !error.description.contains(String(Self.body.prefix(24)))
    }
  }

  @Test func `what an app lacks is named with its place`() throws {
    let target = try GitHubTarget("https://github.com/acme/web")
    for (id, installation, words) in [
      (nil, nil, "--app-id and --app-installation-id"), (nil, "2", "--app-id"), ("1", nil, "--app-installation-id"),
    ] as [(String?, String?, String)] {
      #expect {
        try AppIdentity.checked(id: id, installationID: installation, target: target)
      } throws: { error in
        guard let fix = (error as? EngineError)?.fix else { return false }
        return fix.contains(words) && fix.contains("https://github.com/")
      }
    }
    #expect(throws: EngineError.self) { try AppIdentity.checked(id: "x", installationID: "2", target: target) }
    #expect(throws: EngineError.self) { try AppIdentity.checked(id: "1", installationID: "x", target: target) }
    for id in ["Iv", "Iv1.", "Iv\u{E9}23liABC", "-1", "0"] {
      #expect(throws: EngineError.self) { try AppIdentity.checked(id: id, installationID: "2", target: target) }
    }
    #expect(try AppIdentity.checked(id: "+01", installationID: "+02", target: target) == ("1", "2"))
    #expect(try AppIdentity.checked(id: "Iv23liABC", installationID: "2", target: target).id == "Iv23liABC")
  }

  // MARK: The Secret

  @Test func `the secret holds what ARC reads`() throws {
    let token = ResolvedCredentials.token(Secret("abc")).secretManifest(name: "n", namespace: "ns", labels: ["a": "b"])
    #expect(token["data"] == ["github_token": "YWJj"])
    #expect(token["metadata"]?["name"] == "n")
    let app = ResolvedCredentials.app(id: "1", installationID: "2", key: Secret("k"))
    #expect(
      app.secretManifest(name: "n", namespace: "ns", labels: [:])["data"]?.objectValue?.keys == [
        "github_app_id", "github_app_installation_id", "github_app_private_key",
      ])
  }

  @Test func `a secret is never shown`() {
    let secret = Secret("hunter2")
    var dumped = ""
    dump(secret, to: &dumped)
    for text in [
      "\(secret)", String(reflecting: secret), "\(SecretSource.literal(secret))", "\([secret])", dumped,
      String(describing: ResolvedCredentials.token(secret)),
    ] {
      #expect(!text.contains("hunter2"))
    }
  }

  @Test func `what is missing at deployment names the installation`() async throws {
    let installation = try Installation(
      name: InstallationName("web"), target: GitHubTarget("https://github.com/acme/web"),
      authentication: .token(.environment("NOT_SET")))
    await #expect {
      try await resolver().resolve(installation)
    } throws: { error in
      guard let error = error as? EngineError else { return false }
      return error.what.contains("web") && error.what.contains("NOT_SET")
    }
  }

  @Test func `base64 is the one everybody reads`() {
    for count in 0..<40 {
      let bytes = (0..<count).map { UInt8(($0 * 37 + count) & 0xFF) }
      #expect(Base64.encode(bytes) == Data(bytes).base64EncodedString())
      #expect(Base64.decode(Base64.encode(bytes)) == bytes)
    }
    for bad in ["A", "AAA", "A===", "!!!!", "AA=A"] { #expect(Base64.decode(bad) == nil) }
  }
}
