import ArgumentParser
import CommandOutput
import CommandSession
import Engine

/// Lets options stand before the command they belong to: `deskrun --demo add …` becomes `deskrun add --demo …`.
/// On the way, a word that is no command is refused with the near one.
enum ArgumentOrder {
  /// A command line in the order the parser wants.
  struct Arranged {
    /// All arguments, for the root of the command tree.
    var arguments: [String]
    /// The command they call and the arguments behind its name; nil when the root has to answer.
    var command: (type: any ParsableCommand.Type, arguments: [String])?
  }

  /// Puts a command line into order.
  ///
  /// - Parameter whenEmpty: what stands for a command line without a command.
  /// - Throws: `EngineError` of kind `usage`; a `HelpTopic` where that is asked for.
  static func arrange(_ arguments: [String], whenEmpty: [String]) throws -> Arranged {
    var rest = joiningSecrets(arguments)[...]
    var path: [String] = []
    var options: [String] = []
    var node: any ParsableCommand.Type = Deskrun.self
    while !node.configuration.subcommands.isEmpty, let argument = rest.first, argument != "--" {
      if argument.hasPrefix("-"), argument != "-" {
        if asksForItself.contains(argument) { return Arranged(arguments: path + rest) }
        options.append(rest.removeFirst())
        if GlobalOptions.takingValues.contains(argument), let value = rest.popFirst() { options.append(value) }
        continue
      }
      if argument == "help", path.isEmpty {
        let topic = rest.dropFirst().filter { !$0.hasPrefix("-") && $0 != "help" }
        if let page = HelpTopic(topic) { throw page }
        try refuseUnknownTopics(topic)
        return Arranged(arguments: topic + ["--help"])
      }
      guard let next = node.configuration.subcommands.first(where: { $0.names.contains(argument) }) else {
        throw unknownCommand(argument, after: path, among: node.configuration.subcommands)
      }
      path.append(rest.removeFirst())
      node = next
    }
    if path.isEmpty {
      try refuseUnknown(options)
      if !rest.isEmpty { return Arranged(arguments: Array(rest)) }
      return Arranged(arguments: whenEmpty == ["--help"] ? whenEmpty : whenEmpty + options)
    }
    let behind = options + rest
    return Arranged(
      arguments: path + behind, command: node.configuration.subcommands.isEmpty ? (node, behind) : nil)
  }

  /// Options of the program itself: answered where they stand, whatever comes with them.
  private static let asksForItself: Set<String> = [
    "-h", "--help", "--version", "--experimental-dump-help", "--generate-completion-script", "--help-hidden",
  ]

  /// Writes `--auth-value VALUE` as one argument where the parser would take the value for an option: a private key
  /// begins with dashes. What looks like an option of ours stays apart, so that a forgotten value is noticed.
  private static func joiningSecrets(_ arguments: [String]) -> [String] {
    var joined: [String] = []
    var rest = arguments[...]
    while let argument = rest.popFirst() {
      guard argument != "--" else { return joined + [argument] + rest }
      if argument == "--auth-value", let value = rest.first, value == "-" || value.hasPrefix("-----") {
        joined.append("\(argument)=\(rest.removeFirst())")
      } else {
        joined.append(argument)
      }
    }
    return joined
  }

  private static func refuseUnknownTopics(_ words: [String]) throws(EngineError) {
    var node: any ParsableCommand.Type = Deskrun.self
    var path: [String] = []
    for word in words {
      let commands = node.configuration.subcommands
      guard let next = commands.first(where: { $0.names.contains(word) }) else {
        throw unknownCommand(word, after: path, among: commands)
      }
      path.append(word)
      node = next
    }
  }

  private static func unknownCommand(
    _ word: String, after path: [String], among commands: [any ParsableCommand.Type]
  ) -> EngineError {
    let program = (["deskrun"] + path).joined(separator: " ")
    let names = commands.filter { $0.configuration.shouldDisplay }.flatMap { $0.names }
    let near = NearestName.of(word, among: names)
    let all = "`\(program) --help` lists the commands"
    return EngineError(
      .usage, "unknown command \"\(program) \(word)\"",
      fix: near.map { "did you mean `\(program) \($0)`? \(all)" } ?? all)
  }

  /// The first long option that the command does not have. The parser complains of a missing `--repository` before it
  /// complains of an unknown `--repo`, which helps nobody.
  static func unknownOption(_ arranged: Arranged) -> EngineError? {
    guard let (type, arguments) = arranged.command else { return nil }
    let known = Set(
      type.helpMessage(includeHidden: true, columns: 1000).split { !($0.isLetter || $0.isNumber || $0 == "-") }.map(
        String.init))
    let given = arguments.prefix { $0 != "--" }.filter { $0.hasPrefix("--") }.map { String($0.prefix { $0 != "=" }) }
    guard let unknown = given.first(where: { !known.contains($0) }) else { return nil }
    let program = (["deskrun"] + arranged.arguments.dropLast(arguments.count)).joined(separator: " ")
    let near = NearestName.of(unknown, among: known.filter { $0.hasPrefix("--") }.sorted())
    let all = "`\(program) --help` lists the options"
    return EngineError(
      .usage, "`\(program)` has no option \(unknown)", fix: near.map { "did you mean \($0)? \(all)" } ?? all)
  }

  private static func refuseUnknown(_ options: [String]) throws(EngineError) {
    var rest = options[...]
    while let option = rest.popFirst() {
      let name = option.prefix { $0 != "=" }
      guard GlobalOptions.names.contains(String(name)) else {
        let near = NearestName.of(String(name), among: Array(GlobalOptions.names))
        let all = "options of a command follow its name; `deskrun --help` lists the commands"
        throw EngineError(
          .usage, "unknown option \(name) without a command",
          fix: near.map { "did you mean \($0)? Other \(all)" } ?? all)
      }
      if GlobalOptions.takingValues.contains(option) { _ = rest.popFirst() }
    }
  }
}

extension ParsableCommand {
  /// The command's name and its other names.
  fileprivate static var names: [String] { [_commandName] + configuration.aliases }
}
