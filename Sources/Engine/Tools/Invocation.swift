import Basics

/// How this deskrun was called, as far as a command that is shown has to repeat it: a command that is copied must act
/// on the same cluster and the same configuration as the one that showed it.
///
/// Texts for people write commands of deskrun, kubectl and helm in backticks: `deskrun up`. Whoever shows such a text
/// passes it through `text`; nothing else in a text is touched.
package struct Invocation: Sendable, Equatable {
  /// Variables before the program, each with a space behind it.
  private let variables: String
  /// Options behind the program, each with a space before it.
  private let options: String
  /// Those of them that say which world it is, and not which cluster.
  private let worldOptions: String
  /// The one of them that names the kubeconfig file.
  private let kubeconfigOption: String
  /// Those that select the cluster a text is about, where it is not the one that a call without options works on.
  private var clusterOptions = ""
  /// The cluster that a text is about, for commands of kubectl and helm; nil where that is not known.
  private var cluster: ClusterTarget?

  /// One that has nothing to repeat.
  package init() { (variables, options, worldOptions, kubeconfigOption) = ("", "", "", "") }

  /// - Parameters:
  ///   - isDemo: whether the cluster is the simulated one.
  ///   - context: the value of `--context`; nil when it was not given.
  ///   - kubeconfig: the value of `--kubeconfig`; nil when it was not given.
  ///   - environment: what the program was started with.
  package init(isDemo: Bool, context: String?, kubeconfig: String?, environment: [String: String]) {
    // The demo keeps its configuration in a folder of its own.
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

  /// The same for texts about another cluster than the default. Commands that name an installation act on its own
  /// cluster; the others have to name this one.
  package func on(_ target: ClusterTarget) -> Invocation {
    var other = about(target)
    other.clusterOptions =
      " --context \(Self.word(target.context))" + (target.kubeconfig.map { " --kubeconfig \(Self.word($0))" } ?? "")
    return other
  }

  /// The same for texts about the cluster that a call with these options works on.
  package func about(_ target: ClusterTarget) -> Invocation {
    var other = self
    other.cluster = target
    return other
  }

  /// Whether a command is about a cluster, and does not say which by the name of an installation.
  private static func isAboutCluster(_ arguments: Substring) -> Bool {
    let words = arguments.split(separator: " ")
    switch words.first {
    case nil: return true
    // What they name is not in the configuration yet.
    case "add"?, "adopt"?: return true
    case "cluster"?: return ["status", "create", "delete"].contains(words.dropFirst().first)
    case "up"?, "down"?, "upgrade"?, "doctor"?, "status"?, "why"?, "events"?, "logs"?, "jobs"?, "record"?, "tui"?:
      return words.dropFirst().allSatisfy { $0.hasPrefix("-") }
    default: return false
    }
  }

  /// A command as it is to be copied; `deskrun down && deskrun up` is two.
  ///
  /// - Parameter command: one of deskrun, kubectl or helm. Another is given back as it is.
  package func command(_ command: String) -> String {
    guard !isPlain else { return command }
    var rest = Substring(command)
    var parts: [String] = []
    // Screens ask for commands with each frame, and few are two.
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
    // Texts may come through here twice, and some name the demo themselves.
    let isComplete = arguments.hasPrefix(" --demo") || (!options.isEmpty && arguments.hasPrefix(options))
    // A command that is about another cluster names it itself.
    var options = arguments.contains(" --context ") ? worldOptions : options
    // One that chooses a cluster does so with its argument.
    if arguments.hasPrefix(" cluster use ") { options = worldOptions + kubeconfigOption }
    if !arguments.contains(" --context "), Self.isAboutCluster(arguments) { options += clusterOptions }
    return isComplete ? String(command) : variables + name + options + arguments
  }

  /// A text with the commands in it as they are to be copied.
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
  /// An error with the commands in it as they are to be copied.
  package func completing(_ error: EngineError) -> EngineError {
    guard !isPlain else { return error }
    var error = error
    error.what = text(error.what)
    error.why = error.why.map(text)
    error.fix = error.fix.map(text)
    error.details = error.details.map(text)
    return error
  }

  /// The state of a cluster with the commands in its errors as they are to be copied.
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
