import CommandOutput
import Demo
import Engine
import KubeProxy

#if canImport(Darwin)
import Darwin
#else
import Glibc
#endif

/// The context of one call of the program: environment, files, cluster and console.
package struct Session: Sendable {
  package let environment: [String: String]
  package let paths: Paths
  package internal(set) var store: ConfigurationStore
  package private(set) var target: ClusterTarget
  /// The clusters given with `--context` or `--kubeconfig`, to which commands are limited; empty if neither was given.
  package internal(set) var given: [ClusterTarget]
  package var isTargetGiven: Bool { !given.isEmpty }
  /// The clusters that this call and the configuration know.
  private let known: [ClusterTarget]
  /// What its cluster is called in texts: the context, with the kubeconfig where another cluster is called the same.
  package var label: String { target.label(among: known) }
  package internal(set) var toolbox: Toolbox
  /// Why an installation is shown with this context and not with its own; nil if it is shown with its own.
  package internal(set) var ownContext: FailingContext?
  package private(set) var console: Console
  package let verbosity: Verbosity
  /// Whether the cluster is the simulated one.
  package let isDemo: Bool
  /// The speed of the cluster's clock as a multiple of real time; above 1 only in the demo.
  package let speed: Double

  /// Creates the session for these options.
  ///
  /// - Parameters:
  ///   - takesSeveral: whether `--context` may be given several times.
  ///   - mayCreate: whether the command can create the kind cluster, so that the file of `--kubeconfig` need not exist.
  /// - Throws: `EngineError` if the environment or the configuration cannot be used.
  package init(_ global: GlobalOptions, takesSeveral: Bool = false, mayCreate: Bool = false) throws {
    if !takesSeveral, global.contexts.count > 1 {
      throw EngineError(
        .usage, "This command works on one cluster",
        why: "--context was given \(global.contexts.count) times", fix: "Name one context, or run it once for each")
    }
    console = global.console()
    verbosity = global.verbosity
    var environment = ProcessEnvironment.read()
    // First, so that it logs all later errors.
    let log = try CommandLog.open(global.logFile, environment)
    isDemo = global.demo.isOn
    speed = isDemo ? max(1, global.demo.speed ?? 1) : 1
    if isDemo { environment = try DemoSession.environment(global.demo, over: environment) }
    self.environment = environment
    paths = try Paths(environment: environment)
    store = ConfigurationStore(paths: paths)
    let configuration = try store.load()
    let chosen = try ChosenClusters(global, configuration, environment: environment, mayCreate: mayCreate)
    (target, given) = (chosen.target, chosen.given)
    known = configuration.targets + [configuration.target, configuration.target(at: nil)] + chosen.given
    console = console.about(chosen.target)
    let runner: any ToolRunner = Surroundings.current?.runner ?? SystemToolRunner()
    toolbox = Toolbox(runner: runner, environment: environment, target: target).logged(to: log)
    let store = store
    toolbox.knownNamespaces = { store.namespaces(on: $0) }
    log?.note(.run, "context \(target.context), configuration \(paths.configuration)")
  }

  /// The toolbox with a persistent connection to the cluster's API, for commands that only read it. Commands that
  /// change something run kubectl each time, because the context may point to another cluster after any step.
  package var watching: Toolbox { connected(stays: true) }

  /// The same for a command that ends with its answer: the connection is there sooner and costs more memory.
  package var asking: Toolbox { connected(stays: false) }

  private func connected(stays: Bool) -> Toolbox {
    // A call within another process, as in tests, does not start a proxy.
    guard Surroundings.current == nil else { return toolbox }
    var toolbox = toolbox
    let (console, isVerbose, log) = (console, verbosity == .verbose, toolbox.log)
    toolbox.pipe = KubePipe(toolbox: toolbox, stays: stays) { why in
      log?.note(.run, "kubectl proxy cannot be used: \(why)")
      guard isVerbose else { return }
      console.tell("note: kubectl proxy cannot be used, so each question starts a kubectl: \(why)")
    }
    return toolbox.logged(to: toolbox.log)
  }

  /// A session that reads only one namespace; nil for all.
  package func narrowed(to namespace: String?) -> Session {
    var session = self
    session.toolbox.narrowedTo = namespace
    return session
  }

  /// A path made absolute with the current folder.
  package static func absolute(_ path: String) throws -> String {
    guard !path.hasPrefix("/") else { return path }
    return "\(currentFolder())/\(path)"
  }

  package static func currentFolder() -> String {
    guard let path = getcwd(nil, 0) else { return "/" }
    defer { free(path) }
    return String(cString: path)
  }

  /// Finds credentials, and prompts for them on a terminal.
  package var credentials: CredentialResolver {
    let prompt = Prompt(console: console, assumesYes: false)
    let toolbox = toolbox
    var credentials = CredentialResolver(
      environment: environment, readFile: { try await StandardInput.contents(of: $0, prompt) },
      readStandardInput: { try await StandardInput.read(prompt) }, ghToken: { try await toolbox.gh().token(host: $0) })
    credentials.folder = Self.currentFolder()
    if prompt.inputIsTerminal {
      credentials.prompt = { question in
        if let secret = try prompt.secret(question) { return secret }
        throw EngineError(.invalid, "No token was given", fix: "Type it, or give it with --auth-value")
      }
    }
    return credentials
  }

  /// The same without prompts: nothing is read from the terminal, which may be in other use.
  package var unattended: CredentialResolver {
    var credentials = credentials
    credentials.prompt = nil
    credentials.readFile = CredentialResolver.secret(inFile:)
    credentials.readStandardInput = {
      throw EngineError(
        .invalid, "Standard input cannot be read here", fix: "Give the token itself, @FILE, env:NAME or gh")
    }
    return credentials
  }

  package var deployer: Deployer { Deployer(toolbox: toolbox, store: store, credentials: credentials, pace: pace) }

  /// The timing of waits, according to the cluster's clock.
  package var pace: PlanExecutor.Pace {
    .init(
      interval: max(.milliseconds(50), .seconds(1) / speed), registrationPatience: .seconds(30) / speed,
      cycle: Readiness.cycle / speed, removalPatience: .seconds(240) / speed,
      furtherLook: .seconds(45) / speed)
  }

  /// A session for another cluster.
  package func at(_ other: ClusterTarget) -> Session {
    var session = self
    session.target = other
    session.toolbox.target = other
    let isOther = given.count > 1 || other != target && !isTargetGiven
    session.console = isOther ? console.on(other) : console.about(other)
    return session
  }

  /// An error about this cluster, with its commands completed for copying.
  package func completed(_ error: EngineError) -> EngineError { console.invocation.completing(error) }

  /// The installation name of a text.
  package func name(_ text: String) throws -> InstallationName {
    try Self.refuseEmpty(text)
    return try InstallationName(text)
  }

  /// Rejects an empty name, for example from a script whose variable is not set: it would select everything, or could
  /// not be shown in an error.
  ///
  /// - Throws: `EngineError` of kind `usage`.
  package static func refuseEmpty(_ text: String, _ what: String = "The name") throws(EngineError) {
    guard text.allSatisfy(\.isWhitespace) else { return }
    throw EngineError(
      .usage, "\(what) is empty", why: "an empty argument was given, as by a shell variable that is not set",
      fix: "Give a name; `deskrun list` shows those of installations")
  }

  /// The name of something that should exist. A text that is not a valid name counts as not found.
  ///
  /// - Throws: `EngineError` of kind `notFound`, or the error of reading the configuration.
  package func existing(_ text: String) throws -> InstallationName {
    try Self.refuseEmpty(text)
    let configuration = try store.load()
    if let name = try? InstallationName(reference: reference(text, configuration)) { return name }
    if let entry = configuration.unreadable.first(where: { $0.name == text }) { throw entry.problem }
    throw Deployer.unknown(Sanitizer.line(text), configuration)
  }

  /// The name in the configuration of the installation that a user means; the text itself if there is none. With
  /// `--context`, it is the one on that cluster: several clusters may have one of a name.
  package func reference(_ text: String, _ configuration: Configuration) -> String {
    let here = given.lazy.compactMap { configuration.on($0).installations.named(text) }.first
    return (here ?? configuration.all.named(text))?.name.description ?? text
  }

  /// Whether several clusters have an installation of the name that a user means.
  package func hasSeveral(_ text: String) throws -> Bool {
    let all = try store.load().all
    return all.named(text).map { meant in all.count { $0.name.plain == meant.name.plain } > 1 } ?? false
  }

  /// The configured installation of this name.
  ///
  /// - Throws: `EngineError` of kind `notFound` or, if its entry cannot be read, `configuration`.
  package func installation(_ text: String) throws -> Installation {
    let configuration = try store.load()
    let name = try existing(text)
    if let installation = configuration.all.first(where: { $0.name == name }) { return installation }
    if let entry = configuration.unreadable.first(where: { $0.name == text }) { throw entry.problem }
    throw Deployer.unknown(name, configuration)
  }
}

