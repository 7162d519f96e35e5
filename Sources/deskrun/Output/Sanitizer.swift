import Engine

/// Sanitizes text for this program's own streams.
package enum Sanitizer {
  /// The text on one line, safe to show.
  package static func line(_ text: some StringProtocol) -> String { SafeText.line(text) }

  /// The text with its line breaks, safe to show.
  package static func lines(_ text: some StringProtocol) -> String { SafeText.lines(text) }
}

extension Sanitizer {
  /// The text without anything that looks like a GitHub token or a private key: for messages that quote user input or
  /// output of tools, which may contain secrets by mistake.
  package static func withoutSecrets(_ text: String) -> String { SecretMask.masked(text) }
}
