import ArgumentParser
import CommandOutput
import CommandSession
import Engine

/// Allows options before their command: `deskrun --demo add …` becomes `deskrun add --demo …`. A word that is not a
/// command is rejected with a suggestion.
enum ArgumentOrder {
  /// A command line in the order that the parser expects.
  struct Arranged {
    /// All arguments, for the root command.
    var arguments: [String]
    /// The command and the arguments after its name; nil if the root command should handle them.
    var command: (type: any ParsableCommand.Type, arguments: [String])?
    /// Whether one of the arguments is `--help`.
    var asksForHelp: Bool { arguments.contains("--help") || arguments.contains("-h") }
  }

  /// Rearranges a command line.
  ///
  /// - Parameter whenEmpty: the replacement for a command line without a command.
  /// - Throws: `EngineError` of kind `usage`; a `HelpTopic` if that was requested.
  static func arrange(_ arguments: [String], whenEmpty: [String]) throws -> Arranged {
    var rest = joiningDashedValues(arguments)[...]
    var path: [String] = []
    var options: [String] = []
    var node: any ParsableCommand.Type = Deskrun.self
    while !node.configuration.subcommands.isEmpty, let argument = rest.first, argument != "--" {
      if argument.hasPrefix("-"), argument != "-" {
        if asksForItself.contains(argument) { return Arranged(arguments: path + rest) }
        options.append(rest.removeFirst())
        let takesValue =
          GlobalOptions.takingValues.contains(argument) || path.isEmpty && dashboardTakingValues.contains(argument)
        if takesValue, let value = rest.popFirst() { options.append(value) }
        continue
      }
      if argument == "help", path.isEmpty {
        let topic = rest.dropFirst().filter { !$0.hasPrefix("-") && $0 != "help" }
        if let page = HelpTopic(topic) { throw page }
        try refuseUnknownTopics(topic)
        return Arranged(arguments: topic + ["--help"])
      }
      guard let next = node.configuration.subcommands.first(where: { $0.names.contains(argument) }) else {
        throw misplacedOption(options.last, rest, after: path, among: node.configuration.subcommands)
          ?? unknownCommand(argument, after: path, among: node.configuration.subcommands)
      }
      path.append(rest.removeFirst())
      node = next
    }
    if path.isEmpty {
      // `deskrun` without a command is the dashboard, and accepts its options.
      if rest.isEmpty, !dashboardOptions.isDisjoint(with: options.map { String($0.prefix { $0 != "=" }) }) {
        return Arranged(arguments: ["tui"] + options, command: (TUICommand.self, options))
      }
      try refuseUnknown(options)
      if !rest.isEmpty { return Arranged(arguments: Array(rest)) }
      return Arranged(arguments: whenEmpty == ["--help"] ? whenEmpty : whenEmpty + options)
    }
    // A group of commands without a subcommand shows its help, whatever options it has.
    if rest.isEmpty, !node.configuration.subcommands.isEmpty { return Arranged(arguments: path) }
    let behind = options + rest
    return Arranged(
      arguments: path + behind, command: node.configuration.subcommands.isEmpty ? (node, behind) : nil)
  }

  /// Options of the dashboard only.
  private static let dashboardOptions: Set<String> = [
    "--read-only", "--theme", "--mouse", "--no-mouse", "--snapshot",
  ]
  private static let dashboardTakingValues: Set<String> = ["--theme", "--snapshot"]

  /// Options of the program itself, which take effect whatever other arguments there are.
  private static let asksForItself: Set<String> = [
    "-h", "--help", "--version", "--experimental-dump-help", "--generate-completion-script", "--help-hidden",
  ]

  /// Joins an option and its value if the parser would mistake the value for an option: a private key starts with
  /// hyphens, and a number may be negative, which the option rejects with a reason. Anything that looks like a deskrun
  /// option is left alone, so that a missing value is noticed.
  private static func joiningDashedValues(_ arguments: [String]) -> [String] {
    var joined: [String] = []
    var rest = arguments[...]
    while let argument = rest.popFirst() {
      guard argument != "--" else { return joined + [argument] + rest }
      if let value = rest.first, isSecret(value, of: argument) || isNegative(value, of: argument) {
        joined.append("\(argument)=\(rest.removeFirst())")
      } else {
        joined.append(argument)
      }
    }
    return joined
  }

  private static func isSecret(_ value: String, of option: String) -> Bool {
    option == "--auth-value" && (value == "-" || value.hasPrefix("-----"))
  }

  private static func isNegative(_ value: String, of option: String) -> Bool {
    option.hasPrefix("--") && !option.contains("=") && isNegative(value)
  }

  /// Whether an argument is a negative number. No short option is a digit.
  private static func isNegative(_ argument: String) -> Bool {
    argument.hasPrefix("-") && argument.utf8.count > 1
      && argument.dropFirst().utf8.allSatisfy { (0x30...0x39).contains($0) || $0 == UInt8(ascii: ".") }
  }

  /// The error for a negative number without an option: the parser would call it an unknown option.
  static func negativeNumber(_ arranged: Arranged) -> EngineError? {
    let arguments = arranged.command?.arguments ?? arranged.arguments
    guard let number = arguments.prefix(while: { $0 != "--" }).first(where: isNegative) else { return nil }
    return EngineError(.usage, "\(number) is below 0", why: "a number of runners must be 0 or more")
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

  /// The error for the value of an option that only commands have, given before the command: it looks like a command.
  private static func misplacedOption(
    _ option: String?, _ rest: ArraySlice<String>, after path: [String], among commands: [any ParsableCommand.Type]
  ) -> EngineError? {
    guard let option, option.hasPrefix("-"), !option.contains("="), !GlobalOptions.names.contains(option),
      let value = rest.first,
      let at = rest.dropFirst().firstIndex(where: { word in
        commands.contains { $0.names.contains(word) }
      })
    else { return nil }
    let words = ["deskrun"] + path + [rest[at], option, value]
    return EngineError(
      .usage, "\(option) is an option of a command, so it follows the command's name",
      fix: "`\(SafeText.line(ToolCall.quoted(words)))`")
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

  /// The error for the first unknown long option. The parser would report a missing `--repository` before an unknown
  /// `--repo`, which does not help.
  static func unknownOption(_ arranged: Arranged) -> EngineError? {
    guard let (type, arguments) = arranged.command else { return nil }
    let given = arguments.prefix { $0 != "--" }.filter {
      $0.hasPrefix("--") || $0.utf8.count == 2 && $0.hasPrefix("-") && $0.dropFirst().allSatisfy(\.isLetter)
    }.map { String($0.prefix { $0 != "=" }) }
      .filter { !GlobalOptions.names.contains($0) && !asksForItself.contains($0) }
    guard !given.isEmpty else { return nil }
    let known = Set(
      type.helpMessage(includeHidden: true, columns: 1000).split { !($0.isLetter || $0.isNumber || $0 == "-") }.map(
        String.init))
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
  /// The command's name and aliases.
  fileprivate static var names: [String] { [_commandName] + configuration.aliases }
}
