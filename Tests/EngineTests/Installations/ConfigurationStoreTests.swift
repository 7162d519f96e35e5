import Foundation
import TestSupport
import Testing

@testable import ARC
@testable import Basics
@testable import Installations
@testable import Kubernetes
@testable import Tools

@Suite struct ConfigurationStoreTests {
  private let place: TemporaryFolder
  let paths: Paths
  var home: String { place.path }

  init() throws {
    place = try TemporaryFolder(isCreated: false)
    let home = place.path
    paths = try Paths(environment: ["HOME": "/nobody", "DESKRUN_HOME": home])
  }

  func store(_ text: String? = nil, patience: Duration = .seconds(testPatience)) throws -> ConfigurationStore {
    if let text {
      try FileManager.default.createDirectory(atPath: home, withIntermediateDirectories: true)
      try Data(text.utf8).write(to: URL(fileURLWithPath: paths.configuration))
    }
    return ConfigurationStore(paths: paths, patience: patience)
  }

  func text() throws -> String { try String(contentsOfFile: paths.configuration, encoding: .utf8) }

  static func installation(_ name: String, token: String = "ghp_0123456789abcdef") throws -> Installation {
    try Installation(
      name: InstallationName(name), target: GitHubTarget("https://github.com/acme/web"),
      caches: [CachePath("/root/.cache")], authentication: .token(.literal(Secret(token))))
  }

  func mode(_ path: String) throws -> Int {
    try #require(FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int)
  }

  @Test func `no file is an empty configuration`() throws {
    let configuration = try store().load()
    #expect(configuration.installations.isEmpty)
    #expect(configuration.clusterName == "deskrun")
    #expect(configuration.target == .kind(cluster: "deskrun"))
  }

