import ARC
import Basics
import Testing

@testable import ValuesFiles

/// Secrets in values files: merged, but never shown.
@Suite struct PlainSecretsTests {
  private static let secret = "hunter2hunter"

  private func merged(_ text: String) throws(EngineError) -> MergedValues {
    try MergedValues(MergeCase.values(.kubernetes), files: [MergeCase.file(text)], chartVersion: "0.14.2")
  }

  @Test(arguments: [
    "NPM_TOKEN", "DB_PASSWORD", "MYSQL_PASSWD", "CLIENT_SECRET", "SIGNING_KEY", "apiKey", "AWS_ACCESS_KEY_ID",
  ])
  func `a variable with a telling name reaches Helm and is not shown`(name: String) throws {
    let merged = try merged(
      "template: {spec: {containers: [{name: runner, env: [{name: \(name), value: \(Self.secret)}]}]}}")
    #expect(
      MergeCase.value("template spec containers runner env \(name) value", in: merged.json) == .string(Self.secret))
    let shown = merged.shown.json.encoded() + SourcedYAML.text(merged.shown) + merged.notes.joined()
    #expect(shown.firstRange(of: Self.secret) == nil)
    let warning = try #require(merged.warnings.first)
    #expect(warning.hasPrefix("/v.yaml:1: the variable \(name) "))
    #expect(warning.firstRange(of: "--env-from") != nil)
    #expect(warning.firstRange(of: Self.secret) == nil)
  }

  @Test(arguments: ["KEYBOARD", "MONKEY", "TOKEN_FILE", "HTTP_PROXY"]) func `another name is none`(name: String) throws
  {
    #expect(!PlainSecrets.isTelling(name))
  }

  @Test func `an address keeps its host and loses its password`() throws {
    let text = "proxy: {https: {url: \"http://me:\(Self.secret)@proxy:3128\"}}"
    let merged = try merged(text)
    #expect(merged.json["proxy"]?["https"]?["url"] == .string("http://me:\(Self.secret)@proxy:3128"))
    #expect(merged.shown.json["proxy"]?["https"]?["url"] == .string("http://\(SecretMask.sign)@proxy:3128"))
    #expect(merged.warnings.count == 1)
    #expect(merged.warnings.first?.hasSuffix("name that as credentialSecretRef") == true)
    #expect(PlainSecrets.withoutPassword("https://a.b/c@d") == "https://a.b/c@d")
  }

  @Test func `what a file replaces is noted without the secret`() throws {
    let text = "template: {spec: {containers: [{name: runner, env: [{name: API_TOKEN, value: \(Self.secret)}]}]}}"
    var settings = PodSettings()
    settings.environment = [EnvironmentVariable("API_TOKEN", "older-secret")]
    let merged = try MergedValues(
      MergeCase.values(.kubernetes, settings: settings), files: [MergeCase.file(text)], chartVersion: "0.14.2")
    #expect(merged.notes.count == 1)
    #expect(merged.notes.joined().firstRange(of: Self.secret) == nil)
    #expect(merged.notes.joined().firstRange(of: "older-secret") == nil)
  }

  @Test(arguments: [
    "template: {spec: {containers: [{name: runner, command: [sh, -c, \"export API_KEY=\(secret); run\"]}]}}",
    "template: {spec: {containers: [{name: a, image: b, args: [--registry-password, \(secret)]}]}}",
    "template: {spec: {initContainers: [{name: a, image: b, args: [--token=\(secret)]}]}}",
    "listenerTemplate: {spec: {containers: [{name: listener, env: [{name: A_TOKEN, value: \(secret)}]}]}}",
    "keyVault: {azureKeyVault: {clientSecret: \(secret)}}", "githubToken: \(secret)",
    "extra: {nested: {password: \(secret)}}",
  ]) func `arguments and keys with a telling name are not shown`(text: String) throws {
    let merged = try merged(text)
    #expect(merged.json.encoded().firstRange(of: Self.secret) != nil)
    let shown = merged.shown.json.encoded() + merged.notes.joined() + PlainSecrets.masked(merged.json).encoded()
    #expect(shown.firstRange(of: Self.secret) == nil)
    let warning = try #require(merged.warnings.first { $0.contains("secret in plain text") })
    #expect(warning.hasPrefix("/v.yaml:1: "))
    #expect(merged.warnings.joined().firstRange(of: Self.secret) == nil)
  }

  @Test(arguments: [
    "template: {spec: {imagePullSecrets: [{name: abc}], tolerations: [{key: token, operator: Exists}]}}",
    "template: {spec: {containers: [{name: runner, env: [{name: A, valueFrom: {secretKeyRef: {name: b, key: c}}}]}]}}",
    "template: {spec: {containers: [{name: runner, args: [--token-file, /a, --tls-key=/b, --password, $(P)]}]}}",
    "annotations: {token: abc}", "labels: {secret: abc}", "proxy: {https: {url: \"http://p\", credentialSecretRef: a}}",
    "template: {spec: {volumes: [{name: a, secret: {secretName: b}}], automountServiceAccountToken: false}}",
  ]) func `what only names a secret is shown`(text: String) throws {
    let merged = try merged(text)
    #expect(merged.shown.json == merged.json)
    #expect(merged.warnings.isEmpty)
  }

  // MARK: Errors

  private func encoded(_ text: String, littleEndian: Bool, mark: Bool = true) -> [UInt8] {
    ((mark ? [0xFEFF] : []) + Array(text.utf16)).flatMap { unit in
      littleEndian ? [UInt8(unit & 0xFF), UInt8(unit >> 8)] : [UInt8(unit >> 8), UInt8(unit & 0xFF)]
    }
  }

  @Test(arguments: [true, false], [true, false]) func `nothing of a text in UTF-16 is quoted`(
    littleEndian: Bool, mark: Bool
  ) throws {
    for text in ["password: \(Self.secret): x\n", "\(Self.secret): 1\n\(Self.secret): 2\n", "a: *\(Self.secret)\n"] {
      let bytes = encoded(text, littleEndian: littleEndian, mark: mark)
      let error = try #require(throws: EngineError.self) { try ValuesFile(bytes, ValuesReference("/v.yaml")) }
      #expect(error.details.isEmpty)
      let shown = error.description.unicodeScalars.filter { $0.value >= 0x20 }
      #expect(String(String.UnicodeScalarView(shown)).firstRange(of: Self.secret) == nil, "\(error)")
    }
  }

  @Test func `nothing of a text in another encoding is quoted`() throws {
    let bytes = Array("a: b\nc: ".utf8) + [0xE9] + Array(" \(Self.secret): x\n".utf8)
    let error = try #require(throws: EngineError.self) { try ValuesFile(bytes, ValuesReference("/v.yaml")) }
    #expect(error.what.hasPrefix("/v.yaml:2:4: "))
    #expect(error.fix == "Save /v.yaml as UTF-8")
    #expect(error.description.firstRange(of: Self.secret) == nil)
  }

  @Test(arguments: [
    "githubConfigSecret:\n  github_token: \(secret): x\n", "githubConfigSecret:\n  a: b\n  github_token: [\(secret)\n",
    "githubConfigSecret:\n  github_app_private_key: |\n    -----BEGIN KEY-----\n  \(secret): a: b\n",
    "githubConfigSecret:\n  one: 1\n  two: 2\n  three: 3\n\(secret): a: b\n",
    "env:\n- name: DB_PASSWORD\n  value: \(secret): x\n", "env:\n- name: DB_PASSWORD\n  value: *\(secret)\n",
    "env:\n- name: DB_PASSWORD\n  value: !\(secret) x\n", "a:\n  password: 1\n  \(secret): 1\n  \(secret): 2\n",
    "url: http://me:\(secret)@host: x\n", "token: |\n  a\n b\n  c\n  d\n  e\n \(secret): x: y\n",
  ]) func `a line that may hold a secret is not quoted`(text: String) throws {
    let error = try #require(throws: EngineError.self) { try MergeCase.file(text) }
    #expect(error.what.hasPrefix("/v.yaml:"))
    #expect(error.description.firstRange(of: Self.secret) == nil, "\(error)")
    #expect(error.details.isEmpty)
  }

  @Test func `lines after the credentials are quoted`() throws {
    let text = "githubConfigSecret:\n  github_token: a\nmaxRunners: 3\nminRunners: 1\nlabels: {a: b}\nlabels: {b: c}\n"
    let error = try #require(throws: EngineError.self) { try MergeCase.file(text) }
    #expect(error.details.first == "labels: {b: c}")
    #expect(error.what.firstRange(of: "the key labels occurs twice") != nil)
  }
}
