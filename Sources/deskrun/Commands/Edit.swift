import ArgumentParser
import CommandOutput
import CommandSession
import Engine

/// `deskrun edit`.
struct Edit: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Change an installation; what is not named stays.",
    discussion: """
      EXAMPLES:
          deskrun edit web-ci --mode dind
          deskrun edit nix --cache /nix/store --cache /root/.cache
          deskrun edit web-ci --auth-value @new-token.txt
        After somebody changed the scale set with Helm or kubectl:
          deskrun edit web-ci --from-cluster --dry-run

      GitHub reads the URL, the runner group and the labels only when a scale set is registered: changing them recreates \
      it after its jobs have finished, and asks first.

      Lists (--cache, --mount, --label, --env, …) replace the ones there were; --no-caches and --reset empty them.
      """)

  @OptionGroup var existing: InstallationArgument

  @OptionGroup(title: "Installation Options") var target: NewTargetOption
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
    guard changesSomething || fromCluster else {
      throw ValidationError("Nothing to change: name at least one option besides the installation.")
    }
  }

  func run() async throws {
    let session = try Session(global)
    // What is mistyped is told before anything waits.
    let found = try session.installation(existing.name)
    if fromCluster {
      return try await session.exclusively("edit", on: .installation(found.name), dryRun: plan.dryRun) {
        try await takeOver(try session.installationStill(existing.name), session)
      }
    }
    _ = try session.deployer.deployments(of: try edited(found, authentication: nil, session))
    try await session.exclusively("edit", on: .installation(found.name), dryRun: plan.dryRun) {
      try await change(try session.installationStill(existing.name), session)
    }
  }

  private func change(_ current: Installation, _ session: Session) async throws {
    let target = try target.repository.map { text throws(EngineError) in try GitHubTarget(text) } ?? current.target
    session.tellNotes(target)
    _ = try edited(current, authentication: nil, session)
    let renewed =
      authentication.isGiven
      ? try await authentication.completed(from: current.authentication).authentication(for: target, session) : nil
    let installation = try edited(current, authentication: renewed, session)
    let plan = try await session.waiting(for: "asking the cluster") {
      try await session.deployer.planEdit(installation, base: current)
    }
    let run = PlanRun(session: session, options: self.plan, output: output.form)
    let losses = PlanRun.losses(plan, waits: true)
    // Why a scale set is recreated is among the warnings of the plan, which are shown before the question.
    let question =
      losses.isEmpty && plan.recreations.isEmpty
      ? nil
      : PlanRun.Question(text: "Change \(current.name)?", losses: losses, refusal: "\(current.name) was not changed")
    guard try await run(plan, question: question) else { return }
    session.tellReady(installation)
  }

  /// Takes over what the cluster has.
  private func takeOver(_ current: Installation, _ session: Session) async throws {
    let found = try await session.deployer.clusterSettings(of: current)
    let console = session.console
    for left in found.left {
      console.tell(ErrorReport.warning("Not taken over: \(left).", style: console.errorStyle))
    }
    guard found.installation != current else {
      if found.left.isEmpty { console.tell("\(current.name) is in the cluster as it is configured.") }
      return
    }
    var plan = try await session.deployer.planEdit(found.installation, base: current)
    plan.title = "Take over \(current.name) from the cluster"
    let changes = found.taken.map { "\($0.setting.title): \($0.configured) -> \($0.cluster)" }
    if self.plan.dryRun { plan.notes = changes + plan.notes }
    let run = PlanRun(session: session, options: self.plan, output: output.form)
    let question = PlanRun.Question(
      text: "Change the configuration of \(current.name)?", losses: changes + PlanRun.losses(plan, waits: true),
      refusal: "\(current.name) was not changed")
    guard try await run(plan, question: question) else { return }
    session.tellReady(found.installation)
  }

  private var changesSomething: Bool {
    target.repository != nil || installation.mode != nil || installation.minRunners != nil
      || installation.maxRunners != nil
      || installation.instances != nil || !installation.caches.isEmpty || !installation.mounts.isEmpty
      || installation.image != nil || !installation.labels.isEmpty || !installation.values.isEmpty || emptied.noCaches
      || emptied.noMounts || emptied.noLabels || emptied.noImage || emptied.noValues || authentication.isGiven
      || pod.isGiven || !emptied.reset.isEmpty
  }

  /// The installation as it is to become.
  ///
  /// - Parameter authentication: the new one, or nil to keep the current one.
  /// - Throws: `EngineError` of kind `invalid` that names the first value that is refused.
  func edited(
    _ current: Installation, authentication: Authentication?, _ session: Session
  ) throws -> Installation {
    let parts = try installation.parts(home: session.paths.userHome)
    // From several instances back to one the counts start over: one runner each was not the user's choice.
    let isSplit = (installation.instances ?? current.instances) > 1
    let counts = current.instances > 1 && !isSplit ? RunnerCounts.standard : current.runners
    return try Installation(
      name: current.name,
      target: target.repository.map { text throws(EngineError) in try GitHubTarget(text) } ?? current.target,
      mode: installation.mode ?? current.mode,
      runners: installation.counts(from: counts, instances: current.instances),
      caches: emptied.noCaches ? [] : parts.caches ?? current.caches,
      mounts: emptied.noMounts ? [] : parts.mounts ?? current.mounts,
      instances: installation.instances ?? current.instances,
      image: emptied.noImage ? nil : installation.image ?? current.image,
      labels: emptied.noLabels ? [] : parts.labels ?? current.labels,
      authentication: authentication ?? current.authentication,
      settings: pod.settings(over: current.settings, reset: emptied.reset),
      valuesFiles: emptied.noValues ? [] : try installation.valuesFiles() ?? current.valuesFiles,
      importedValues: current.importedValues)
  }
}

/// What an installation is to serve from now on.
struct NewTargetOption: ParsableArguments {
  @Option(
    name: .shortAndLong,
    help: ArgumentHelp("What the runners serve, as for add.", valueName: "url"))
  var repository: String?
}

/// Parts that are to be empty, or the default, again.
struct EmptiedOptions: ParsableArguments {
  @Flag(help: "Keep no caches any more. Their directories stay until `deskrun cache prune`.")
  var noCaches = false
  @Flag(help: "Mount nothing any more.")
  var noMounts = false
  @Flag(help: "Have no labels but the name.")
  var noLabels = false
  @Flag(help: "Use the default image.")
  var noImage = false
  @Flag(help: "Merge no values file any more.")
  var noValues = false
  @Option(
    help: ArgumentHelp(
      "Set a pod option back to its default: env, memory, … Can be repeated.", valueName: "option"))
  var reset: [PodSetting] = []
}
