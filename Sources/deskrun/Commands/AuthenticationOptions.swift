import ArgumentParser
import Engine

/// How an installation authenticates with GitHub.
struct AuthenticationOptions: ParsableArguments {
  /// The two kinds, with the earlier program's names.
  enum Kind: String, CaseIterable, Sendable, ExpressibleByArgument {
    /// A personal access token.
    case pat
    /// A GitHub App with its private key.
    case githubApp = "github-app"
  }

  /// What to store in the configuration file.
  enum Storage: String, CaseIterable, Sendable, ExpressibleByArgument {
    /// The secret itself.
    case literal
    /// Its source.
    case reference
  }

  @Option(help: ArgumentHelp("A personal access token (pat) or a GitHub App.", valueName: "type"))
  var authType: Kind?

  // A private key starts with hyphens; ArgumentOrder makes the parser accept it as a value.
  @Option(
    help: ArgumentHelp(
      "Where the token, or the App's private key, comes from.",
      discussion: """
        @FILE     a file
        -         standard input
        env:NAME  an environment variable
        gh        the GitHub command line (gh auth token)
        Anything else is taken as the secret itself, which other users of this machine can see in the process list.
        Without this option: DESKRUN_GITHUB_TOKEN, GH_TOKEN, GITHUB_TOKEN in this order, then a question on the \
        terminal that does not show what is typed.
        """, valueName: "source"))
  var authValue: String?

  @Option(help: ArgumentHelp("The GitHub App's id, a number or a client id.", valueName: "id"))
  var appId: String?

  @Option(help: ArgumentHelp("The id of the App's installation, a number.", valueName: "id"))
  var appInstallationId: String?

  @Option(
    help: ArgumentHelp(
      "What the configuration file keeps: the secret, or where it comes from (@FILE, env: and gh only).",
      valueName: "what"))
  var store: Storage?

  func validate() throws {
    if authType == .pat, appId != nil || appInstallationId != nil {
      throw ValidationError("--app-id and --app-installation-id belong to --auth-type github-app.")
    }
  }

  /// The kind, derived from the App's ids if not specified.
  var kind: Kind? { authType ?? (appId != nil || appInstallationId != nil ? .githubApp : nil) }

  /// The options with the kind and ids of an installation's current credentials as defaults.
  func completed(from current: Authentication) -> AuthenticationOptions {
    var completed = self
    if case .app(let id, let installationID, _) = current, kind != .pat {
      completed.authType = .githubApp
      completed.appId = appId ?? id
      completed.appInstallationId = appInstallationId ?? installationID
    }
    return completed
  }

  /// Whether any of these options is set.
  var isGiven: Bool { kind != nil || authValue != nil || store != nil }
}
