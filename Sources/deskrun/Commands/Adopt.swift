import ArgumentParser
import CommandOutput
import CommandSession
import Engine

struct Adopt: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Take over a scale set that was deployed without deskrun.",
    discussion: """
      EXAMPLES:
        What would change:
          deskrun adopt web-ci --dry-run
        With a token of its own, and keeping values that deskrun has no option for:
          deskrun adopt web-ci --auth-value @token.txt --values kept.yaml

      The scale set must be a Helm release of that name. It stays in its namespace, whichever that is; where several \
      namespaces have one of that name, write NAMESPACE/NAME. Its settings become an installation; options replace what \
      was read. All of its Helm values are replaced: the differences are shown \
      before anything is changed. Without this command deskrun changes and removes only what it deployed itself.
      """)

  @Argument(
    help: "The scale set's name, which is that of its Helm release.", completion: Completions.installationNames)
  var name: String

  @OptionGroup(title: "Installation Options") var container: ModeOption
  @OptionGroup(title: "Installation Options") var runners: RunnerCountOptions
  @OptionGroup(title: "Installation Options") var installation: InstallationOptions
  @OptionGroup(title: "Pod Options") var pod: PodOptions
  @OptionGroup(title: "Credential Options") var authentication: AuthenticationOptions
  @OptionGroup(title: "Plan Options") var plan: PlanOptions
  @OptionGroup(title: "Output Options") var output: OutputOptions
  @OptionGroup(title: "Global Options") var global: GlobalOptions

  func run() async throws {
    let session = try await Session(global).on(name)
    try Session.refuseEmpty(name)
    let parts = name.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
    let given = pod.namespace ?? (parts.count == 2 ? parts[0] : nil)
    let status = try await session.refuseForeign(
      given.map { "\($0)/\(parts[parts.count - 1])" } ?? name, adopts: true)
    let namespace = given ?? status?.namespace ?? ClusterTarget.namespace
    let configuration = try session.store.load()
    let own = configuration.all.named(session.reference(name, configuration))
    let name = try own?.name ?? session.name(parts[parts.count - 1])
    let ran = try await session.run(plan, output)("adopt", on: .installation(name)) {
      let current = try session.store.load().installation(named: name)
      let wanted =
        if let current { try configured(current, session) } else { try await found(name, in: namespace, session) }
      return try await session.deployer.resolving(.adopt(wanted))
    }
    if ran { session.tellReady(try session.installation(name.description)) }
  }

  /// The request for a configured installation: it is deployed as configured.
  private func configured(_ current: Installation, _ session: Session) throws -> WantedInstallation {
    let credentials =
      authentication.isGiven ? try authentication.request(session, current: current.authentication) : nil
    let built = try built(
      current.name, current.target, mode: current.mode, counts: current.runners, instances: current.instances,
      image: current.image, labels: current.labels, caches: current.caches, mounts: current.mounts,
      settings: current.settings, valuesFiles: current.valuesFiles, importedValues: current.importedValues,
      authentication: credentials?.placeholder ?? current.authentication, session)
    return WantedInstallation(built, credentials: credentials)
  }

  /// The request for a scale set that is only in the cluster.
  private func found(
    _ name: InstallationName, in namespace: String, _ session: Session
  ) async throws -> WantedInstallation {
    let scaleSet = (installation.instances ?? 1) > 1 ? "\(name)-1" : "\(name)"
    let release = try await session.waiting(for: "asking the cluster") {
      try await session.deployer.adoptable(scaleSet, in: namespace)
    }
    let target: GitHubTarget
    do { target = try GitHubTarget(release.url) } catch {
      throw EngineError(
        .invalid, "The scale set \(scaleSet) cannot be adopted", why: error.why ?? error.what,
        fix: "Correct its githubConfigUrl with helm")
    }
    guard let mode = container.mode ?? release.mode else {
      throw EngineError(
        .invalid, "The container mode of \(scaleSet) has no equivalent in deskrun",
        fix: "Choose one with --mode: \(ContainerMode.allCases.map(\.rawValue).joined(separator: ", "))")
    }
    let credentials = try authentication.request(session)
    var settings = release.settings
    try settings.set(.namespace, [namespace])
    let built = try built(
      name, target, mode: mode,
      counts: RunnerCounts(minimum: release.runners.minimum, maximum: release.runners.maximum), instances: 1,
      image: release.image, labels: release.labels, caches: [], mounts: [], settings: settings,
      valuesFiles: [], importedValues: nil, authentication: credentials.placeholder, session)
    return WantedInstallation(built, credentials: credentials)
  }

  private func built(
    _ name: InstallationName, _ target: GitHubTarget, mode: ContainerMode, counts: RunnerCounts, instances: Int,
    image: String?, labels: [String], caches: [CachePath], mounts: [Mount], settings: PodSettings,
    valuesFiles: [String], importedValues: String?, authentication: Authentication, _ session: Session
  ) throws -> Installation {
    let parts = try installation.parts(home: session.paths.userHome)
    return try Installation(
      name: name, target: target, mode: container.mode ?? mode,
      runners: runners.counts(from: counts, instances: installation.instances ?? instances),
      caches: parts.caches ?? caches, mounts: parts.mounts ?? mounts, instances: installation.instances ?? instances,
      image: installation.image ?? image, labels: parts.labels ?? labels, authentication: authentication,
      settings: pod.settings(over: settings), valuesFiles: try installation.valuesFiles() ?? valuesFiles,
      importedValues: importedValues)
  }
}
