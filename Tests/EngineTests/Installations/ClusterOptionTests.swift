import Foundation
import TestSupport
import Testing

@testable import ARC
@testable import Basics
@testable import Installations
@testable import Tools

/// Namespace, proxy, certificates and claims: what is rejected, and what the chart gets.
@Suite struct ClusterOptionTests {
  private func installation(
    _ texts: [(PodSetting, [String])], _ mode: ContainerMode = .kubernetes, maximum: Int = 5, caches: [String] = []
  ) throws -> Installation {
    var settings = PodSettings()
    for (setting, texts) in texts { try settings.set(setting, texts) }
    return try Installation(
      name: InstallationName("web"), target: GitHubTarget("https://github.com/acme"), mode: mode,
      runners: RunnerCounts(minimum: 0, maximum: maximum), caches: caches.map { try CachePath($0) },
      authentication: .token(.literal(Secret("t"))), settings: settings)
  }

  private func refusal(_ setting: PodSetting, _ texts: [String]) -> EngineError? {
    var settings = PodSettings()
    do throws(EngineError) {
      try settings.set(setting, texts)
      return nil
    } catch { return error }
  }

  private func values(_ installation: Installation) -> ScaleSetValues {
    ScaleSetValues(
      .init(
        scaleSet: "web", githubURL: installation.target.url, secretName: "s", mode: installation.mode, minimum: 0,
        maximum: 5,
        volumes: CacheLocation.volumes(of: installation, scaleSet: "web", isKind: false, cacheRoot: "/c"),
        settings: installation.settings,
        certificates: installation.settings.certificates.map { _ in "web-ca" }))
  }

  // MARK: Namespace

  @Test func `the default namespace is the same as none`() throws {
    #expect(try installation([(.namespace, ["arc-systems"])]) == installation([]))
    #expect(try installation([]).namespace == "arc-systems")
    #expect(try installation([(.namespace, ["ci"])]).namespace == "ci")
  }

  @Test(arguments: ["kube-system", "Ci", "-ci", "ci-", "a.b", "", String(repeating: "a", count: 64), "a/b"])
  func `a name that no namespace of runners can have is refused`(name: String) {
    #expect(refusal(.namespace, [name])?.kind == .invalid)
  }

  // MARK: Proxy

