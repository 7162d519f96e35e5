import Demo
import Engine

#if canImport(Darwin)
import Darwin
#else
import Glibc
#endif

/// What one call of the program works with: environment, files, cluster and console, as the options say.
struct Session: Sendable {
  let environment: [String: String]
  let paths: Paths
  let store: ConfigurationStore
  let target: ClusterTarget
  let toolbox: Toolbox
  let console: Console
  let verbosity: Verbosity
  /// How many times faster than real time the cluster's clock runs; above 1 in the demo alone.
  let speed: Double

  /// Puts it together.
  ///
  /// - Throws: `EngineError` when the environment or the configuration cannot be used.
  init(_ global: GlobalOptions) throws {
    console = global.console()
    verbosity = global.verbosity
    var environment = ProcessEnvironment.read()
    speed = global.demo.isOn ? max(1, global.demo.speed ?? 1) : 1
    if global.demo.isOn { environment = try DemoSession.environment(global.demo, over: environment) }
    self.environment = environment
    paths = try Paths(environment: environment)
    store = ConfigurationStore(paths: paths)
    target = try Self.target(global, store: store)
    toolbox = Toolbox(runner: SystemToolRunner(), environment: environment, target: target)
  }

  /// `--context` and `--kubeconfig` for this call, else what `deskrun cluster use` chose, else the kind cluster.
  private static func target(_ global: GlobalOptions, store: ConfigurationStore) throws -> ClusterTarget {
    let kubeconfig = try global.kubeconfig.map(absolute)
    guard global.context == nil else {
      let cluster = try store.load().clusterName
      return global.context == "kind-\(cluster)"
        ? .kind(cluster: cluster, kubeconfig: kubeconfig)
        : .existing(context: global.context ?? "", kubeconfig: kubeconfig)
    }
    var target = try store.load().target
    if let kubeconfig { target.kubeconfig = kubeconfig }
    return target
  }

  /// A path as seen from the current folder.
  static func absolute(_ path: String) throws -> String {
    guard !path.hasPrefix("/") else { return path }
    return "\(currentFolder())/\(path)"
  }

  /// The folder the program was called in.
  static func currentFolder() -> String {
    guard let path = getcwd(nil, 0) else { return "/" }
    defer { free(path) }
    return String(cString: path)
  }

  /// Finds credentials, asking on the terminal where somebody sits there.
  var credentials: CredentialResolver {
    let console = console
    let toolbox = toolbox
    var prompt: (@Sendable (String) throws -> Secret)?
    if isatty(0) == 1 {
      prompt = { question in
        if let secret = try Prompt(console: console, assumesYes: false).secret(question) { return secret }
        throw EngineError(.invalid, "No token was given", fix: "Type it, or give it with --auth-value")
      }
    }
    return CredentialResolver(
      environment: environment, readStandardInput: { try StandardInput.read() }, prompt: prompt,
      ghToken: { try await toolbox.gh().token(host: $0) })
  }

  /// The same without anybody to ask.
  var unattended: CredentialResolver {
    var credentials = credentials
    credentials.prompt = nil
    return credentials
  }

  /// Makes and runs plans.
  var deployer: Deployer { Deployer(toolbox: toolbox, store: store, credentials: credentials, pace: pace) }

  /// How waits are paced: with the cluster's clock.
  var pace: PlanExecutor.Pace {
    .init(interval: max(.milliseconds(50), .seconds(1) / speed), registrationPatience: .seconds(30) / speed)
  }

  /// The name of an installation as it was typed.
  func name(_ text: String) throws -> InstallationName { try InstallationName(text) }

  /// An installation that is configured.
  ///
  /// - Throws: `EngineError` of kind `notFound` or, when its entry cannot be used, `configuration`.
  func installation(_ text: String) throws -> Installation {
    let configuration = try store.load()
    let name = try name(text)
    if let installation = configuration.installation(named: name) { return installation }
    if let entry = configuration.unreadable.first(where: { $0.name == text }) { throw entry.problem }
    throw Deployer.unknown(name, configuration)
  }
}

extension Session {
  /// What was repaired in an address.
  func tellNotes(_ target: GitHubTarget) {
    guard verbosity > .quiet else { return }
    for note in target.notes {
      console.tell("\(console.errorStyle.paint("note: ", .faint))\(Sanitizer.withoutSecrets(note))")
    }
  }

  /// The last word of a plan that brought an installation up: how workflows use it.
  func tellReady(_ installation: Installation) {
    guard verbosity > .quiet else { return }
    let names = installation.scaleSets.map(\.name)
    let label: PrintableText =
      names.count == 1 ? "\(names[0])" : "\(installation.name)-1 (to \(names[names.count - 1]))"
    console.tell(
      "\(installation.name) is ready. In a workflow of \(installation.target.path) write:  runs-on: \(label)")
  }
}

/// Standard input, read whole.
enum StandardInput {
  /// - Throws: `EngineError` when it is a terminal nobody was asked at, or longer than any secret.
  static func read() throws -> [UInt8] {
    var bytes: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 16 << 10)
    while true {
      #if canImport(Darwin)
      let count = Darwin.read(0, &buffer, buffer.count)
      #else
      let count = Glibc.read(0, &buffer, buffer.count)
      #endif
      if count < 0, errno == EINTR { continue }
      guard count > 0 else { return bytes }
      bytes.append(contentsOf: buffer[..<count])
      guard bytes.count <= 1 << 20 else {
        throw EngineError(.invalid, "Standard input is longer than any secret", fix: "Pipe the token or key alone")
      }
    }
  }
}
