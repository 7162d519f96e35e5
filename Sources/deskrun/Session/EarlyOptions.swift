import CommandOutput

/// The two options that decide how even an error about the other ones is shown, read without the parser.
package struct EarlyOptions: Equatable {
  package var color: ColorChoice = .auto
  package var ascii = false

  /// Looks for them anywhere before `--`. What is not understood here is left to the parser to complain about.
  package init(_ arguments: [String]) {
    var rest = arguments[...]
    while let argument = rest.popFirst(), argument != "--" {
      switch argument {
      case "--ascii": ascii = true
      case "--color": color = rest.first.flatMap(ColorChoice.init) ?? color
      case _ where argument.hasPrefix("--color="):
        color = ColorChoice(rawValue: String(argument.dropFirst("--color=".count))) ?? color
      default: break
      }
    }
  }

  /// The console these options ask for.
  package func console(environment: [String: String]) -> Console {
    Console(environment: environment, color: color, ascii: ascii)
  }
}
