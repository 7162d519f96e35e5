import CommandOutput
import CommandSession
import Engine

/// Asks on a terminal for missing options of `deskrun add`: target, name, mode and credentials.
struct GuidedAdd {
  let session: Session
  let prompt: Prompt

  init(_ session: Session) {
    self.session = session
    prompt = Prompt(console: session.console, assumesYes: false)
  }

  /// Completes the options.
  ///
  /// - Returns: the chosen credentials; nil if the options specify them.
  /// - Throws: `Refusal` at the end of the input, `EngineError`, `CancellationError`.
  func complete(_ add: inout Add) async throws -> Authentication? {
    session.console.tell("Adds runners. Press Enter to accept the default in brackets, ctrl-C to cancel.\n")
    let target: GitHubTarget
    if let given = add.target.repository {
      target = try GitHubTarget(given)
    } else {
      target = try await repository()
      add.target.repository = target.url
    }
    let name: InstallationName
    if let given = add.name { name = try InstallationName(given) } else { name = try self.name(target) }
    add.name = name.description
    if add.container.mode == nil, add.installation.values.isEmpty { add.container.mode = try mode() }
    guard !add.authentication.isGiven, !session.isDemo else { return nil }
    return try await credentials(target, name, &add.authentication)
  }

  // MARK: What is served

  private func repository() async throws -> GitHubTarget {
    let session = session
    let candidates =
      session.isDemo
      ? [try GitHubTarget("https://github.com/acme/shop")]
      : try await session.waiting(for: "looking for repositories") { try await RepositoryCandidates.find(session) }
    let question: PrintableText = "Which repository or organization are the runners for?"
    guard !candidates.isEmpty else {
      return try prompt.ask("\(question) (https://github.com/OWNER/REPO)") { try Self.target($0) }
    }
    session.console.tell("\(question)")
    while true {
      let (index, typed) = try prompt.choose("Number, or another URL", among: candidates.map { "\($0.url)" })
      if let index { return candidates[index] }
      do { return try Self.target(typed) } catch let error as EngineError {
        session.console.tell(ErrorReport.text(error, style: session.console.errorStyle))
      }
    }
  }

  /// The target that was entered; `acme/web` is a repository on github.com.
  static func target(_ text: String) throws -> GitHubTarget {
    // A word alone would be an organization, and may as well be an answer to another question.
    let word = text.split(separator: " ").joined(separator: " ")
    if !word.isEmpty, !word.contains("/"), !word.contains("@"), !SecretShapes.isSecret(word) {
      throw EngineError(
        .invalid, "\(SafeText.line(word)) is not a URL",
        fix: "For a repository: https://github.com/OWNER/REPO. For an organization: https://github.com/ORGANIZATION")
    }
    let isPath = text.split(separator: "/").count == 2 && !text.contains(":") && !text.contains(".")
    return try GitHubTarget(isPath ? "https://github.com/\(text)" : text)
  }

  private func name(_ target: GitHubTarget) throws -> InstallationName {
    let configuration = try session.store.load()
    let taken = Set(configuration.installations.flatMap { [$0.name.plain] + $0.scaleSets.map(\.name) })
    return try prompt.ask(
      "Name, which workflows write in runs-on:", proposal: Self.proposal(for: target, taken: taken)
    ) { text in
      let name = try InstallationName(text)
      guard !taken.contains(text) else {
        throw EngineError(.invalid, "An installation \(text) exists already", fix: "Choose another name")
      }
      return name
    }
  }

  /// An unused name derived from the target.
  static func proposal(for target: GitHubTarget, taken: Set<String>) -> String? {
    let word = target.path.split(separator: "/").last.map { $0.lowercased() } ?? ""
    let letters = word.map { $0.isASCII && ($0.isLetter || $0.isNumber) ? $0 : "-" }
    let base = String(letters.drop { $0 == "-" }.prefix(40).reversed().drop { $0 == "-" }.reversed())
    let names = [base] + (2...99).map { "\(base)-\($0)" }
    return names.first { !taken.contains($0) && (try? InstallationName($0)) != nil }
  }

  // MARK: Mode

  private func mode() throws -> ContainerMode {
    let usesDocker = try prompt.isYes(
      "Do jobs run Docker themselves (docker build, container actions)?")
    let keepsState =
      usesDocker ? false : try prompt.isYes("Do jobs need Nix, systemd, or folders that outlive them as root?")
    guard usesDocker || keepsState else {
      tellMode(.kubernetes, because: "job containers are pods of their own, without privileges")
      return .kubernetes
    }
    let wanted: ContainerMode = usesDocker ? .dind : .cachedPrivilegedKubernetes
    let trusts = try prompt.isYes(
      "That needs privileged containers: a job can take over this computer. Do you trust everyone who can start one?")
    if trusts {
      tellMode(
        wanted,
        because: usesDocker
          ? "each runner has a Docker daemon beside it"
          : "privileged pods can keep folders such as /nix/store (--cache)")
      return wanted
    }
    tellMode(.kubernetes, because: "nothing runs privileged; steps that need \(usesDocker ? "Docker" : "it") will fail")
    return .kubernetes
  }

