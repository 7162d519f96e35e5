import CommandOutput
import Engine

/// The options that decide how even an error about the other ones is shown, and what commands in it must repeat, read
/// without the parser.
package struct EarlyOptions: Equatable {
  package var color: ColorChoice = .auto
  package var ascii = false
  private(set) var isDemo = false
  private(set) var context: String?
  private(set) var kubeconfig: String?

  /// Looks for them anywhere before `--`. What is not understood here is left to the parser to complain about.
  package init(_ arguments: [String]) {
    var rest = arguments[...]
    while let argument = rest.popFirst(), argument != "--" {
      switch argument {
      case "--ascii": ascii = true
      case "--color": color = rest.first.flatMap(ColorChoice.init) ?? color
      case _ where argument.hasPrefix("--color="):
        color = ColorChoice(rawValue: String(argument.dropFirst("--color=".count))) ?? color
      case "--context": context = rest.first ?? context
      case "--kubeconfig": kubeconfig = rest.first ?? kubeconfig
      case _ where argument.hasPrefix("--context="): context = String(argument.dropFirst("--context=".count))
      case _ where argument.hasPrefix("--kubeconfig="): kubeconfig = String(argument.dropFirst("--kubeconfig=".count))
      case _ where argument == "--demo" || argument.hasPrefix("--demo-"): isDemo = true
      default: break
      }
    }
  }

  /// The console these options ask for.
  package func console(environment: [String: String]) -> Console {
    Console(
      environment: environment, color: color, ascii: ascii,
      invocation: Invocation(isDemo: isDemo, context: context, kubeconfig: kubeconfig, environment: environment))
  }
}
