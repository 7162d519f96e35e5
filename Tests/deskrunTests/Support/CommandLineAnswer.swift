import Basics

@testable import CommandOutput
@testable import deskrun

/// The program's response to a command line that it does not run: help, or an error.
///
/// It is created in this process: the argument parser of a debug build validates all commands at every start, which
/// takes most of the time of such a start. A few tests check that the program itself responds the same.
enum CommandLineAnswer {
  static func to(_ arguments: [String]) -> DeskrunBinary.Outcome {
    let recorded = RecordedConsole(live: false)
    do {
      var command = try Main.parse(try ArgumentOrder.arrange(arguments, whenEmpty: ["--help"]))
      // The parser's own help command, which is not in the tree, throws the help text.
      if "\(type(of: command))" == "HelpCommand" { try command.run() }
      return DeskrunBinary.Outcome(status: 0, output: "", errors: "nothing is wrong with it")
    } catch {
      let status = Main.status(of: error, recorded.console, columns: 80)
      return DeskrunBinary.Outcome(status: status, output: recorded.output.text, errors: recorded.errors.text)
    }
  }

  /// The help of a command, cached because several tests read it.
  static func help(_ path: [String]) -> DeskrunBinary.Outcome {
    if let known = helps.withLock({ $0[path] }) { return known }
    let help = to(path + ["--help"])
    helps.withLock { $0[path] = help }
    return help
  }

  private static let helps = Lock<[[String]: DeskrunBinary.Outcome]>([:])
}
