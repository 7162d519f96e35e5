import ArgumentParser
import CommandOutput
import CommandSession
import Engine

/// Completions of a command line. The scripts of all shells call this program, so that all offer the same: commands
/// with their aliases, options, their values, and names from files.
struct CompletionAnswer: Equatable {
  /// A completion and its description.
  struct Word: Equatable {
    var text: String
    var about = ""
  }

  var words: [Word] = []
  /// The prefix after which file names are completed too: `@`, or empty.
  var files: String?

  /// Answers the hidden command: `names` and similar for scripts of earlier versions, or `-- WORD…`, the words after
  /// the program's name up to the one being typed.
  ///
  /// Each line is a word, a tab and its description, or `:files:` and the prefix after which to complete file names.
  ///
  /// - Throws: `StreamClosed`, or an `EngineError` of kind `usage`.
  static func write(_ arguments: [String], environment: [String: String], to console: Console) throws {
    if arguments.count == 1, let kind = Completions.Names(rawValue: arguments[0]) {
      let names = Completions.names(kind, isDemo: false, environment: environment)
      return try console.write(names.map { "\($0)\n" }.joined())
    }
    guard arguments.first == "--" else {
      throw EngineError(.usage, "only `deskrun \(Completions.command) -- WORD…` can be asked for")
    }
    let answer = CompletionAnswer(words: Array(arguments.dropFirst()), environment: environment)
    try console.write(answer.words.map { "\($0.text)\u{9}\($0.about)\n" }.joined())
    if let files = answer.files { try console.write(":files:\(files)\n") }
  }

  /// - Parameter words: the words after the program's name; the last one is being typed and may be empty.
  init(words given: [String], environment: [String: String]) {
    let current = given.last ?? ""
    let line = CompletionLine(given.dropLast())
    if let option = line.pending {
      complete(option, current, line, environment)
    } else if current.hasPrefix("--"), !line.isOver, let equals = current.firstIndex(of: "="),
      let option = line.option(String(current[..<equals]))
    {
      let head = String(current[...equals])
      complete(option, String(current.dropFirst(head.count)), line, environment)
      words = words.map { Word(text: head + $0.text, about: $0.about) }
      files = files.map { head + $0 }
    } else if current.hasPrefix("-"), !line.isHelp, !line.isOver {
      // The demo has many options of its own, which have their own help page.
      words = line.options.flatMap { option in
        option.names.filter { $0.hasPrefix(current) && (!option.isHidden || current.hasPrefix("--demo")) }
          .map { Word(text: $0, about: option.about) }
      }
    } else if !line.commands.isEmpty {
      let topics = HelpTopic.allCases.map { Word(text: $0.rawValue, about: "how it works and its options") }
      let own =
        line.isHelp && line.isAtRoot
        ? topics : line.isAtRoot ? [Word(text: "help", about: "Show the help of a command.")] : []
      words = (line.commands.flatMap(Self.words) + own).filter { $0.text.hasPrefix(current) }
    } else if !line.isHelp, let argument = line.nextPositional {
      complete(argument, current, line, environment)
    }
  }

  private static func words(_ command: any ParsableCommand.Type) -> [Word] {
    guard command.configuration.shouldDisplay else { return [] }
    return ([command._commandName] + command.configuration.aliases).map {
      Word(text: $0, about: command.configuration.abstract)
    }
  }

  /// Adds the values of an option or argument.
  private mutating func complete(
    _ argument: CompletionLine.Argument, _ current: String, _ line: CompletionLine, _ environment: [String: String]
  ) {
    func fitting(_ texts: [String]) -> [Word] { texts.filter { $0.hasPrefix(current) }.map { Word(text: $0) } }
    if argument.names.contains("--auth-value") {
      if current.hasPrefix("@") { return files = "@" }
      if current.hasPrefix("env:") { return words = fitting(environment.keys.sorted().map { "env:\($0)" }) }
      words = [
        Word(text: "gh", about: "the token of the GitHub command line"), Word(text: "@", about: "a file"),
        Word(text: "env:", about: "an environment variable"), Word(text: "-", about: "standard input"),
      ].filter { $0.text.hasPrefix(current) }
      return
    }
    switch argument.values {
    case .none: break
    case .files: files = ""
    case .list(let values): words = fitting(values)
    case .names(let kind):
      words = fitting(
        Completions.names(
          kind, isDemo: line.isDemo, kubeconfig: line.value("--kubeconfig"), environment: environment))
    }
  }
}
