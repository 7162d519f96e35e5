import Foundation
import Testing

@testable import ARC
@testable import Basics
@testable import Installations
@testable import Kubernetes
@testable import Tools

/// Files written by versions of the earlier program, and how those versions read files written by deskrun.
@Suite struct EarlierProgramTests {
  static func document(_ name: String) throws -> JSONValue {
    let url = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .appendingPathComponent("Fixtures/config/\(name).json")
    return try JSONValue(parsing: Data(contentsOf: url))
  }

  static func cached(_ name: String, mounts: [String] = []) throws -> Installation {
    try Installation(
      name: InstallationName(name), target: GitHubTarget("https://github.com/acme/web"),
      caches: [CachePath("/srv/c:/data")], mounts: mounts.map { text in try Mount(text) },
      authentication: .token(.literal(Secret("t"))))
  }

  static func cacheKeys(_ configuration: Configuration, _ name: String) -> [String]? {
    configuration.json["installations"]?[name]?["CachePaths"]?[0]?.objectValue?.keys
  }

  @Test func `a cluster of its own is kept beside keys that are not known`() throws {
    var configuration = try Configuration(document: Self.document("later"))
    let name = try InstallationName("builder")
    var builder = try #require(configuration.installation(named: name))
    #expect(configuration.target(of: builder) == .kind(cluster: configuration.clusterName))
    builder.place = ClusterPlace(context: "prod", kubeconfig: "/home/me/prod.yaml")
    configuration.set(builder)
    let entry = configuration.json["installations"]?["builder"]
    #expect(entry?["Context"] == "prod")
    #expect(entry?["Kubeconfig"] == "/home/me/prod.yaml")
    #expect(entry?["Repository"] != nil)
    let again = try Configuration(document: configuration.json)
    #expect(again.installation(named: name) == builder)
    #expect(again.target(of: builder) == .existing(context: "prod", kubeconfig: "/home/me/prod.yaml"))
    let here = again.on(.kind(cluster: again.clusterName))
    #expect(here.elsewhere == [builder])
    #expect(here.json == again.json, "what is narrowed is what is seen, not what is written")
  }

  @Test func `the first versions file`() throws {
    let configuration = try Configuration(document: Self.document("first"))
    #expect(configuration.unreadable.isEmpty)
    let caches = try #require(configuration.installations.first).caches
    #expect(caches.map(\.target) == ["/nix/store", "/root/.cache"])
    #expect(caches.map(\.source) == [nil, nil], "its default is no choice of the user's")
  }

  @Test func `the later versions file`() throws {
    let configuration = try Configuration(document: Self.document("later"))
    #expect(configuration.unreadable.isEmpty, "\(configuration.unreadable)")
    let builder = try #require(configuration.installation(named: InstallationName("builder")))
    #expect(builder.instances == 3)
    #expect(builder.mounts.map(\.kind) == [.socket, .directoryOrCreate])
    #expect(builder.caches.map(\.source) == [nil, "/host-cache/deskrun/shared"])
    let app = try #require(configuration.installation(named: InstallationName("app-runner")))
    guard case .app(nil, nil, _) = app.authentication else {
      Issue.record("an app without ids was expected: \(app.authentication)")
      return
    }
  }

