import ArgumentParser
import CommandOutput
import CommandSession
import Engine

/// `deskrun add`.
struct Add: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Add an installation: runners for a repository, an organization or an enterprise.",
    usage: """
      deskrun add [<options>] <name> --repository <url>
      deskrun add [<options>] [<name>] --import <file>
      """,
    discussion: """
      EXAMPLES:
        With the token of the GitHub command line:
          deskrun add web-ci -r https://github.com/acme/web --auth-value gh
        For an organization, up to ten runners, the token in a file:
          deskrun add acme -r https://github.com/acme --max-runners 10 \\
            --auth-value @token.txt
        Nix builds that keep their store between jobs:
          deskrun add nix -r https://github.com/acme/infra \\
            --mode cached-privileged-kubernetes --cache /nix/store
        With a GitHub App:
          deskrun add web-ci -r https://github.com/acme/web \\
            --auth-type github-app --app-id 12345 \\
            --app-installation-id 678901 --auth-value @key.pem
        With questions in place of arguments, on a terminal:
          deskrun add
        From a values file of ARC's chart, with name, URL, limits and labels:
          deskrun add --import values.yaml --auth-value gh

      Creates the kind cluster and installs the Actions Runner Controller where they do not exist yet. Workflows use the \
      runners with `runs-on: NAME`. With --context NAME, or after `deskrun cluster use NAME`, it is added on a cluster that \
      exists already, and lives there from then on. The same command again, with the same values, changes nothing.
      """)

  @Argument(help: "The name that workflows write in runs-on. At most 45 of a-z, 0-9 and -.")
  var name: String?

  @OptionGroup(title: "Installation Options") var target: TargetOption
  @OptionGroup(title: "Installation Options") var container: ModeOption
  @OptionGroup(title: "Installation Options") var runners: RunnerCountOptions
  @OptionGroup(title: "Installation Options") var installation: InstallationOptions
  @OptionGroup(title: "Installation Options") var arc: ARCVersionOption
  @OptionGroup(title: "Pod Options") var pod: PodOptions
  @OptionGroup(title: "Credential Options") var authentication: AuthenticationOptions
  @OptionGroup(title: "Plan Options") var plan: PlanOptions
  @OptionGroup(title: "Output Options") var output: OutputOptions
  @OptionGroup(title: "Global Options") var global: GlobalOptions

  /// Whether to ask the user for missing options.
  private var isGuided: Bool {
    Questions.areAllowed && !global.quiet && target.importedValues == nil && (name == nil || target.repository == nil)
  }

  func validate() throws {
    guard target.importedValues == nil, !isGuided else { return }
    if name == nil { throw ValidationError("Missing expected argument '<name>'") }
    if target.repository == nil { throw ValidationError("Missing expected argument '--repository <url>'") }
  }

  func run() async throws {
    let asked = try Session(global, mayCreate: !global.contexts.isEmpty)
    if let name { try Session.refuseEmpty(name) }
    // Repeating a command uses the same cluster, whichever was chosen since.
    let session = asked.isTargetGiven ? asked : try await asked.on(name)
    guard isGuided else { return try await carryOut(session) }
    var completed = self
    let credentials = try await GuidedAdd(session).complete(&completed)
    try await completed.carryOut(session, isGuided: true, credentials)
  }

  /// - Parameters:
  ///   - isGuided: whether the user was asked for options: then the plan is confirmed, and the first job awaited.
  ///   - credentials: those entered by the user; nil for those in the options.
  private func carryOut(_ session: Session, isGuided: Bool = false, _ credentials: Authentication? = nil) async throws {
    let release = try arc.release
    let imported = try target.imported()
    // Credentials that the user entered are already checked.
    let request = credentials == nil ? try authentication.request(session) : nil
    let given = try installation(
      authentication: credentials ?? request?.placeholder ?? .token(.literal(Secret("-"))), imported, session)
    // Another cluster may have one of that name.
    let wanted = WantedInstallation(
      try session.store.load().named(given, on: session.target), credentials: request)
    session.tellNotes(wanted.installation.target)
    if let daemon = imported?.daemon, container.mode == nil {
      session.tellNote("\(daemon.text) brings its own Docker daemon: the mode is dind")
    }
    if let secret = imported?.secret {
      session.warn(
        "\(secret.text): githubConfigSecret is not imported: the credentials are those of --auth-value.")
    }
    var run = session.run(plan, output)
    if isGuided { run.question = { Self.question($0, wanted.installation) } }
    guard try await run("add", .add(wanted, arc: release)) else { return }
    session.tellReady(wanted.installation)
    if isGuided { await FirstJob(session: session, installation: wanted.installation)() }
  }

  private static func question(_ plan: Plan, _ installation: Installation) -> Confirmation {
    let steps = plan.steps.map { "\($0.title)" + ($0.forecast.map { "   (\($0))" } ?? "") }
    return Confirmation(
      question: "Add \(installation.name) for \(installation.target.url)?", notes: ["Steps:"] + steps.map { "  \($0)" },
      refusal: "Nothing was changed")
  }

  /// The installation described by these arguments, with its credentials.
  ///
  /// - Throws: `EngineError` of kind `invalid` that names the first invalid value.
  func installation(
    authentication: Authentication, _ imported: ValuesImport? = nil, _ session: Session
  ) throws -> Installation {
    let parts = try installation.parts(home: session.paths.userHome)
    guard let name = name ?? imported?.scaleSet, let url = target.repository ?? imported?.url else {
      let isName = name == nil && imported?.scaleSet == nil
      throw EngineError(
        .invalid, "\(target.importedValues ?? "") has no \(isName ? "runnerScaleSetName" : "githubConfigUrl")",
        fix: isName ? "Name the installation: `deskrun add NAME --import …`" : "Use --repository URL")
    }
    var settings = PodSettings()
    settings.runnerGroup = imported?.runnerGroup
    let minimum = imported?.minimum ?? RunnerCounts.standard.minimum
    let counts = try RunnerCounts(
      minimum: imported == nil ? minimum : imported?.minimum ?? 0,
      maximum: imported?.maximum ?? max(RunnerCounts.standard.maximum, minimum))
    let importedFile = imported?.file.reference.text
    return try Installation(
      name: InstallationName(name), target: GitHubTarget(url), mode: container.mode ?? imported?.mode ?? .kubernetes,
      runners: runners.counts(from: counts, instances: installation.instances ?? 1), caches: parts.caches ?? [],
      mounts: parts.mounts ?? [], instances: installation.instances ?? 1, image: installation.image,
      labels: parts.labels ?? imported?.labels ?? [], authentication: authentication,
      settings: pod.settings(over: settings),
      valuesFiles: (importedFile.map { [$0] } ?? []) + (try installation.valuesFiles() ?? []),
      importedValues: importedFile)
  }
}

/// What an installation serves, or the values file that contains it.
struct TargetOption: ParsableArguments {
  @Option(
    name: .shortAndLong,
    help: ArgumentHelp(
      "What the runners serve: https://github.com/OWNER/REPO, …/ORGANIZATION or …/enterprises/NAME.",
      valueName: "url"))
  var repository: String?

  @Option(
    name: .customLong("import"),
    help: ArgumentHelp(
      "A values file of ARC's chart to create the installation from.",
      discussion: "Name, URL, mode, limits, runner group and labels are taken from it; options replace them. The rest "
        + "is merged as with --values. Credentials are never taken from it.", valueName: "file"),
    completion: .file())
  var importedValues: String?

  /// The installation's properties in the file.
  ///
  /// - Throws: `EngineError` of kind `invalid`.
  func imported() throws -> ValuesImport? {
    guard let importedValues else { return nil }
    return try ValuesImport(ValuesFile.read(ValuesReference(try Session.absolute(importedValues))))
  }
}