  @Test func `one proxy is for both protocols, two are for one each`() throws {
    let both = try installation([
      (.proxy, ["http://proxy.acme.com:3128/"]), (.proxySecret, ["login"]),
      (.proxyExceptions, [".acme.com", "10.0.0.0/8"]),
    ])
    #expect(
      values(both).json["proxy"] == [
        "http": ["url": "http://proxy.acme.com:3128", "credentialSecretRef": "login"],
        "https": ["url": "http://proxy.acme.com:3128", "credentialSecretRef": "login"],
        "noProxy": [".acme.com", "10.0.0.0/8"],
      ])
    let one = try installation([(.proxy, ["https=http://[fd00::1]:3128"])])
    #expect(values(one).json["proxy"] == ["https": ["url": "http://[fd00::1]:3128"]])
    #expect(values(try installation([])).json["proxy"] == nil)
  }

  @Test(arguments: [
    "proxy:3128", "socks5://proxy:1080", "http://proxy:none", "http://proxy:70000", "http://", "http:///path",
    "http://proxy/path", "http://a b", "http=proxy", "ftp=http://proxy",
  ])
  func `what is no proxy is refused with an example`(text: String) {
    #expect(refusal(.proxy, [text])?.fix?.contains("http://proxy.example.com:3128") == true)
  }

  @Test func `credentials of a proxy are refused and never repeated`() throws {
    let error = try #require(refusal(.proxy, ["http://robot:hunter2secret@proxy:3128"]))
    #expect(!error.description.contains("hunter2secret"))
    #expect(error.fix?.contains("--proxy-secret") == true)
  }

  @Test func `proxies of one protocol twice are refused`() {
    #expect(refusal(.proxy, ["http://a:1", "http=http://b:1"]) != nil)
    #expect(refusal(.proxy, ["https=http://a:1", "https=http://b:1"]) != nil)
    #expect(refusal(.proxyExceptions, ["http://a"]) != nil)
  }

  @Test(arguments: [
    (PodSetting.proxy, "http://robot:hunter2secret"), (.proxy, "http://robot:hunter2secret%40proxy:3128"),
    (.proxy, "http://proxy/?password=hunter2secret"), (.proxy, "hunter2secret"),
    (.proxyExceptions, "a:hunter2secret@h"),
  ])
  func `what may have credentials in it is refused without a part of it`(setting: PodSetting, text: String) throws {
    let error = try #require(refusal(setting, [text]))
    #expect(!"\(error)".contains("hunter2secret"))
  }

  @Test(arguments: [(PodSetting.proxySecret, "login"), (.proxyExceptions, ".acme.com")])
  func `what belongs to a proxy is refused without one`(setting: PodSetting, text: String) {
    let error = #expect(throws: EngineError.self) { _ = try installation([(setting, [text])]) }
    #expect(error?.what == "--\(setting.rawValue) has no effect without --proxy")
  }

  // MARK: Certificates

  private static let certificate =
    "-----BEGIN CERTIFICATE-----\n"
    + Data([0x30, 0x82, 0x01, 0x01] + Array(repeating: 7, count: 100)).base64EncodedString()
    + "\n-----END CERTIFICATE-----\n"

  @Test func `the chart mounts the certificates where the runner reads them`() throws {
    #expect(
      values(try installation([(.certificates, ["/ca.pem"])])).json["githubServerTLS"] == [
        "certificateFrom": ["configMapKeyRef": ["name": "web-ca", "key": "ca.crt"]],
        "runnerMountPath": "/usr/local/share/ca-certificates/",
      ])
    #expect(values(try installation([])).json["githubServerTLS"] == nil)
  }

  @Test func `a file of certificates is read, and what is none is refused with the reason`() throws {
    let folder = try TemporaryFolder()
    func read(_ text: String) throws -> String {
      let path = folder.path + "/ca.pem"
      try Data(text.utf8).write(to: URL(fileURLWithPath: path))
      return try CertificateFile.read(path)
    }
    func why(_ text: String) -> String? {
      do { _ = try read(text) } catch { return (error as? EngineError).map { "\($0.what): \($0.why ?? "")" } }
      return nil
    }
    let two = Self.certificate + "# the next\n" + Self.certificate
    #expect(try read(two) == Self.certificate + Self.certificate)
    #expect(try read("\u{1B}]0;title\u{07}" + Self.certificate + "me@example.com") == Self.certificate)
    #expect(why("hello")?.contains("no certificate in PEM form") == true)
    #expect(why(Self.certificate + "-----BEGIN CERTIFICATE-----\nMII")?.contains("certificate 2") == true)
    #expect(why(Self.certificate.replacing("MII", with: "!!!"))?.contains("certificate 1 is damaged") == true)
    #expect(
      why(Self.certificate + "-----BEGIN PRIVATE KEY-----\nAA\n-----END PRIVATE KEY-----\n")?.contains("private key")
        == true)
    #expect(throws: EngineError.self) { _ = try CertificateFile.read(folder.path + "/none") }
  }

  // MARK: Claims

  @Test(arguments: [ContainerMode.kubernetes, .cachedPrivilegedKubernetes])
  func `runner and job pod see a claim`(mode: ContainerMode) throws {
    let values = values(try installation([(.cacheClaims, ["build:/home/runner/.cache"])], mode))
    let pods = [values.json["template"]?["spec"], values.hookTemplate?["spec"]]
    for pod in pods {
      let pod = try #require(pod)
      #expect(
        pod["volumes"]?.arrayValue?.contains([
          "name": "claim-0", "persistentVolumeClaim": ["claimName": "build"],
        ]) == true)
      #expect(
        pod["containers"]?[0]?["volumeMounts"]?.arrayValue?.contains([
          "name": "claim-0", "mountPath": "/home/runner/.cache",
        ]) == true)
    }
    // A claim's new file system belongs to root, and the runner is not root.
    guard mode == .kubernetes else { return }
    for pod in pods {
      #expect(pod?["securityContext"] == ["fsGroup": 1001, "fsGroupChangePolicy": "OnRootMismatch"])
    }
  }

  @Test func `a claim for images is the Docker daemon's`() throws {
    let installation = try installation([(.cacheClaims, ["layers:/var/lib/docker"])], .dind, maximum: 1)
    let spec = try #require(values(installation).json["template"]?["spec"])
    let daemon = spec["initContainers"]?.arrayValue?.first { $0["name"] == "dind" }
    let mount: JSONValue = ["name": "claim-0", "mountPath": "/var/lib/docker"]
    #expect(daemon?["volumeMounts"]?.arrayValue?.contains(mount) == true)
    #expect(spec["containers"]?[0]?["volumeMounts"]?.arrayValue?.contains(mount) == false)
  }

  @Test func `two daemons are not given one claim, and one directory has one cache`() throws {
    #expect(throws: EngineError.self) {
      _ = try installation([(.cacheClaims, ["layers:/var/lib/docker"])], .dind, maximum: 2)
    }
    #expect(throws: EngineError.self) {
      _ = try installation([(.cacheClaims, ["npm:/home/runner/.npm"])], caches: ["/home/runner/.npm"])
    }
  }

  @Test(arguments: ["build", "build:", ":/a/b", "a b:/x/y", "build:relative", "build:/etc", "build:/a:/b"])
  func `what is no claim is refused`(text: String) {
    #expect(refusal(.cacheClaims, [text]) != nil)
  }
}