  @Test func `the example of the README is read and written under its keys`() throws {
    let store = try store(
      """
      {"cluster_name": "deskrun", "installations": {"my-runner": {"Name": "my-runner",
        "Repository": "https://github.com/owner/repo", "ContainerMode": "kubernetes", "MinRunners": 1, "MaxRunners": 5,
        "CachePaths": [], "AuthType": "pat", "AuthValue": "ghp_xxxxxxxxxxxxx"}}}
      """)
    let installation = try #require(try store.load().installations.first)
    #expect(installation.name.description == "my-runner")
    #expect(installation.authentication == .token(.literal(Secret("ghp_xxxxxxxxxxxxx"))))
    try store.update { $0.set(try Self.installation("other")) }
    let document = try JSONValue(parsing: text())
    let entry = document["installations"]?["other"]
    #expect(
      entry?.objectValue?.keys == [
        "Name", "Repository", "ContainerMode", "MinRunners", "MaxRunners", "CachePaths", "AuthType", "AuthValue",
      ])
    #expect(document["installations"]?["my-runner"]?["AuthValue"] == "ghp_xxxxxxxxxxxxx")
  }

  @Test(arguments: [
    ("[\"/a\", \"/s:/b\"]", ["/a", "/b"], [nil, "/s"]),
    (
      "[{\"MountPath\": \"/a\", \"HostPath\": \"\"}, {\"MountPath\": \"/b\", \"HostPath\": \"/s\"}]", ["/a", "/b"],
      [nil, "/s"]
    ),
    ("[{\"Target\": \"/a\", \"Source\": \"\"}, {\"Target\": \"/b\", \"Source\": \"/s\"}]", ["/a", "/b"], [nil, "/s"]),
    ("[{\"MountPath\": \"/a\", \"HostPath\": \"/tmp/github-runner-cache/x/cache-0\"}]", ["/a"], [nil]),
    ("null", [], []),
  ])
  func `every form of cache paths`(json: String, targets: [String], sources: [String?]) throws {
    let store = try store(
      """
      {"cluster_name": "d", "installations": {"x": {"Repository": "https://github.com/a/b", "ContainerMode": "dind",
        "MaxRunners": 1, "CachePaths": \(json), "AuthType": "pat", "AuthValue": "t"}}}
      """)
    let configuration = try store.load()
    let installation = try #require(configuration.installations.first, "\(configuration.unreadable)")
    #expect(installation.caches.map(\.target) == targets)
    #expect(installation.caches.map(\.source) == sources)
  }

  @Test func `later keys are read and unknown ones survive in their places`() throws {
    let store = try store(
      """
      {"cluster_hosts": {"nixos": {"Disk": "200GiB"}}, "cluster_name": "deskrun", "installations": {"x": {"Future": [1, {"a": null}],
        "Repository": "https://github.com/a/b", "ContainerMode": "kubernetes", "MinRunners": 1, "MaxRunners": 1,
        "Instances": 3, "Mounts": [{"Source": "/var/run/docker.sock", "Target": "/var/run/docker.sock", "Type": "Socket"}],
        "AuthType": "pat", "AuthValue": "t"}}, "zeta": 1.5}
      """)
    let installation = try #require(try store.load().installations.first)
    #expect(installation.instances == 3)
    #expect(installation.mounts.first?.kind == .socket)
    try store.update { configuration in
      configuration.set(installation)
      configuration.set(try Self.installation("other"))
    }
    let document = try JSONValue(parsing: text())
    #expect(document.objectValue?.keys == ["cluster_hosts", "cluster_name", "installations", "zeta"])
    #expect(document["cluster_hosts"]?["nixos"]?["Disk"] == "200GiB")
    #expect(document["installations"]?["x"]?["Future"] == [1, ["a": .null]])
    #expect(document["installations"]?["x"]?.objectValue?.keys.first == "Future")
    #expect(document["zeta"] == .double(1.5))
  }

  @Test func `an entry that cannot be used is reported and kept`() throws {
    let store = try store(
      """
      {"installations": {"Bad_Name": {"Repository": "https://github.com/a/b"}, "broken": {"Repository": 7},
        "good": {"Repository": "https://github.com/a/b", "ContainerMode": "dind", "AuthValue": "t"}}}
      """)
    let configuration = try store.load()
    #expect(configuration.installations.map(\.name.description) == ["good"])
    #expect(configuration.unreadable.map(\.name) == ["Bad_Name", "broken"])
    try store.update { $0.set(try Self.installation("new")) }
    #expect(
      try JSONValue(parsing: text())["installations"]?.objectValue?.keys == ["Bad_Name", "broken", "good", "new"])
  }

  @Test func `a damaged file is located and never overwritten`() throws {
    let damaged = "{\n  \"installations\": {\n    \"x\": {,}\n  }\n}\n"
    let store = try store(damaged)
    #expect {
      try store.load()
    } throws: { error in
      guard let error = error as? EngineError else { return false }
      return error.kind == .configuration && error.why?.contains("line 3, column 11") == true
    }
    #expect(throws: EngineError.self) { try store.update { $0.set(try Self.installation("other")) } }
    #expect(try text() == damaged)
  }

  @Test func `a backup of the last good one is kept and named`() throws {
    let store = try store()
    try store.update { $0.set(try Self.installation("one")) }
    let first = try text()
    try store.update { $0.set(try Self.installation("two")) }
    #expect(try String(contentsOfFile: paths.backup, encoding: .utf8) == first)
    try Data("{".utf8).write(to: URL(fileURLWithPath: paths.configuration))
    #expect {
      try store.load()
    } throws: { ($0 as? EngineError)?.fix?.contains(paths.backup) == true }
  }

  @Test func `only the owner can read`() throws {
    let store = try store("{\"installations\": {}}")
    chmod(paths.configuration, 0o644)
    try store.update { $0.set(try Self.installation("x")) }
    #expect(try mode(paths.configuration) == 0o600)
    try store.update { $0.set(try Self.installation("other")) }
    #expect(try mode(paths.backup) == 0o600)
  }

  @Test func `a link to the file stays a link`() throws {
    let elsewhere = home + "-dotfiles"
    try FileManager.default.createDirectory(atPath: elsewhere, withIntermediateDirectories: true)
    try FileManager.default.createDirectory(atPath: home, withIntermediateDirectories: true)
    try Data("{\"installations\": {}}".utf8).write(to: URL(fileURLWithPath: elsewhere + "/deskrun.json"))
    try FileManager.default.createSymbolicLink(
      atPath: paths.configuration, withDestinationPath: elsewhere + "/deskrun.json")
    try store().update { $0.set(try Self.installation("x")) }
    #expect(
      try FileManager.default.destinationOfSymbolicLink(atPath: paths.configuration) == elsewhere + "/deskrun.json")
    #expect(try String(contentsOfFile: elsewhere + "/deskrun.json", encoding: .utf8).contains("\"x\""))
  }

  @Test func `a link to a file that is not there yet stays a link`() throws {
    try FileManager.default.createDirectory(atPath: home + "/dotfiles", withIntermediateDirectories: true)
    try FileManager.default.createSymbolicLink(
      atPath: paths.configuration, withDestinationPath: "dotfiles/deskrun.json")
    try store().update { $0.set(try Self.installation("x")) }
    #expect(try FileManager.default.destinationOfSymbolicLink(atPath: paths.configuration) == "dotfiles/deskrun.json")
    #expect(try mode(home + "/dotfiles/deskrun.json") == 0o600)
    #expect(try store().load().installations.count == 1)
  }

  @Test func `links in a circle are an error and stay`() throws {
    try FileManager.default.createDirectory(atPath: home, withIntermediateDirectories: true)
    try FileManager.default.createSymbolicLink(atPath: paths.configuration, withDestinationPath: "config.json")
    #expect {
      try store().update { $0.set(try Self.installation("x")) }
    } throws: { ($0 as? EngineError)?.kind == .configuration }
    #expect(try FileManager.default.destinationOfSymbolicLink(atPath: paths.configuration) == "config.json")
  }

  @Test func `bytes that are no text are damage and stay`() throws {
    let store = try store()
    try FileManager.default.createDirectory(atPath: home, withIntermediateDirectories: true)
    let damaged = Data(Array("{\n  \"zeta\": \"a".utf8) + [0xFF] + Array("b\"}".utf8))
    try damaged.write(to: URL(fileURLWithPath: paths.configuration))
    #expect {
      try store.update { $0.set(try Self.installation("x")) }
    } throws: { error in
      (error as? EngineError)?.kind == .configuration
        && (error as? EngineError)?.why?.contains("line 2, column 13") == true
    }
    #expect(try Data(contentsOf: URL(fileURLWithPath: paths.configuration)) == damaged)
  }

  @Test func `nothing is left beside the file`() throws {
    let store = try store()
    for index in 0..<5 { try store.update { $0.set(try Self.installation("x\(index)")) } }
    let names = Set(try FileManager.default.contentsOfDirectory(atPath: home))
    #expect(names == ["config.json", "config.json.bak", "config.lock"])
  }

  @Test func `writers at the same time lose nothing`() async throws {
    let store = try store()
    try await withThrowingTaskGroup(of: Void.self) { group in
      for index in 0..<24 {
        group.addTask { try store.update { $0.set(try Self.installation("x\(index)")) } }
      }
      try await group.waitForAll()
    }
    #expect(try store.load().installations.count == 24)
  }

  @Test func `a lock that is held is named`() throws {
    let store = try store("{\"installations\": {}}", patience: .milliseconds(50))
    let descriptor = open(paths.lock, O_RDWR | O_CREAT, 0o600)
    defer { close(descriptor) }
    #expect(flock(descriptor, LOCK_EX) == 0)
    let refusal = #expect(throws: EngineError.self) { try store.update { $0.set(try Self.installation("x")) } }
    #expect(refusal?.why?.contains(paths.lock) == true)
    #expect(write(descriptor, "4711\n", 5) == 5)
    let named = #expect(throws: EngineError.self) { try store.update { $0.set(try Self.installation("x")) } }
    #expect(named?.why?.contains("4711") == true)
  }

  @Test func `whoever holds the lock stands in it`() throws {
    let store = try store()
    try store.update { configuration in
      #expect(try String(contentsOfFile: paths.lock, encoding: .utf8) == "\(getpid())\n")
      configuration.set(try Self.installation("x"))
    }
    #expect(try String(contentsOfFile: paths.lock, encoding: .utf8).isEmpty)
  }

  @Test func `a change that throws changes nothing`() throws {
    let store = try store()
    try store.update { $0.set(try Self.installation("x")) }
    let before = try text()
    #expect(throws: CancellationError.self) {
      try store.update { configuration in
        _ = configuration.remove(try InstallationName("x"))
        throw CancellationError()
      }
    }
    #expect(try text() == before)
  }

  @Test(arguments: [
    SecretSource.literal(Secret("@looks/like/a/file")), .literal(Secret("env:X")), .literal(Secret("gh")),
    .environment("TOKEN"), .file("/a/key.pem"), .gh(host: "ghe.example.com"),
  ])
  func `references and secrets that look like them stay apart`(source: SecretSource) throws {
    let store = try store()
    let app = try Installation(
      name: InstallationName("x"), target: GitHubTarget("https://github.com/acme/web"), instances: 2,
      image: "ghcr.io/a/b:1", labels: ["l"], authentication: .app(id: "1", installationID: "2", key: source),
      valuesFiles: ["/v.yaml"])
    try store.update { $0.set(app) }
    #expect(try store.load().installations == [app])
  }

  @Test func `another cluster is remembered`() throws {
    let store = try store()
    try store.update { $0.use(context: "prod", kubeconfig: "/k") }
    #expect(try store.load().target == .existing(context: "prod", kubeconfig: "/k"))
    try store.update { $0.use(context: nil, kubeconfig: nil) }
    #expect(try store.load().target == .kind(cluster: "deskrun"))
  }

  @Test func `places follow the environment`() throws {
    #expect(try Paths(environment: ["HOME": "/h"]).configuration == "/h/.deskrun/config.json")
    #expect(try Paths(environment: ["HOME": "/h"]).caches == "/h/.cache/deskrun")
    #expect(try Paths(environment: ["HOME": "/h", "XDG_CACHE_HOME": "/c"]).caches == "/c/deskrun")
    #expect(try Paths(environment: ["HOME": "/h", "DESKRUN_HOME": "/d/"]).configuration == "/d/config.json")
    #expect(throws: EngineError.self) { try Paths(environment: [:]) }
    #expect(throws: EngineError.self) { try Paths(environment: ["HOME": "/h", "DESKRUN_HOME": "relative"]) }
  }
}
