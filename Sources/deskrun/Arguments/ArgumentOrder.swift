import ArgumentParser
import Engine

/// Lets options stand before the command they belong to: `deskrun --demo add …` becomes `deskrun add --demo …`.
/// On the way, a word that is no command is refused with the near one.
enum ArgumentOrder {
  /// The arguments in the order the parser wants.
  ///
  /// - Parameter whenEmpty: what stands for a command line without a command.
  /// - Throws: `EngineError` of kind `usage`.
  static func arrange(_ arguments: [String], whenEmpty: [String]) throws(EngineError) -> [String] {
    var rest = joiningSecrets(arguments)[...]
    var path: [String] = []
    var options: [String] = []
    var node: any ParsableCommand.Type = Deskrun.self
    while !node.configuration.subcommands.isEmpty, let argument = rest.first, argument != "--" {
      if argument.hasPrefix("-"), argument != "-" {
        if asksForItself.contains(argument) { return path + rest }
        options.append(rest.removeFirst())
        if GlobalOptions.takingValues.contains(argument), let value = rest.popFirst() { options.append(value) }
        continue
      }
      if argument == "help", path.isEmpty {
        try refuseUnknownTopics(rest.dropFirst())
        return Array(rest)
      }
      guard let next = node.configuration.subcommands.first(where: { $0.names.contains(argument) }) else {
        throw unknownCommand(argument, after: path, among: node.configuration.subcommands)
      }
      path.append(rest.removeFirst())
      node = next
    }
    if path.isEmpty {
      try refuseUnknown(options)
      if !rest.isEmpty { return Array(rest) }
      return whenEmpty == ["--help"] ? whenEmpty : whenEmpty + options
    }
    return path + options + rest
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

  private static func refuseUnknownTopics(_ words: ArraySlice<String>) throws(EngineError) {
    var node: any ParsableCommand.Type = Deskrun.self
    var path: [String] = []
    for word in words where !word.hasPrefix("-") && word != "help" {
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
    let all = "`\(program) --help` lists what there is"
    return EngineError(
      .usage, "there is no command \"\(program) \(word)\"",
      fix: near.map { "did you mean `\(program) \($0)`? \(all)" } ?? all)
  }

  private static func refuseUnknown(_ options: [String]) throws(EngineError) {
    var rest = options[...]
    while let option = rest.popFirst() {
      let name = option.prefix { $0 != "=" }
      guard GlobalOptions.names.contains(String(name)) else {
        let near = NearestName.of(String(name), among: Array(GlobalOptions.names))
        let all = "options of a command stand after it; `deskrun --help` lists the commands"
        throw EngineError(
          .usage, "there is no option \(name) without a command",
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
