import Basics

/// Determines which lines of a values file may contain secrets. The file may not even be YAML, so lines are examined; a
/// false positive costs a quotation, a false negative a secret.
struct SecretLines {
  private let lines: [String]

  init(_ lines: [String]) { self.lines = lines }

  private static let words = [
    "token", "passw", "secret", "private_key", "privatekey", "private key", "credential", "apikey", "api_key", "_key",
    "-----",
  ]

  /// The maximum distance in lines between a variable's name and its value.
  private static let neighbors = 2

  /// Whether a line, starting at 1, may contain a secret.
  func contains(_ number: Int) -> Bool {
    guard lines.indices.contains(number - 1) else { return false }
    let at = number - 1
    let near = max(0, at - Self.neighbors)...min(lines.count - 1, at + Self.neighbors)
    return near.contains { isTelling(lines[$0]) } || looksEncoded(lines[at]) || holdsPassword(lines[at])
      || isBelowTelling(at) || isInKey(at) || isInCredentials(at)
  }

  private func isTelling(_ line: String) -> Bool {
    let line = line.lowercased()
    return Self.words.contains { line.firstRange(of: $0) != nil }
  }

  /// `http://user:password@host`
  private func holdsPassword(_ line: String) -> Bool { PlainSecrets.withoutPassword(line) != line }

  /// Whether it contains a long word of letters and digits, as in encoded data.
  private func looksEncoded(_ line: String) -> Bool {
    line.utf8.split { byte in
      switch byte {
      case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, UInt8(ascii: "+"), UInt8(ascii: "="), UInt8(ascii: "_"),
        UInt8(ascii: "/"):
        false
      default: true
      }
    }.contains { word in
      word.count >= 40
        || word.count >= 20 && word.contains { (0x30...0x39).contains($0) }
          && word.contains { (0x41...0x7A).contains($0) }
    }
  }

  private func indentation(_ line: String) -> Int { line.prefix { $0 == " " }.count }

  /// Whether a less indented key above names a secret.
  private func isBelowTelling(_ at: Int) -> Bool {
    var indentation = isBlank(lines[at]) ? Int.max : indentation(lines[at])
    for line in lines[..<at].reversed() where !isBlank(line) && self.indentation(line) < indentation {
      if isTelling(line) { return true }
      indentation = self.indentation(line)
    }
    return false
  }

  private func isBlank(_ line: String) -> Bool { line.allSatisfy(\.isWhitespace) }

  /// Whether a private key started above and has not ended before this line.
  private func isInKey(_ at: Int) -> Bool {
    let last = lines[..<at].lastIndex { $0.firstRange(of: "-----") != nil }
    return last.map { lines[$0].firstRange(of: "-----BEGIN") != nil } ?? false
  }

  /// Whether `githubConfigSecret` started above, with no other key of the chart since.
  private func isInCredentials(_ at: Int) -> Bool {
    guard let start = lines[..<at].lastIndex(where: { $0.firstRange(of: "githubConfigSecret") != nil }) else {
      return false
    }
    let depth = indentation(lines[start])
    return !lines[(start + 1)...at].contains { line in
      guard indentation(line) <= depth, let colon = line.firstIndex(of: ":") else { return false }
      return ChartKeys.isKnown(String(line[..<colon]).trimmingSpaces)
    }
  }
}
