import Basics

/// The options and variables of this call that displayed commands must repeat: a copied command must act on the same
/// cluster and the same configuration.
///
/// Texts contain commands of deskrun, kubectl and helm in backticks: `deskrun up`. Code that displays such a text
/// passes it through `text`, which changes only these commands.
package struct Invocation: Sendable, Equatable {
  /// Variables in front of the program, each followed by a space.
  private let variables: String
  /// Options after the program, each preceded by a space.
  private let options: String
  /// Those of them that select the demo, and not the cluster.
  private let worldOptions: String
  /// The option with the kubeconfig file.
  private let kubeconfigOption: String
  /// The options that select the cluster that a text is about, if it is not the default one.
  private var clusterOptions = ""
  /// The cluster that a text is about, for commands of kubectl and helm; nil if unknown.
  private var cluster: ClusterTarget?

  /// The kubeconfig file of the cluster that a text is about; nil for kubectl's default.
  package var kubeconfig: String? { cluster?.kubeconfig }

  /// Creates one that repeats nothing.
  package init() { (variables, options, worldOptions, kubeconfigOption) = ("", "", "", "") }

  /// - Parameters:
  ///   - isDemo: whether `--demo` was given.
  ///   - context: the value of `--context`; nil if it was not given.
  ///   - kubeconfig: the value of `--kubeconfig`; nil if it was not given.
  ///   - environment: the environment of this program.
  package init(isDemo: Bool, context: String?, kubeconfig: String?, environment: [String: String]) {
    // The demo has its own configuration folder.
    let home = isDemo ? "DESKRUN_DEMO_HOME" : "DESKRUN_HOME"
    let path = environment[home].flatMap { $0.isEmpty ? nil : $0 }
    variables = path.map { "\(home)=\(Self.word($0)) " } ?? ""
    worldOptions = isDemo ? " --demo" : ""
    var options = worldOptions
    if let context { options += " --context \(Self.word(context))" }
    kubeconfigOption = kubeconfig.map { " --kubeconfig \(Self.word($0))" } ?? ""
    self.options = options + kubeconfigOption
  }

  private static func word(_ word: String) -> String { ToolCall.quoted([SafeText.line(word)]) }

  private var isPlain: Bool { variables.isEmpty && options.isEmpty && clusterOptions.isEmpty && cluster == nil }

  /// Returns a copy for texts about a cluster other than the default. Commands that name an installation act on its
  /// cluster; all others need options that select this one.
  package func on(_ target: ClusterTarget) -> Invocation {
    var other = about(target)
    other.clusterOptions =
      " --context \(Self.word(target.context))" + (target.kubeconfig.map { " --kubeconfig \(Self.word($0))" } ?? "")
    return other
  }

  /// Returns a copy for texts about the cluster that these options select.
  package func about(_ target: ClusterTarget) -> Invocation {
    var other = self
    other.cluster = target
    return other
  }

  /// Whether a command is about a cluster and does not select it by naming an installation.
  private static func isAboutCluster(_ arguments: Substring) -> Bool {
    let words = arguments.split(separator: " ")
    switch words.first {
    case nil: return true
    // They name something that is not in the configuration yet.
    case "add"?, "adopt"?: return true
    case "cluster"?: return ["status", "create", "delete"].contains(words.dropFirst().first)
    case "up"?, "down"?, "upgrade"?, "doctor"?, "status"?, "why"?, "events"?, "logs"?, "jobs"?, "record"?, "tui"?:
      return words.dropFirst().allSatisfy { $0.hasPrefix("-") }
    default: return false
    }
  }

  /// Completes a command; `deskrun down && deskrun up` is two.
  ///
  /// - Parameter command: one of deskrun, kubectl or helm. Any other is returned unchanged.
  package func command(_ command: String) -> String {
    guard !isPlain else { return command }
    var rest = Substring(command)
    var parts: [String] = []
    // Fast path: screens do this in each frame, and few commands are combined.
    guard command.utf8.contains(UInt8(ascii: "&")) else { return single(rest) }
    while let and = rest.firstRange(of: " && ") {
      parts.append(single(rest[..<and.lowerBound]))
      rest = rest[and.upperBound...]
    }
    parts.append(single(rest))
    return parts.joined(separator: " && ")
  }

  private func single(_ command: Substring) -> String {
    let name = "deskrun"
    guard command == name || command.hasPrefix(name + " ") else {
      return cluster?.command(String(command)) ?? String(command)
    }
    let arguments = command.dropFirst(name.count)
    // Texts may be completed twice, and some contain `--demo` themselves.
    let isComplete = arguments.hasPrefix(" --demo") || (!options.isEmpty && arguments.hasPrefix(options))
    // A command about another cluster names it itself.
    var options = arguments.contains(" --context ") ? worldOptions : options
    // Its argument selects the cluster.
    if arguments.hasPrefix(" cluster use ") { options = worldOptions + kubeconfigOption }
    if !arguments.contains(" --context "), Self.isAboutCluster(arguments) { options += clusterOptions }
    return isComplete ? String(command) : variables + name + options + arguments
  }

  /// Completes the commands in a text.
  package func text(_ text: String) -> String {
    guard !isPlain else { return text }
    var result = ""
    var rest = Substring(text)
    while let start = rest.firstIndex(of: "`"), let end = rest[rest.index(after: start)...].firstIndex(of: "`") {
      result += rest[...start] + command(String(rest[rest.index(after: start)..<end])) + "`"
      rest = rest[rest.index(after: end)...]
    }
    return result + rest
  }
}

extension Invocation {
  /// Completes the commands in an error.
  package func completing(_ error: EngineError) -> EngineError {
    guard !isPlain else { return error }
    var error = error
    error.what = text(error.what)
    error.why = error.why.map(text)
    error.fix = error.fix.map(text)
    error.details = error.details.map(text)
    return error
  }

  /// Completes the commands in the errors of a cluster's state.
  package func completing(_ state: ClusterState) -> ClusterState {
    switch state {
    case .toolMissing(let error): .toolMissing(completing(error))
    case .dockerUnavailable(let error): .dockerUnavailable(completing(error))
    case .unreachable(let error): .unreachable(completing(error))
    case .starting(let error): .starting(completing(error))
    case .halfCreated(let error): .halfCreated(completing(error))
    case .contextMissing(let error): .contextMissing(completing(error))
    case .absent, .stopped, .paused, .ready: state
    }
  }
}
