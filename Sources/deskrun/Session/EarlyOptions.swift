import CommandOutput
import Engine

/// The options that determine how errors about other options are shown and which options commands in them repeat, read
/// without the parser.
package struct EarlyOptions: Equatable {
  package var color: ColorChoice = .auto
  package var ascii = false
  private(set) var isDemo = false
  private(set) var context: String?
  private(set) var kubeconfig: String?

  /// Finds them anywhere before `--`. Errors are left to the parser to report.
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

  /// The console for these options.
  package func console(environment: [String: String]) -> Console {
    Console(
      environment: environment, color: color, ascii: ascii,
      invocation: Invocation(isDemo: isDemo, context: context, kubeconfig: kubeconfig, environment: environment))
  }
}
