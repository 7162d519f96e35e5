import ArgumentParser
import CommandSession
import Engine

/// `deskrun add`.
struct Add: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Add an installation: runners for a repository, an organisation or an enterprise.",
    discussion: """
      EXAMPLES:
        With the token of the GitHub command line:
          deskrun add web-ci -r https://github.com/acme/web --auth-value gh
        For an organisation, up to ten runners, the token in a file:
          deskrun add acme -r https://github.com/acme --max-runners 10 \\
            --auth-value @token.txt
        Nix builds that keep their store between jobs:
          deskrun add nix -r https://github.com/acme/infra \\
            --mode cached-privileged-kubernetes --cache /nix/store
        With a GitHub App:
          deskrun add web-ci -r https://github.com/acme/web \\
            --auth-type github-app --app-id 12345 \\
            --app-installation-id 678901 --auth-value @key.pem

      Makes the kind cluster and installs the Actions Runner Controller when they are not there yet. Workflows use the \
      runners with `runs-on: NAME`. The same command again, with the same values, changes nothing.
      """)

  @Argument(help: "The name that workflows write in runs-on. At most 45 of a-z, 0-9 and -.")
  var name: String

  @OptionGroup(title: "Installation Options") var target: TargetOption
  @OptionGroup(title: "Installation Options") var installation: InstallationOptions
  @OptionGroup(title: "Installation Options") var arc: ARCVersionOption
  @OptionGroup(title: "Credential Options") var authentication: AuthenticationOptions
  @OptionGroup(title: "Plan Options") var plan: PlanOptions
  @OptionGroup(title: "Output Options") var output: OutputOptions
  @OptionGroup(title: "Global Options") var global: GlobalOptions

  func run() async throws {
    let session = try Session(global)
    let release = try arc.release
    // Names and addresses are checked before anybody is asked for a secret.
    _ = try installation(authentication: .token(.literal(Secret("-"))), session)
    let target = try GitHubTarget(self.target.repository)
    session.tellNotes(target)
    let installation = try installation(
      authentication: try await authentication.authentication(for: target, session), session)
    try await session.exclusively("add", on: .installation(installation.name), dryRun: self.plan.dryRun) {
      let plan = try await session.deployer.planAdd(installation, arc: ARCChoice(asked: release))
      guard try await PlanRun(session: session, options: self.plan, output: output.form)(plan) else { return }
      session.tellReady(installation)
    }
  }

  /// The installation these arguments describe, proved to GitHub as told.
  ///
  /// - Throws: `EngineError` of kind `invalid` that names the first value that is refused.
  func installation(authentication: Authentication, _ session: Session) throws -> Installation {
    let parts = try installation.parts(home: session.paths.userHome)
    return try Installation(
      name: InstallationName(name), target: GitHubTarget(target.repository), mode: installation.mode ?? .kubernetes,
      runners: installation.counts(from: .standard, instances: 1), caches: parts.caches ?? [],
      mounts: parts.mounts ?? [], instances: installation.instances ?? 1, image: installation.image,
      labels: parts.labels ?? [], authentication: authentication, valuesFile: try installation.valuesFile())
  }
}

/// What an installation serves.
struct TargetOption: ParsableArguments {
  @Option(
    name: .shortAndLong,
    help: ArgumentHelp(
      "What the runners serve: https://github.com/OWNER/REPO, …/ORGANISATION or …/enterprises/NAME.",
      valueName: "url"))
  var repository: String
}