extension Session {
  /// Like `Console.waiting`, but silent with `--quiet`.
  package func waiting<Result>(
    for words: PrintableText, isolation: isolated (any Actor)? = #isolation, _ body: () async throws -> Result
  ) async rethrows -> Result {
    try await waiting(for: WaitingWords(words), body)
  }

  /// The same with a text that changes.
  package func waiting<Result>(
    for words: WaitingWords, isolation: isolated (any Actor)? = #isolation, _ body: () async throws -> Result
  ) async rethrows -> Result {
    verbosity > .quiet ? try await console.waiting(for: words, body) : try await body()
  }

  /// Prints what was corrected in a GitHub URL.
  package func tellNotes(_ target: GitHubTarget) {
    for note in target.notes { tellNote(note) }
  }

  /// Prints a note about the input.
  package func tellNote(_ note: String) {
    tell("\(console.errorStyle.paint("note: ", .faint))\(Sanitizer.withoutSecrets(note))")
  }

  /// Prints a progress message, which is not the command's output.
  package func tell(_ words: PrintableText) {
    if verbosity > .quiet { console.tell(words) }
  }

  /// Prints a warning.
  package func warn(_ words: String) {
    if verbosity > .quiet { console.tell(ErrorReport.warning(words, style: console.errorStyle)) }
  }

