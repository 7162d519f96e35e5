import Basics
import Tools

/// The argument of `--auth-value`.
package enum CredentialArgument: Sendable, Equatable {
  /// The secret itself. Everybody on the machine can read it in the process list.
  case literal(Secret)
  /// `@FILE`.
  case file(String)
  /// `-`.
  case standardInput
  /// `env:NAME`.
  case environment(String)
  /// `gh`.
  case gh

  /// Parses the argument.
  ///
  /// - Throws: `EngineError` of kind `invalid` if a reference names nothing.
  package init(_ text: String) throws(EngineError) {
    let ways = "Give a token, @FILE, - for standard input, env:NAME or gh"
    switch text {
    case "": throw EngineError(.invalid, "--auth-value is empty", fix: ways)
    case "-": self = .standardInput
    case "gh": self = .gh
    case _ where text.hasPrefix("@"):
      guard text.count > 1 else { throw EngineError(.invalid, "--auth-value @ names no file", fix: ways) }
      self = .file(String(text.dropFirst()))
    case _ where text.hasPrefix("env:"):
      let name = text.dropFirst(4)
      let isName =
        !name.isEmpty && name.first?.isNumber == false
        && name.utf8.allSatisfy { $0.isASCIILetterOrDigit || $0 == UInt8(ascii: "_") }
      guard isName else {
        throw EngineError(
          .invalid, "--auth-value env: names no environment variable", fix: "For example: env:GITHUB_TOKEN")
      }
      SecretVariables.note(String(name))
      self = .environment(String(name))
    default: self = .literal(Secret(text))
    }
  }
}
