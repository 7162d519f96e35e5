import ArgumentParser
import CommandSession

/// A command that accepts several clusters. All other commands reject a second `--context`.
protocol SeveralClusterCommand: ParsableCommand {
  var global: GlobalOptions { get }
}

extension SeveralClusterCommand {
  func sessionForSeveral() throws -> Session { try Session(global, takesSeveral: true) }
}

extension HelpText {
  /// Changes the usage line to a single `--context` for commands that accept one. All commands use the same options
  /// type, so the argument parser's help is the same for both.
  static func withOneContext(_ help: String) -> String {
    let several = Deskrun.configuration.subcommands.filter { $0 is any SeveralClusterCommand.Type }
    let names = several.map { $0._commandName }
    let lines = help.split(separator: "\n", omittingEmptySubsequences: false).map { line in
      let isOfSeveral = names.contains { line.hasPrefix("USAGE: deskrun \($0) ") }
      guard line.hasPrefix("USAGE:"), !isOfSeveral else { return String(line) }
      return String(line).replacing("[--context <name> ...]", with: "[--context <name>]")
    }
    return lines.joined(separator: "\n")
  }
}
