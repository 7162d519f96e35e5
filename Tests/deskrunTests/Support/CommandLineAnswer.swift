import Basics

@testable import CommandOutput
@testable import deskrun

/// What the program says to a command line that it does not come to run: help, and what is wrong with it.
///
/// Asked in this process: the argument parser of a debug build checks all commands at every start, which is most of the
/// time such a start takes. That the program itself says the same is seen with a few.
enum CommandLineAnswer {
  static func to(_ arguments: [String]) -> DeskrunBinary.Outcome {
    let recorded = RecordedConsole(live: false)
    do {
      var command = try Main.parse(try ArgumentOrder.arrange(arguments, whenEmpty: ["--help"]))
      // The parser's own command, which is no part of the tree, throws the text of the help.
      if "\(type(of: command))" == "HelpCommand" { try command.run() }
      return DeskrunBinary.Outcome(status: 0, output: "", errors: "nothing is wrong with it")
    } catch {
      let status = Main.status(of: error, recorded.console, columns: 80)
      return DeskrunBinary.Outcome(status: status, output: recorded.output.text, errors: recorded.errors.text)
    }
  }

  /// The help of a command, which several tests read and which is worked out once.
  static func help(_ path: [String]) -> DeskrunBinary.Outcome {
    if let known = helps.withLock({ $0[path] }) { return known }
    let help = to(path + ["--help"])
    helps.withLock { $0[path] = help }
    return help
  }

  private static let helps = Lock<[[String]: DeskrunBinary.Outcome]>([:])
}