  /// The later version stored paths as seen by the node. On the host they are in the cache folder.
  @Test func `a source that is a path of the node stays one`() throws {
    let configuration = try Configuration(document: Self.document("later"))
    let builder = try #require(configuration.installation(named: InstallationName("builder")))
    let root = "/home/me/.cache/deskrun"
    let volumes = CacheLocation.volumes(of: builder, scaleSet: "builder-1", isKind: true, cacheRoot: root)
    #expect(volumes[0].nodePath == "/host-cache/deskrun/builder-1/cache-0")
    #expect(volumes[1].nodePath == "/host-cache/deskrun/shared")
    let mounts = CacheLocation.nodeMounts(for: [builder], cacheRoot: root)
    #expect(mounts.map(\.hostPath) == [root, "/var/run/docker.sock", "/tmp/deskrun-cache/var-lib-docker"])
    #expect(
      CacheLocation.hostPath(of: builder.caches[1], index: 1, scaleSet: "builder-1", isKind: true, cacheRoot: root)
        == root + "/shared")
  }

  /// With MountPath and HostPath, the later version would rewrite the whole file when reading it, without Mounts and
  /// cluster_hosts.
  @Test func `the later versions migration is not set off`() throws {
    var configuration = try Configuration(document: Self.document("later"))
    configuration.set(try Self.cached("new"))
    configuration.set(try #require(configuration.installation(named: InstallationName("builder"))))
    let text = configuration.json.encoded()
    #expect(!text.contains("\"MountPath\"") && !text.contains("\"HostPath\""))
    #expect(configuration.json["cluster_hosts"] == (try Self.document("later"))["cluster_hosts"])
    #expect(try Configuration(document: configuration.json).installations == configuration.installations)
  }

  @Test func `both versions read caches of a file with nothing to lose`() throws {
    var configuration = try Configuration(document: Self.document("first"))
    configuration.set(try Self.cached("new"))
    #expect(Self.cacheKeys(configuration, "new") == ["MountPath", "HostPath", "Target", "Source"])
    var fresh = Configuration()
    fresh.set(try Self.cached("new"))
    #expect(Self.cacheKeys(fresh, "new") == ["MountPath", "HostPath", "Target", "Source"])
  }

  @Test func `the first mount takes the first versions keys away`() throws {
    var configuration = Configuration()
    configuration.set(try Self.cached("one"))
    configuration.set(try Self.cached("two", mounts: ["/srv/m"]))
    #expect(Self.cacheKeys(configuration, "one") == ["Target", "Source"])
    #expect(Self.cacheKeys(configuration, "two") == ["Target", "Source"])
    #expect(try Configuration(document: configuration.json).installations == configuration.installations)
  }

  @Test func `a first versions cache survives the first mount`() throws {
    var configuration = try Configuration(document: Self.document("first"))
    let before = configuration.installations
    configuration.set(try Self.cached("two", mounts: ["/srv/m"]))
    #expect(!configuration.json.encoded().contains("\"MountPath\""))
    #expect(try Configuration(document: configuration.json).installation(named: before[0].name) == before[0])
  }

  @Test func `unknown keys of caches and mounts survive`() throws {
    let document = try JSONValue(
      parsing: """
        {"installations": {"x": {"Repository": "https://github.com/a/b", "MaxRunners": 1, "AuthValue": "t",
          "CachePaths": [{"Note": "mine", "Target": "/data", "Source": ""}],
          "Mounts": [{"Note": 1, "Source": "/m", "Target": "/m", "Type": ""}]}}}
        """)
    var configuration = try Configuration(document: document)
    configuration.set(try #require(configuration.installations.first))
    let entry = configuration.json["installations"]?["x"]
    #expect(entry?["CachePaths"]?[0]?["Note"] == "mine")
    #expect(entry?["Mounts"]?[0]?["Note"] == 1)
  }

  @Test func `a type of mount that nobody knows is not guessed`() throws {
    let document = try JSONValue(
      parsing: """
        {"installations": {"x": {"Repository": "https://github.com/a/b", "MaxRunners": 1, "AuthValue": "t",
          "Mounts": [{"Source": "/m", "Target": "/m", "Type": "BlockDevice"}]}}}
        """)
    let configuration = try Configuration(document: document)
    #expect(configuration.installations.isEmpty)
    #expect(configuration.unreadable.first?.problem.why?.contains("BlockDevice") == true)
    #expect(configuration.json == document)
  }

  @Test func `the configuration shows no secrets`() throws {
    let configuration = try Configuration(document: Self.document("later"))
    var dumped = ""
    dump(configuration, to: &dumped)
    for text in ["\(configuration)", String(reflecting: configuration), dumped, "\([configuration])"] {
      #expect(!text.contains("ghp_xxx") && !text.contains("MIIB"))
    }
  }
}
