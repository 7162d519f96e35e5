/// Finds what looks like a secret in text that quotes users or other programs.
public enum SecretMask {
  /// Beginnings of GitHub's tokens, as GitHub documents them.
  private static let tokenPrefixes = ["ghp_", "gho_", "ghu_", "ghs_", "ghr_", "github_pat_"]
  private static let keyStart = "-----BEGIN "
  /// Letters and digits after the beginning from which on it is a token and not a name that begins like one.
  private static let tokenLength = 16

  /// The text without anything that looks like a GitHub token or a private key.
  public static func masked(_ text: String) -> String {
    guard text.contains(keyStart) || tokenPrefixes.contains(where: { text.contains($0) }) else { return text }
    var result = ""
    var rest = Substring(text)
    while !rest.isEmpty {
      if rest.hasPrefix(keyStart) {
        result += "(a private key)"
        rest = afterKey(rest)
      } else if let prefix = tokenPrefixes.first(where: { rest.hasPrefix($0) }) {
        result += prefix + "…"
        rest = rest.dropFirst(prefix.count).drop(while: isTokenCharacter)
      } else {
        result.append(rest.removeFirst())
      }
    }
    return result
  }

  /// Whether there is a whole token or a private key in it.
  public static func isSecret(_ text: String) -> Bool {
    if text.contains(keyStart) { return true }
    if text.count == 40, text.allSatisfy({ $0.isASCII && $0.isHexDigit }) { return true }
    return tokenPrefixes.contains { prefix in
      text.ranges(of: prefix).contains { text[$0.upperBound...].prefix(while: isTokenCharacter).count >= tokenLength }
    }
  }

  private static func isTokenCharacter(_ character: Character) -> Bool {
    character.isLetter || character.isNumber || character == "_"
  }

  /// What follows a private key; nothing, when its end is missing.
  private static func afterKey(_ text: Substring) -> Substring {
    var rest = text
    while !rest.isEmpty, !rest.hasPrefix("-----END ") { rest.removeFirst() }
    return rest.dropFirst("-----END ".count).drop { $0 != "-" }.drop { $0 == "-" }
  }
}