  private func tellMode(_ mode: ContainerMode, because reason: String) {
    session.console.tell("Mode \(session.console.errorStyle.paint("\(mode.rawValue)", .strong)): \(reason).")
  }

  // MARK: Credentials

  private enum Way: Equatable {
    case variable(String)
    case gh
    case app
    case token
  }

  private func credentials(
    _ target: GitHubTarget, _ name: InstallationName, _ options: inout AuthenticationOptions
  ) async throws -> Authentication? {
    let toolbox = session.toolbox
    let host = target.host
    var ways: [(way: Way, words: PrintableText)] = []
    for variable in CredentialResolver.variables(host: host) where session.environment[variable]?.isEmpty == false {
      ways.append((.variable(variable), "the token in \(variable)"))
    }
    let isLoggedIn = try await session.waiting(for: "asking gh") {
      do { return try await !toolbox.gh().token(host: host).reveal().isEmpty } catch is EngineError { return false }
    }
    if isLoggedIn { ways.append((.gh, "the token of gh, which is logged in to \(host)")) }
    ways.append((.token, "another token, typed here"))
    // A GitHub App cannot register runners of an enterprise.
    if case .enterprise = target.scope {} else { ways.append((.app, "a GitHub App")) }
    session.console.tell("How does deskrun prove to GitHub that it may register runners?")
    var way: Way?
    while way == nil {
      way = try prompt.choose("Number", among: ways.map(\.words)).index.map { ways[$0].way }
      if way == nil { session.console.tell("Type a number from 1 to \(ways.count).") }
    }
    switch way {
    case .variable(let variable): options.authValue = "env:\(variable)"
    case .gh:
      options.authValue = "gh"
      if let scope = TokenPage(target).scopes, scope != "repo" {
        session.console.tell("gh needs the scope \(scope) for this: gh auth refresh -h \(host) -s \(scope)")
      }
    case .app:
      options.authType = .githubApp
      options.appId = try prompt.ask("The App's id:") { $0 }
      options.appInstallationId = try prompt.ask("The id of its installation:") { $0 }
      options.authValue = "@" + (try prompt.ask("The file with its private key:") { $0 })
    case .token, nil: return try await token(target, name)
    }
    return nil
  }

  private func token(_ target: GitHubTarget, _ name: InstallationName) async throws -> Authentication {
    let page = TokenPage(target)
    session.console.tell(
      """
      A classic token with the scope \(page.scopes ?? ""):
        \(page.classic(name))
      """)
    if let permission = page.permission {
      session.console.tell(
        """
        or a fine-grained one with \(permission):
          \(page.fineGrained)
        """)
    }
    if try prompt.isYes("Open the first page in the browser?") {
      session.console.tell("\(try await DesktopBrowser.open(page.classic(name), session))")
    }
    while true {
      guard let secret = try prompt.secret("Token for \(target.host) (it is not shown)") else {
        throw Refusal(what: "Nothing was changed")
      }
      do {
        let found = try await session.credentials.find(
          .literal(secret), kind: .token, host: target.host, storage: .literal, folder: Session.currentFolder(),
          isTyped: true)
        for warning in found.warnings {
          session.console.tell(ErrorReport.warning(warning, style: session.console.errorStyle))
        }
        return .token(found.source)
      } catch let error as EngineError {
        session.console.tell(ErrorReport.text(error, style: session.console.errorStyle))
      }
    }
  }
}

/// The page to create a token, and the permissions it needs.
struct TokenPage {
  let target: GitHubTarget

  init(_ target: GitHubTarget) { self.target = target }

  /// The scope of a classic token.
  var scopes: String? {
    switch target.scope {
    case .repository: "repo"
    case .organization: "admin:org"
    case .enterprise: "manage_runners:enterprise"
    }
  }

  /// The permission of a fine-grained token; nil if it cannot have a sufficient one.
  var permission: String? {
    switch target.scope {
    case .repository: "Repository permissions → Administration: Read and write"
    case .organization: "Organization permissions → Self-hosted runners: Read and write"
    case .enterprise: nil
    }
  }

  /// The page with the scopes preselected.
  func classic(_ name: InstallationName) -> String {
    let scope = (scopes ?? "").replacing(":", with: "%3A")
    return "https://\(target.host)/settings/tokens/new?description=deskrun%20\(name)&scopes=\(scope)"
  }

  var fineGrained: String { "https://\(target.host)/settings/personal-access-tokens/new" }
}