  /// Prints how workflows use the installation, at the end of a plan that deployed it.
  package func tellReady(_ installation: Installation) {
    let names = installation.scaleSets.map(\.name)
    let label: PrintableText =
      names.count == 1 ? "\(names[0])" : "\(names[0]) (to \(names[names.count - 1]))"
    tell(
      "\(installation.name) is ready. In a workflow of \(installation.target.path) write:  runs-on: \(label)")
  }
}

/// Reads secrets from standard input and from files, either of which may be a terminal.
enum StandardInput {
  /// Reads standard input to its end; on a terminal, prompts without echo.
  ///
  /// - Throws: `EngineError`, or `CancellationError` if the command is interrupted meanwhile.
  package static func read(_ prompt: Prompt) async throws -> [UInt8] {
    if prompt.inputIsTerminal { return try ask(prompt, at: prompt.input) }
    do {
      return try await SecretReader.read(prompt.input)
    } catch let failure as FileIO.Failure {
      throw EngineError(
        .invalid, "Standard input cannot be read",
        why: failure.code == EFBIG ? "It is longer than any token or key" : failure.reason,
        fix: "Pipe the token or key alone")
    }
  }

  /// Reads a file; for a terminal (`@/dev/tty`), prompts without echo.
  ///
  /// - Throws: like `read`.
  package static func contents(of path: String, _ prompt: Prompt) async throws -> [UInt8] {
    var info = stat()
    guard stat(path, &info) == 0, info.st_mode & S_IFMT == S_IFCHR else {
      return try await CredentialResolver.secret(inFile: path)
    }
    let descriptor = open(path, O_RDWR | O_CLOEXEC | O_NOCTTY | O_NONBLOCK)
    defer { if descriptor >= 0 { close(descriptor) } }
    guard descriptor >= 0, isatty(descriptor) == 1 else {
      return try await CredentialResolver.secret(inFile: path)
    }
    return try ask(prompt, at: descriptor)
  }

  private static func ask(_ prompt: Prompt, at terminal: Int32) throws -> [UInt8] {
    guard let secret = try prompt.secret("Token or key (not shown)", at: terminal) else {
      throw EngineError(.invalid, "No token or key was given", fix: "Paste it and press enter")
    }
    return Array(secret.reveal().utf8)
  }
}
