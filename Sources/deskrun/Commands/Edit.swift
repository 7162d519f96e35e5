import ArgumentParser
import CommandOutput
import CommandSession
import Engine

/// `deskrun edit`.
struct Edit: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Change an installation; options you leave out keep their values.",
    discussion: """
      EXAMPLES:
          deskrun edit web-ci --mode dind
          deskrun edit nix --cache /nix/store --cache /root/.cache
          deskrun edit web-ci --auth-value @new-token.txt
        After somebody changed the scale set with Helm or kubectl:
          deskrun edit web-ci --from-cluster --dry-run
        After the kubeconfig context of its cluster was renamed:
          deskrun edit web-ci --context NEW

      GitHub reads the URL, the runner group and the labels only when a scale set is registered: changing them recreates \
      it after its jobs have finished, and asks first.

      Lists (--cache, --mount, --label, --env, …) replace the ones there were; --no-caches and --reset empty them.
      """)

  @OptionGroup var existing: InstallationArgument

  @OptionGroup(title: "Installation Options") var target: NewTargetOption
  @OptionGroup(title: "Installation Options") var container: ModeOption
  @OptionGroup(title: "Installation Options") var runners: RunnerCountOptions
  @OptionGroup(title: "Installation Options") var installation: InstallationOptions

  @Flag(
    help: ArgumentHelp(
      "Take over URL, counts, runner group, labels and image from the cluster.",
      discussion: "For a scale set that was changed with Helm or kubectl. What is taken over is shown, and asked for."))
  var fromCluster = false

  @OptionGroup(title: "Installation Options") var emptied: EmptiedOptions
  @OptionGroup(title: "Pod Options") var pod: PodOptions
  @OptionGroup(title: "Credential Options") var authentication: AuthenticationOptions
  @OptionGroup(title: "Plan Options") var plan: PlanOptions
  @OptionGroup(title: "Output Options") var output: OutputOptions
  @OptionGroup(title: "Global Options") var global: GlobalOptions

  func validate() throws {
    let pairs = [
      (emptied.noCaches, !installation.caches.isEmpty, "--no-caches", "--cache"),
      (emptied.noMounts, !installation.mounts.isEmpty, "--no-mounts", "--mount"),
      (emptied.noLabels, !installation.labels.isEmpty, "--no-labels", "--label"),
      (emptied.noImage, installation.image != nil, "--no-image", "--image"),
      (emptied.noValues, !installation.values.isEmpty, "--no-values", "--values"),
    ]
    for (isEmptied, isGiven, emptying, giving) in pairs where isEmptied && isGiven {
      throw ValidationError("\(emptying) and \(giving) contradict each other.")
    }
    guard !fromCluster || !changesSomething else {
      throw ValidationError("--from-cluster cannot be combined with options that change the installation.")
    }
    guard changesSomething || fromCluster || global.choosesCluster else {
      throw ValidationError("Nothing to change: name at least one option besides the installation.")
    }
  }

  func run() async throws {
    var session = try Session(global)
    // A context without other changes is saved as the new context of its cluster; it does not select where to edit it.
    if session.isTargetGiven, !changesSomething, !fromCluster { return try await rebind(session) }
    session = try await session.on(existing.name, isEdit: true)
    // Report invalid arguments before waiting for anything.
    let found = try await session.ownInstallation(existing.name)
    if !fromCluster { _ = try session.deployer.deployments(of: try edited(found, credentials: nil, session)) }
    let ran = try await session.run(plan, output)("edit", on: .installation(found.name)) {
      try await request(try session.installationStill(existing.name), session)
    }
    if ran { session.tellReady(try session.installation(existing.name)) }
  }

  private func rebind(_ session: Session) async throws {
    let name = try await session.ownInstallation(existing.name).name
    var run = session.run(plan, output)
    run.tellNothing = { session.tell("\(name) is on \(session.target.words) already.") }
    if try await run("edit", .rebind(name.description)) {
      session.tell("\(name) is on \(session.target.words) now. Nothing in the cluster was changed.")
    }
  }

  private func request(_ current: Installation, _ session: Session) async throws -> PlanRequest? {
    if fromCluster {
      let found = try await session.waiting(for: "asking the cluster") {
        try await session.deployer.clusterSettings(of: current)
      }
      for left in found.left { session.warn("Not taken over: \(left).") }
      guard found.installation != current else {
        if found.left.isEmpty { session.tell("\(current.name) is in the cluster as it is configured.") }
        return nil
      }
      return .takeOver(found, from: current)
    }
    let credentials =
      authentication.isGiven ? try authentication.request(session, current: current.authentication) : nil
    let wanted = WantedInstallation(try edited(current, credentials: credentials, session), credentials: credentials)
    session.tellNotes(wanted.installation.target)
    return try await session.deployer.resolving(.edit(wanted, from: current))
  }

  private var changesSomething: Bool {
    target.repository != nil || container.mode != nil || runners.isGiven
      || installation.instances != nil || !installation.caches.isEmpty || !installation.mounts.isEmpty
      || installation.image != nil || !installation.labels.isEmpty || !installation.values.isEmpty || emptied.noCaches
      || emptied.noMounts || emptied.noLabels || emptied.noImage || emptied.noValues || authentication.isGiven
      || pod.isGiven || !emptied.reset.isEmpty
  }

  /// The installation after the change.
  ///
  /// - Parameter credentials: the new credentials, still to be found; nil to keep the current ones.
  /// - Throws: `EngineError` of kind `invalid` that names the first invalid value.
  func edited(
    _ current: Installation, credentials: CredentialRequest?, _ session: Session
  ) throws -> Installation {
    let parts = try installation.parts(home: session.paths.userHome)
    // When several instances are reduced to one, the counts are reset: one runner each was not the user's choice.
    let isSplit = (installation.instances ?? current.instances) > 1
    let counts = current.instances > 1 && !isSplit ? RunnerCounts.standard : current.runners
    return try Installation(
      name: current.name,
      target: target.repository.map { text throws(EngineError) in try GitHubTarget(text) } ?? current.target,
      mode: container.mode ?? current.mode,
      runners: runners.counts(from: counts, instances: installation.instances ?? current.instances),
      caches: emptied.noCaches ? [] : parts.caches ?? current.caches,
      mounts: emptied.noMounts ? [] : parts.mounts ?? current.mounts,
      instances: installation.instances ?? current.instances,
      image: emptied.noImage ? nil : installation.image ?? current.image,
      labels: emptied.noLabels ? [] : parts.labels ?? current.labels,
      authentication: credentials?.placeholder ?? current.authentication,
      settings: pod.settings(over: current.settings, reset: emptied.reset),
      valuesFiles: emptied.noValues ? [] : try installation.valuesFiles() ?? current.valuesFiles,
      importedValues: current.importedValues)
  }
}

/// The new target of an installation.
struct NewTargetOption: ParsableArguments {
  @Option(
    name: .shortAndLong,
    help: ArgumentHelp("What the runners serve, as for add.", valueName: "url"))
  var repository: String?
}

/// Options that clear a property or reset it to the default.
struct EmptiedOptions: ParsableArguments {
  @Flag(help: "Remove all caches. Their directories stay until `deskrun cache prune`.")
  var noCaches = false
  @Flag(help: "Remove all mounts.")
  var noMounts = false
  @Flag(help: "Remove all labels except the name.")
  var noLabels = false
  @Flag(help: "Use the default image.")
  var noImage = false
  @Flag(help: "Remove all values files.")
  var noValues = false
  @Option(
    help: ArgumentHelp(
      "Set a pod option back to its default: env, memory, … Can be repeated.", valueName: "option"))
  var reset: [PodSetting] = []
}
