import Engine

#if canImport(Darwin)
import Darwin
#else
import Glibc
#endif

/// How a demo cluster fails to respond.
package enum DemoOutage: String, Sendable, CaseIterable {
  /// Accepts connections but never responds.
  case hang
  /// Refuses connections.
  case refuse
  /// Responds again.
  case none

  /// The line in the file `faults`.
  fileprivate var line: String {
    switch self {
    case .hang: "DEMO_API=hang\n"
    case .refuse: "DEMO_API=refused\n"
    case .none: ""
    }
  }
}

/// The demo's clusters besides the kind cluster: clusters run by others, each with its state in a separate folder.
package struct DemoFurtherClusters {
  let root: String
  let environment: [String: String]

  /// Clusters and their installations, as name, repository and mode.
  private static let all: [(context: String, installations: [(String, String, ContainerMode)])] = [
    ("prod", [("api-ci", "acme/api", .kubernetes), ("mobile-dind", "acme/mobile", .dind)]),
    ("lab", [("model-tests", "acme/models", .kubernetes), ("docs-ci", "acme/docs", .dind)]),
    ("edge", [("edge-ci", "acme/edge", .dind), ("firmware", "acme/firmware", .kubernetes)]),
    ("stage", [("stage-ci", "acme/stage", .kubernetes), ("stage-dind", "acme/stage-images", .dind)]),
  ]

  /// The maximum number of clusters.
  package static let limit = all.count + 1

  private var folder: String { Self.folder(environment["DESKRUN_DEMO_STATE"] ?? "") }

  private static func folder(_ state: String) -> String { state + "/clusters" }

  /// The store of a context's cluster; nil for the kind cluster.
  ///
  /// - Parameter state: the folder of the demo's state.
  static func store(of context: String?, state: String) -> DemoStore? {
    guard let context, all.contains(where: { $0.context == context }) else { return nil }
    let store = DemoStore(folder: folder(state) + "/" + context)
    return store.exists ? store : nil
  }

  /// The contexts besides the kind cluster's.
  static func contexts(state: String) -> [String] {
    all.map(\.context).filter { store(of: $0, state: state) != nil }
  }

  /// The host and port of a context's server, as in the kubeconfig.
  static func server(of context: String) -> String {
    all.contains { $0.context == context } ? "\(context).example.com:6443" : "127.0.0.1:6443"
  }

  /// Creates the requested number of clusters, and sets whether one of them responds.
  func prepare(_ options: DemoOptions) throws {
    let state = environment["DESKRUN_DEMO_STATE"] ?? ""
    if let count = options.clusters {
      for (index, cluster) in Self.all.enumerated() {
        let exists = Self.store(of: cluster.context, state: state) != nil
        if index + 2 <= count, !exists { try plant(index, options) }
        if index + 2 > count, exists { try remove(cluster.context) }
      }
      try writeKubeconfig(Self.contexts(state: state))
    } else if options.speed != nil || options.seed != nil {
      for context in Self.contexts(state: state) {
        if let store = Self.store(of: context, state: state) { try DemoCluster.set(store, options, isNew: false) }
      }
    }
    guard let outage = options.outage else { return }
    guard let store = Self.store(of: Self.all[0].context, state: state) else {
      throw EngineError(
        .usage, "The demo has one cluster", why: "--demo-outage is for the second one",
        fix: "Add --demo-clusters 2")
    }
    do { try FileIO.replace(store.folder + "/faults", with: Array(outage.line.utf8)) } catch {
      throw EngineError(.failed, "The demo's state cannot be written", why: error.reason, fix: "Check \(store.folder)")
    }
  }

  private func plant(_ index: Int, _ options: DemoOptions) throws {
    let cluster = Self.all[index]
    let store = DemoStore(folder: folder + "/" + cluster.context)
    do {
      for folder in [folder, store.folder] { try FileIO.makePrivateFolder(folder) }
    } catch {
      throw EngineError(.failed, "The demo's state cannot be written", why: error.reason, fix: "Check \(root)")
    }
    var options = options
    let main = DemoStore(folder: environment["DESKRUN_DEMO_STATE"] ?? "").load()
    options.speed = options.speed ?? main.speed
    options.seed = (options.seed ?? main.seed) + UInt64(index + 1)
    try DemoCluster.set(store, options, isNew: true)
    let place = ClusterPlace(context: cluster.context)
    let most = max(2, (options.runners ?? 6) * 2 / 3)
    let installations = try cluster.installations.enumerated().map { at, entry in
      let maximum = at == 0 ? most : max(1, (options.runners ?? 6) - most)
      var installation = try Installation(
        name: InstallationName(entry.0), target: GitHubTarget("https://github.com/\(entry.1)"), mode: entry.2,
        runners: RunnerCounts(minimum: options.runners == nil ? 1 : maximum, maximum: maximum),
        authentication: .token(.environment(DemoCluster.tokenVariable)))
      installation.place = place
      return installation
    }
    try DemoSeed(environment: environment, store: store, token: DemoCluster.token)
      .plant(installations, on: .existing(context: cluster.context), node: cluster.context)
  }

  private func remove(_ context: String) throws {
    _ = DirectoryRemoval.delete(folder + "/" + context)
    try ConfigurationStore(paths: Paths(environment: environment)).update { configuration in
      for installation in configuration.all where installation.place?.context == context {
        _ = configuration.remove(installation.name)
      }
    }
  }

  /// Writes the contexts for other programs. Nothing listens at these addresses.
  private func writeKubeconfig(_ contexts: [String]) throws {
    let path = root + "/kubeconfig"
    guard !contexts.isEmpty else { return _ = unlink(path) }
    let all = ["kind-\(Configuration.standardClusterName)"] + contexts
    let servers = all.map { "https://\(Self.server(of: $0))" }
    let document: JSONValue = [
      "apiVersion": "v1", "kind": "Config", "current-context": .string(all[0]),
      "clusters": .array(
        zip(all, servers).map { name, server in ["name": .string(name), "cluster": ["server": .string(server)]] }),
      "contexts": .array(
        all.map { name in ["name": .string(name), "context": ["cluster": .string(name), "user": .string(name)]] }),
    ]
    do { try FileIO.replace(path, with: Array(document.encoded(pretty: true).utf8)) } catch {
      throw EngineError(.failed, "\(path) cannot be written", why: error.reason, fix: "Check \(root)")
    }
  }
}
