import Engine

/// Makes text fit for this program's own streams.
enum Sanitizer {
  /// The text on one line, safe to show.
  static func line(_ text: some StringProtocol) -> String { SafeText.line(text) }

  /// The text with its line breaks, safe to show.
  static func lines(_ text: some StringProtocol) -> String { SafeText.lines(text) }
}

extension Sanitizer {
  /// Beginnings of GitHub's tokens, as GitHub documents them.
  private static let tokenPrefixes = ["ghp_", "gho_", "ghu_", "ghs_", "ghr_", "github_pat_"]

  /// The text without anything that looks like a GitHub token or a private key: for messages that quote what was
  /// typed, where a secret may stand by mistake.
  static func withoutSecrets(_ text: String) -> String {
    var result = ""
    var rest = Substring(text)
    while !rest.isEmpty {
      if rest.hasPrefix("-----BEGIN ") {
        result += "(a private key)"
        rest = afterKey(rest)
      } else if let prefix = tokenPrefixes.first(where: { rest.hasPrefix($0) }) {
        result += prefix + "…"
        rest = rest.dropFirst(prefix.count).drop { $0.isLetter || $0.isNumber || $0 == "_" }
      } else {
        result.append(rest.removeFirst())
      }
    }
    return result
  }

  /// What follows a private key; nothing, when its end is missing.
  private static func afterKey(_ text: Substring) -> Substring {
    var rest = text
    while !rest.isEmpty, !rest.hasPrefix("-----END ") { rest.removeFirst() }
    return rest.dropFirst("-----END ".count).drop { $0 != "-" }.drop { $0 == "-" }
  }
}
