import Engine

/// The image of the demo's installation tools-dind, which does not exist at first.
struct DemoImage {
  static let missing = "ghcr.io/acme/runner:missing"
  private static let installation = "tools-dind"

  let environment: [String: String]
  let store: DemoStore

  /// Sets the installation's image to an existing or a missing one; any other image that was chosen is kept.
  func set(exists: Bool) throws {
    let configurations = ConfigurationStore(paths: try Paths(environment: environment))
    let configuration = try configurations.load()
    guard var installation = configuration.installations.first(where: { $0.name.description == Self.installation }),
      installation.image == (exists ? Self.missing : nil), store.load().releases[Self.installation] != nil
    else { return }
    installation.image = exists ? nil : Self.missing
    let changed = installation
    try configurations.update { $0.set(changed) }
    let deployer = Deployer(
      toolbox: Toolbox(
        runner: SystemToolRunner(), environment: environment,
        target: .kind(cluster: Configuration.standardClusterName)),
      store: configurations,
      credentials: CredentialResolver(environment: environment, readStandardInput: { [] }, ghToken: { _ in Secret("") })
    )
    guard let values = try deployer.deployments(of: changed).first?.releaseValues.encoded() else { return }
    try store.update { state in
      let now = DemoClock(state: state, wall: DemoStore.wallClock()).now
      state.releases[Self.installation]?.values = values
      // Pulling a missing image has failed for a while.
      state.releases[Self.installation]?.templateSince = exists ? now : now - 60
    }
  }
}
