import ArgumentParser
import CommandSession
import Engine

/// The part of a command line before the word being typed, parsed as far as possible.
struct CompletionLine {
  /// An option or a positional argument of a command.
  struct Argument {
    /// The possible values.
    enum Values {
      case none
      case files
      case list([String])
      case names(Completions.Names)
    }

    /// With hyphens; empty for a positional argument.
    var names: [String]
    var about: String
    var values = Values.none
    var takesValue: Bool
    var isHidden: Bool
    var isRepeating: Bool
  }

  /// The commands that can follow; empty once the command is complete.
  private(set) var commands: [any ParsableCommand.Type]
  private(set) var isAtRoot = true
  /// Whether help for a command is requested: `help add`.
  private(set) var isHelp = false
  /// Options of the command, or those of all commands if none is named.
  private(set) var options: [Argument]
  private var positionals: [Argument] = []
  private var positionalsGiven = 0
  private var given: [String: String] = [:]
  /// Whether it is about the embedded cluster.
  private(set) var isDemo = false
  /// Whether `--` was given, after which nothing is an option.
  private(set) var isOver = false
  /// The option whose value is being typed.
  private(set) var pending: Argument?

  init(_ words: some Sequence<String>) {
    commands = Deskrun.configuration.subcommands
    options = Self.arguments(of: GlobalOptions.self).options
    for word in words {
      if let option = pending {
        for name in option.names { given[name] = word }
        pending = nil
      } else if word == "--" {
        isOver = true
      } else if word.hasPrefix("-"), word != "-", !isOver {
        take(option: word)
      } else if isAtRoot, word == "help", !isHelp {
        isHelp = true
      } else if !commands.isEmpty {
        take(command: word)
      } else {
        positionalsGiven += 1
      }
    }
  }

  private mutating func take(option word: String) {
    if word == "--demo" || word.hasPrefix("--demo-") { isDemo = true }
    let parts = word.split(separator: "=", maxSplits: 1).map(String.init)
    // Without a command, options are those of the dashboard.
    let others = isAtRoot ? Self.arguments(of: TUICommand.self).options : []
    let found = option(parts[0]) ?? others.first { $0.names.contains(parts[0]) }
    guard let option = found, option.takesValue else { return }
    if parts.count == 2 {
      for name in option.names { given[name] = parts[1] }
    } else {
      pending = option
    }
  }

  private mutating func take(command word: String) {
    let next = commands.first { $0._commandName == word || $0.configuration.aliases.contains(word) }
    isAtRoot = false
    commands = next?.configuration.subcommands ?? []
    guard let next, commands.isEmpty else { return }
    (options, positionals) = Self.arguments(of: next)
  }

  /// The option with a name.
  func option(_ name: String) -> Argument? { options.first { $0.names.contains(name) } }

  /// The value given for an option.
  func value(_ name: String) -> String? { given[name] }

  /// The next positional argument; nil if no more can follow.
  var nextPositional: Argument? {
    if positionalsGiven < positionals.count { return positionals[positionalsGiven] }
    return positionals.last.flatMap { $0.isRepeating ? $0 : nil }
  }

  /// The arguments of a command, as described by the argument parser.
  private static func arguments(
    of type: any ParsableArguments.Type
  ) -> (options: [Argument], positionals: [Argument]) {
    let described = try? JSONValue(parsing: type._dumpHelp())["command"]?["arguments"]?.arrayValue
    var (options, positionals): ([Argument], [Argument]) = ([], [])
    for one in described ?? [] {
      let names = (one["names"]?.arrayValue ?? []).compactMap { name -> String? in
        name["name"]?.stringValue.map { (name["kind"] == "long" ? "--" : "-") + $0 }
      }
      let argument = Argument(
        names: names, about: one["abstract"]?.stringValue ?? "", values: values(one),
        takesValue: one["kind"] != "flag", isHidden: one["shouldDisplay"] == false,
        isRepeating: one["isRepeating"] == true)
      if one["kind"] == "positional" { positionals.append(argument) } else { options.append(argument) }
    }
    return (options, positionals)
  }

  private static func values(_ described: JSONValue) -> Argument.Values {
    let kind = described["completionKind"]
    if let command = kind?["shellCommand"]?["command"]?.stringValue {
      let names = Completions.Names.allCases.first { command.contains("\(Completions.command) \($0.rawValue) ") }
      return names.map(Argument.Values.names) ?? .none
    }
    if kind?["file"] != nil || kind?["directory"] != nil { return .files }
    let list = kind?["list"]?["values"]?.arrayValue ?? described["allValues"]?.arrayValue
    return list.map { .list($0.compactMap(\.stringValue)) } ?? .none
  }
}
