import Engine

/// The demo's initial state: a cluster and three installations that appear to be two hours old.
struct DemoSeed {
  let environment: [String: String]
  let store: DemoStore
  let token: String

  /// The initial version of ARC.
  private var version: String { SupportedARC.newest.description }
  private static let age = 7200.0

  func plant(_ options: DemoOptions) throws {
    let paths = try Paths(environment: environment)
    let configurations = ConfigurationStore(paths: paths)
    let installations = options.isEmpty ? [] : try installations(options.runners)
    if try configurations.load().installations.isEmpty {
      try configurations.update { configuration in
        for installation in installations { configuration.set(installation) }
      }
    }
    try deploy(
      installations, on: .kind(cluster: Configuration.standardClusterName), node: Configuration.standardClusterName)
  }

  /// Adds installations to a cluster that is not a kind cluster, unless the configuration already contains them.
  ///
  /// - Parameter node: the prefix of the node's name.
  func plant(_ installations: [Installation], on target: ClusterTarget, node: String) throws {
    try ConfigurationStore(paths: Paths(environment: environment)).update { configuration in
      for installation in installations where configuration.target(named: installation.name.description) == nil {
        configuration.set(installation)
      }
    }
    try deploy(installations, on: target, node: node)
  }

  private func deploy(_ installations: [Installation], on target: ClusterTarget, node: String) throws {
    let paths = try Paths(environment: environment)
    let configurations = ConfigurationStore(paths: paths)
    let deployer = Deployer(
      toolbox: Toolbox(runner: SystemToolRunner(), environment: environment, target: target), store: configurations,
      credentials: CredentialResolver(environment: environment, readStandardInput: { [] }, ghToken: { _ in Secret("") })
    )
    try store.update { state in
      let then = state.anchorDemo - Self.age
      state.cluster = node
      state.contexts = [target.context]
      state.node = .init(
        createdAt: then, startedAt: then,
        mounts: CacheLocation.nodeMounts(for: installations, cacheRoot: paths.caches).map {
          [$0.hostPath, $0.nodePath]
        })
      state.definitions = version
      state.releases[ARCCharts.controllerRelease] = .init(
        chart: "gha-runner-scale-set-controller", version: version,
        values: ControllerValues.json(owner: configurations.owner).encoded(),
        installedAt: then + 20, templateSince: then + 20)
      for installation in installations { plant(installation, deployer, then + 40, &state) }
    }
    try DemoPast(state: store.load(), environment: environment).write(context: target.context)
  }

  private func plant(_ installation: Installation, _ deployer: Deployer, _ time: Double, _ state: inout DemoState) {
    let labels = [
      "app.kubernetes.io/managed-by": "deskrun", OwnershipMark.installation: installation.name.plain,
      OwnershipMark.owner: deployer.store.owner,
    ]
    state.kept["secrets/\(DeploymentNames.secret(installation.name))"] = .init(
      kind: "Secret", labels: labels,
      data: ["github_token": Base64.encode(token.utf8)], changedAt: time)
    for scaleSet in (try? deployer.deployments(of: installation)) ?? [] {
      if let template = scaleSet.values.hookTemplate {
        state.kept["configmaps/\(ScaleSetValues.hookTemplateName(scaleSet: scaleSet.name))"] = .init(
          kind: "ConfigMap", labels: labels, data: ["content": template.encoded(pretty: true)], changedAt: time)
      }
      state.releases[scaleSet.name] = .init(
        chart: "gha-runner-scale-set", version: version, values: scaleSet.releaseValues.encoded(),
        installedAt: time, templateSince: time)
    }
  }

  private func installations(_ runners: Int?) throws -> [Installation] {
    let authentication = Authentication.token(.environment(DemoCluster.tokenVariable))
    let counts = try Self.counts(runners)
    return [
      try Installation(
        name: InstallationName("nix-builder"), target: GitHubTarget("https://github.com/acme/infra"),
        mode: .cachedPrivilegedKubernetes, runners: counts.infra,
        caches: [CachePath("/root/.cache/nix")], authentication: authentication),
      try Installation(
        name: InstallationName("tools-dind"), target: GitHubTarget("https://github.com/acme/tools"), mode: .dind,
        runners: counts.tools, image: DemoImage.missing,
        authentication: authentication),
      try Installation(
        name: InstallationName("web-ci"), target: GitHubTarget("https://github.com/acme/web"),
        runners: counts.web, authentication: authentication),
    ]
  }

  /// The runner counts of the installations. By default runners are created for jobs; with a requested number they
  /// always exist.
  private static func counts(
    _ runners: Int?
  ) throws -> (infra: RunnerCounts, tools: RunnerCounts, web: RunnerCounts) {
    guard let runners else {
      return (
        try RunnerCounts(minimum: 1, maximum: 3), try RunnerCounts(minimum: 1, maximum: 3),
        try RunnerCounts(minimum: 2, maximum: 5)
      )
    }
    // A few fail; most of the others belong to one installation.
    let tools = min(3, runners / 4)
    let web = ((runners - tools) * 5 + 6) / 7
    func always(_ count: Int) throws -> RunnerCounts { try RunnerCounts(minimum: count, maximum: max(1, count)) }
    return (try always(runners - tools - web), try always(tools), try always(web))
  }
}
